/** A host: switches and bridges, the state and its database, functions and the API, put together. */
import type { Store } from '../../db/store/store.ts'
import { type Build, buildFunctions } from '../deploy/build.ts'
import { type Unwatch, watchFunctions } from '../deploy/watch.ts'
import { createFunctions, type Functions } from '../dispatch/functions.ts'
import { isOfIsolates } from '../dispatch/isolate-activation.ts'
import type { Audit } from '../http/answers/host.ts'
import { ApiError } from '../http/errors.ts'
import type { HttpServer } from '../http/server.ts'
import { ensureToken } from '../http/shell/token.ts'
import { createLogger, type Logger } from '../log.ts'
import type { FlowsFunction } from '../openvnet/define.ts'
import type { NetworkEvent } from '../openvnet/events.ts'
import { describe, type Problem, type Result, success } from '../problem.ts'
import { audit, OneAtATime } from './audit.ts'
import { Bridges } from './bridges.ts'
import type { HostConfig } from './config.ts'
import { switchReports } from './events/connections.ts'
import { EventStreams } from './events/event-streams.ts'
import { joinOthers } from './hosts/among-others.ts'
import type { Presence } from './hosts/presence.ts'
import { deployLate } from './late-api.ts'
import { LostEvents } from './lost-events.ts'
import { NetworkState } from './network-state.ts'
import { planOf } from './plan/plan.ts'
import { isEmbedded, ReachDatabase } from './reach-database.ts'
import { serveApi } from './serve-api.ts'
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

/** What there is once the database was reached. */
interface Ready {
  readonly store: Store
  readonly state: NetworkState
  readonly functions: Functions
  /** Undefined: the database is a file, and this host is alone. */
  readonly presence: Presence | undefined
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
  #ready: Ready | undefined
  #stopped: Promise<void> | undefined
  readonly #database: ReachDatabase
  readonly #failed = Promise.withResolvers<Problem>()
  #unwatch: Unwatch | undefined
  readonly #lostEvents: LostEvents
  readonly #events = new EventStreams(() => this.#ready)
  #build: Promise<Build> | undefined
  readonly #audits = new OneAtATime(async () => audit(this.#begun().state, this.#switches))

  constructor(config: HostConfig, log: Logger) {
    this.#config = config
    this.#log = log
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
      state: () => this.#ready?.state,
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
    // Who waits for switches, here or of other hosts, is told now how far they are: it could be a minute.
    const farewell = this.#ready?.presence?.close()
    this.#ready?.state.close()
    this.#events.close()
    await this.#server?.stop()
    await this.#bridges?.close()
    this.#ready?.functions.close()
    this.#switches.channel.close()
    await farewell
    await this.#ready?.store.close()
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
  #begun(): Ready {
    if (this.#ready !== undefined) return this.#ready
    const { problem } = this.#database
    const why = problem === undefined ? '' : `: ${problem.what}`
    throw new ApiError('Unavailable', `the database is not reached yet${why}; try again`)
  }

  /** Begins with a store. Where it answers a problem, or throws, nothing of it is left but the store. */
  async #serve(store: Store): Promise<Problem | undefined> {
    let state: NetworkState | undefined
    let presence: Presence | undefined
    const firstFlows = Promise.withResolvers<FlowsFunction>()
    const functions = this.#createFunctions(store, () => state, firstFlows.resolve)
    const undo = async () => {
      this.#switches.unserve()
      this.#ready = undefined
      this.#unwatch?.()
      functions.close()
      state?.close()
      await presence?.close()
    }
    try {
      const deployed = functions.deployment.deploy(this.#takeBuild())
      // It is awaited below, where nothing else has failed before.
      deployed.catch(() => {})
      // Switches do not wait for the API: its isolates come up meanwhile.
      const flows = await Promise.race([firstFlows.promise, deployed.then(() => undefined)])
      if (flows === undefined) {
        await undo()
        const [problem] = (await deployed).problems
        return problem ?? { what: 'there are no flow functions', where: this.#config.functionsFolder }
      }
      const { nodeId, database } = this.#config
      state = new NetworkState({ nodeId, flows, log: this.#log, events: this.#stateEvents() })
      await this.#follow(store, state)
      if (!isEmbedded(database))
        presence = await joinOthers({
          ...{ store, nodeId, state, functions, log: this.#log },
          heard: this.#events.progress,
        })
      // What is ready is ended by `stop`, which would not see this any more.
      if (this.#stopped === undefined) await this.#begin({ store, state, functions, presence })
      else {
        await undo()
        return { what: 'the host is stopping', where: 'vnet host' }
      }
      const { problems } = await deployed
      const problem = problems.find((one) => !isOfIsolates(one))
      if (problem !== undefined) await undo()
      else if (problems.length > 0) void deployLate(functions, this.#log, () => this.#stopped !== undefined)
      else this.#log.info('ready', { api: this.apiUrl, revision: state.view.revision })
      return problem
    } catch (error) {
      await undo()
      throw error
    }
  }

  /** The functions as they are built first, while the database is opened; for a later attempt anew. */
  #takeBuild(): Promise<Build> {
    const build = this.#build ?? buildFunctions(this.#config.functionsFolder)
    this.#build = undefined
    return build
  }

  /** @param onFirstFlows hears of flow functions while there is no state yet */
  #createFunctions(
    store: Store,
    state: () => NetworkState | undefined,
    onFirstFlows: (flows: FlowsFunction) => void,
  ): Functions {
    return createFunctions({
      root: this.#config.functionsFolder,
      store,
      state: () => state()!.view,
      log: this.#log,
      session: (dpid) => this.#switches.channel.session(dpid),
      onFlows: ({ definition }) => {
        const known = state()
        if (known === undefined) onFirstFlows(definition)
        else known.replaceFlows(definition)
      },
      onLost: (dpid) => this.#lostEvents.lost(dpid),
      onAlarm: this.#events.alarm,
      plan: (job) => planOf(this.#begun().state, job),
      switches: () => switchReports(this.#begun()),
      mayRun: () => this.#ready?.presence?.isFirst ?? true,
    })
  }

  async #begin(ready: Ready): Promise<void> {
    const { state, functions } = ready
    this.#ready = ready
    if (this.#config.watch) this.#watch(functions)
    // Before that nobody could tell whether a switch that is connected already drops what it has no flow for.
    await this.#bridges?.whenRead(firstReadPatienceMs)
    if (this.#stopped !== undefined) return
    this.#switches.serve({ state, packets: functions.packets, event: (event) => this.#event(event) })
    functions.schedules.start()
    for (const row of state.served()) this.#bridges?.update(row)
  }

  /** What was swapped goes to standard output, for who is watching; the log goes elsewhere. */
  #watch({ deployment }: Functions) {
    const root = this.#config.functionsFolder
    this.#unwatch = watchFunctions({ root, deployment, print: (line) => process.stdout.write(`${line}\n`) })
  }

  /** Loads the state, and keeps view and flows at what is committed. */
  async #follow(store: Store, state: NetworkState): Promise<void> {
    store.onChanges((changes, revision) => state.apply(changes, revision))
    store.onAvailability((problem) => {
      if (problem === null) this.#log.info('the database is back')
      else this.#log.error('the database is away', { problem: describe(problem) })
    })
    store.onFailure((problem) => {
      if (this.#ready?.store === store) this.#failed.resolve(problem)
    })
    await state.load(store)
  }

  #stateEvents() {
    return {
      registrationsChanged: () => {
        this.#bridges?.registrationsChanged()
        this.#switches.channel.reevaluate()
      },
      bridgeChanged: (row: Parameters<Bridges['update']>[0]) => this.#bridges?.update(row),
      event: (event: NetworkEvent) => void this.#event(event),
      makesPorts: (dpid: string) => this.#bridges?.knows(dpid) ?? false,
      changed: this.#events.changes,
      progress: () => {
        this.#ready?.presence?.progress()
        this.#events.progress()
      },
    }
  }

  async #event(event: NetworkEvent): Promise<void> {
    if (this.#stopped === undefined) await this.#ready?.functions.events.dispatch(event)
  }
}
