/** A host: switches and bridges, the state and its database, functions and the API, put together. */
import type { Store } from '../../db/store/store.ts'
import { type Build, buildFunctions } from '../deploy/build.ts'
import { type Unwatch, watchFunctions } from '../deploy/watch.ts'
import type { Functions } from '../dispatch/functions.ts'
import type { Audit } from '../http/answers/host.ts'
import { ApiError } from '../http/errors.ts'
import type { HttpServer } from '../http/server.ts'
import { ensureToken } from '../http/shell/token.ts'
import { createLogger, type Logger } from '../log.ts'
import type { NetworkEvent } from '../openvnet/events.ts'
import { type Problem, type Result, success } from '../problem.ts'
import { audit, OneAtATime } from './audit.ts'
import { Bridges } from './bridges.ts'
import type { HostConfig } from './config.ts'
import { isHeard, switchReports } from './events/connections.ts'
import { EventStreams } from './events/event-streams.ts'
import { SilenceWatch } from './events/silence.ts'
import { LostEvents } from './lost-events.ts'
import type { NetworkStateEvents } from './network-state.ts'
import { planOf } from './plan/plan.ts'
import { ReachDatabase } from './reach-database.ts'
import { serveApi } from './serve-api.ts'
import { Serving } from './serving.ts'
import { Switches } from './switches.ts'

/** For OVSDBs that do not answer; their switches are served when they do. */
const firstReadPatienceMs = 500

export interface Host {
  readonly apiUrl: string
  /** Resolves when it can go on no more by itself: it is to be stopped, and started anew. */
  readonly failed: Promise<Problem>
  /** Differences between state and switches, by recomputing everything. */
  audit(): Promise<Audit>
  /** Ends it; flows stay in the switches. */
  stop(): Promise<void>
}

/** Starts a host. A database server that is away is waited for, with the API answering 503; anything else that fails is the problem. */
export async function startHost(config: HostConfig): Promise<Result<Host>> {
  const log = createLogger(config.logLevel)
  const token = ensureToken(config.stateFolder)
  if (!token.ok) return token
  const host = new RunningHost(config, log)
  const started = await host.start(token.value)
  if (started.ok) return success(host)
  await host.stop()
  return started
}

class RunningHost implements Host {
  readonly #config: HostConfig
  readonly #log: Logger
  readonly #switches: Switches
  #bridges: Bridges | undefined
  #server: HttpServer | undefined
  #serving: Serving | undefined
  #stopped: Promise<void> | undefined
  readonly #database: ReachDatabase
  readonly #failed = Promise.withResolvers<Problem>()
  #unwatch: Unwatch | undefined
  readonly #lostEvents: LostEvents
  readonly #events: EventStreams
  #build: Promise<Build> | undefined
  readonly #audits = new OneAtATime(async () => audit(this.#begun().state, this.#switches))

  constructor(config: HostConfig, log: Logger) {
    this.#config = config
    this.#log = log
    this.#events = new EventStreams(() => this.#serving, config.nodeId)
    this.#database = new ReachDatabase({ ...config, serve: (store) => this.#serve(store), log })
    this.#switches = new Switches({ config, log, bridges: () => this.#bridges })
    this.#lostEvents = new LostEvents(log, (dpid) => {
      this.#bridges?.tellPorts(dpid)
      this.#switches.tellPorts(dpid)
    })
  }

  get failed(): Promise<Problem> {
    return this.#failed.promise
  }

  get apiUrl(): string {
    return this.#server?.url ?? ''
  }

  async start(token: string): Promise<Result<void>> {
    this.#build = buildFunctions(this.#config.functionsFolder)
    this.#build.catch(() => {})
    const listening = await this.#switches.channel.start()
    if (!listening.ok) return listening
    const bridges = Bridges.start({
      config: this.#config,
      channel: this.#switches.channel,
      log: this.#log,
      state: () => this.#serving?.state,
      event: (event) => void this.#event(event),
      flowsFlushed: (dpid) => this.#switches.resync(dpid),
      alarm: this.#events.alarm,
    })
    if (!bridges.ok) return bridges
    this.#bridges = bridges.value
    const server = await this.#serveApi(token)
    if (!server.ok) return server
    this.#server = server.value
    return this.#database.start()
  }

  audit(): Promise<Audit> {
    return this.#audits.ask()
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop() {
    this.#database.stop()
    this.#unwatch?.()
    this.#lostEvents.close()
    // Who waits for switches is told now how far they are: it could be a minute.
    const left = this.#serving?.leave()
    this.#events.close()
    await this.#server?.stop()
    await this.#bridges?.close()
    this.#serving?.functions.close()
    this.#switches.channel.close()
    await left
    await this.#serving?.store.close()
  }

  #serveApi(token: string): Promise<Result<HttpServer>> {
    return serveApi({
      config: this.#config,
      token,
      log: this.#log,
      switches: this.#switches,
      events: this.#events,
      begun: () => this.#begun(),
      audit: () => this.audit(),
    })
  }

  /** What there is with a database; throws what the API answers without. */
  #begun(): Serving {
    if (this.#serving !== undefined) return this.#serving
    const { problem } = this.#database
    const why = problem === undefined ? '' : `: ${problem.what}`
    throw new ApiError('Unavailable', `the database is not reached yet${why}; try again`)
  }

  /** Begins with a store. Where it answers a problem, or throws, nothing of it is left but the store. */
  async #serve(store: Store): Promise<Problem | undefined> {
    const serving = this.#servingOf(store)
    try {
      const problem = (await serving.start(this.#takeBuild())) ?? (await this.#begin(serving))
      if (problem !== undefined) await this.#undo(serving)
      return problem
    } catch (error) {
      await this.#undo(serving)
      throw error
    }
  }

  async #begin(serving: Serving): Promise<Problem | undefined> {
    // What serves is ended by `stop`, which would not see this any more.
    if (this.#stopped !== undefined) return { what: 'the host is stopping', where: 'vnet host' }
    this.#serving = serving
    if (this.#config.watch) this.#watch(serving.functions)
    await this.#serveSwitches(serving)
    const { problem, isLate } = await serving.whenDeployed()
    if (problem === undefined && !isLate)
      this.#log.info('ready', { api: this.apiUrl, revision: serving.state.view.revision })
    return problem
  }

  async #undo(serving: Serving): Promise<void> {
    this.#switches.unserve()
    this.#serving = undefined
    this.#unwatch?.()
    await serving.close()
  }

  /** The functions as they are built first, while the database is opened; for a later attempt anew. */
  #takeBuild(): Promise<Build> {
    const build = this.#build ?? buildFunctions(this.#config.functionsFolder)
    this.#build = undefined
    return build
  }

  #servingOf(store: Store): Serving {
    const silence = new SilenceWatch()
    const serving: Serving = new Serving({
      ...{ store, config: this.#config, log: this.#log },
      functions: {
        session: (dpid) => this.#switches.effectsTo(dpid),
        onLost: (dpid) => this.#lostEvents.lost(dpid),
        onAlarm: this.#events.alarm,
        plan: (job) => planOf(this.#begun().state, job),
        switches: () => switchReports(this.#begun(), silence),
      },
      stateEvents: this.#stateEvents(),
      heard: this.#events.progress,
      onFailure: (problem) => {
        if (this.#serving === serving) this.#failed.resolve(problem)
      },
    })
    return serving
  }

  async #serveSwitches(serving: Serving): Promise<void> {
    const { state, functions } = serving
    // Before that nobody could tell whether a switch that is connected already drops what it has no flow for.
    await this.#bridges?.whenRead(firstReadPatienceMs)
    if (this.#stopped !== undefined) return
    this.#switches.serve({
      state,
      packets: functions.packets,
      event: (event) => this.#event(event),
      isHeard: () => isHeard(serving),
    })
    functions.schedules.start()
    for (const row of state.served()) this.#bridges?.update(row)
  }

  /** What was swapped goes to standard output, for who is watching; the log goes elsewhere. */
  #watch({ deployment }: Functions) {
    const root = this.#config.functionsFolder
    this.#unwatch = watchFunctions({ root, deployment, print: (line) => process.stdout.write(`${line}\n`) })
  }

  #stateEvents(): NetworkStateEvents {
    return {
      registrationsChanged: () => {
        this.#bridges?.registrationsChanged()
        this.#switches.registrationsChanged()
      },
      bridgeChanged: (row) => this.#bridges?.update(row),
      event: (event) => void this.#event(event),
      makesPorts: (dpid) => this.#bridges?.knows(dpid) ?? false,
      changed: this.#events.changes,
      progress: () => {
        this.#serving?.presence?.progress()
        this.#events.progress()
      },
    }
  }

  async #event(event: NetworkEvent): Promise<void> {
    if (this.#stopped === undefined) await this.#serving?.functions.events.dispatch(event)
  }
}
