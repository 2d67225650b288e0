/** A host: switches and bridges, the state and its database, functions and the API, put together. */
import { openStore, type Store, StoreError } from '../../db/store/store.ts'
import { type Unwatch, watchFunctions } from '../deploy/watch.ts'
import { createFunctions, type Functions } from '../dispatch/functions.ts'
import type { Audit } from '../http/answers/host.ts'
import { ApiError } from '../http/errors.ts'
import { type HttpServer, startHttpServer } from '../http/server.ts'
import { ensureToken } from '../http/shell/token.ts'
import { nameProblem } from '../listen-problem.ts'
import { createLogger, type Logger } from '../log.ts'
import type { NetworkEvent } from '../openvnet/events.ts'
import { describe, failure, type Problem, type Result, success } from '../problem.ts'
import { datapathStatus, waitApplied } from './applied.ts'
import { audit, OneAtATime } from './audit.ts'
import { Bridges } from './bridges.ts'
import type { HostConfig } from './config.ts'
import { joinOthers } from './hosts/among-others.ts'
import type { Presence } from './hosts/presence.ts'
import { LostEvents } from './lost-events.ts'
import { NetworkState } from './network-state.ts'
import { Switches } from './switches.ts'

/** Pauses between attempts to reach a database server that is away when the host starts. */
const databaseRetryMinMs = 100
const databaseRetryMaxMs = 5_000
/** From then on a server that gives no answer is waited for beside everything else. */
const firstAttemptPatienceMs = 1_000
/** For OVSDBs that do not answer; their switches are served when they do. */
const firstReadPatienceMs = 500

export interface Host {
  readonly apiUrl: string
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

/** How an attempt to begin with the database ended. */
type Attempt =
  | { readonly kind: 'ready' }
  /** To be tried again. */
  | { readonly kind: 'away'; readonly problem: Problem }
  /** Of the host itself. */
  | { readonly kind: 'failed'; readonly problem: Problem }

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
  /** Why the host is not ready yet. */
  #waiting: Problem | undefined
  /** What was said last about that. */
  #told: string | undefined
  #unwatch: Unwatch | undefined
  readonly #lostEvents: LostEvents
  readonly #audits = new OneAtATime(async () => audit(this.#begun().state, this.#switches))

  constructor(config: HostConfig, log: Logger) {
    this.#config = config
    this.#log = log
    this.#switches = new Switches({ config, log, bridges: () => this.#bridges })
    this.#lostEvents = new LostEvents(log, (dpid) => {
      this.#bridges?.tellPorts(dpid)
      this.#switches.tellPorts(dpid)
    })
  }

  get apiUrl(): string {
    return this.#server?.url ?? ''
  }

  async start(token: string): Promise<Result<void>> {
    const listening = await this.#switches.channel.start()
    if (!listening.ok) return listening
    const bridges = Bridges.start({
      config: this.#config,
      channel: this.#switches.channel,
      log: this.#log,
      state: () => this.#ready?.state,
      event: (event) => void this.#event(event),
      flowsFlushed: (dpid) => this.#switches.resync(dpid),
    })
    if (!bridges.ok) return bridges
    this.#bridges = bridges.value
    const server = await this.#serveApi(token)
    if (!server.ok) return server
    this.#server = server.value
    return this.#openDatabase()
  }

  audit(): Promise<Audit> {
    return this.#audits.ask()
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop() {
    this.#unwatch?.()
    this.#lostEvents.close()
    // Who waits for switches, here or of other hosts, is told now how far they are: it could be a minute.
    const farewell = this.#ready?.presence?.close()
    this.#ready?.state.close()
    await this.#server?.stop()
    await this.#bridges?.close()
    this.#ready?.functions.close()
    this.#switches.channel.close()
    await farewell
    await this.#ready?.store.close()
  }

  async #serveApi(token: string): Promise<Result<HttpServer>> {
    const { http, insecure, corsOrigins } = this.#config
    const unnamed = await nameProblem(http.host, '--http', `${http.host}:${http.port}`)
    if (unnamed !== undefined) return failure(unnamed)
    return startHttpServer({
      ...http,
      token,
      insecure,
      corsOrigins,
      log: this.#log,
      dispatch: (request) => this.#begun().functions.api.dispatch(request),
      announceWait: async (timeoutMs) => this.#ready?.presence?.announceWait(timeoutMs),
      waitApplied: (revision, timeoutMs) => {
        const { state, presence } = this.#begun()
        return waitApplied(state, presence, revision, timeoutMs)
      },
      datapathStatus: (uuid) => {
        const { state, presence } = this.#begun()
        return datapathStatus(state, this.#switches, presence, uuid)
      },
      audit: () => this.audit(),
    })
  }

  /** An embedded database that cannot be opened is an error; a server that is away is tried until it is there. */
  async #openDatabase(): Promise<Result<void>> {
    const { database } = this.#config
    const embedded = database.startsWith('file:')
    const first = this.#tryDatabase()
    const patience = Bun.sleep(firstAttemptPatienceMs).then(() => undefined)
    const attempt = await (embedded ? first : Promise.race([first, patience]))
    if (attempt?.kind === 'ready') return success(undefined)
    if (attempt !== undefined && (embedded || attempt.kind === 'failed')) return failure(attempt.problem)
    void this.#keepTrying(first)
    return success(undefined)
  }

  async #keepTrying(first: Promise<Attempt>): Promise<void> {
    if (this.#isOver(await first)) return
    for (
      let pause = databaseRetryMinMs;
      this.#stopped === undefined;
      pause = Math.min(pause * 2, databaseRetryMaxMs)
    ) {
      await Bun.sleep(pause)
      if (this.#stopped !== undefined || this.#isOver(await this.#tryDatabase())) return
    }
  }

  /** Whether no more is to be tried; if not, tells why the host is not ready, once. */
  #isOver(attempt: Attempt): boolean {
    if (attempt.kind === 'ready') return true
    if (this.#told !== attempt.problem.what && this.#stopped === undefined)
      this.#log.warn('not ready: the database cannot be used', { problem: describe(attempt.problem) })
    this.#told = attempt.problem.what
    return false
  }

  async #tryDatabase(): Promise<Attempt> {
    let store: Store | undefined
    try {
      store = await openStore({ url: this.#config.database })
      const problem = await this.#serve(store)
      if (problem === undefined) return { kind: 'ready' }
      await store.close()
      this.#waiting = problem
      return { kind: 'failed', problem }
    } catch (error) {
      await store?.close()
      if (!(error instanceof StoreError)) throw error
      this.#waiting = error.problem
      return { kind: 'away', problem: error.problem }
    }
  }

  /** What there is with a database; throws what the API answers without. */
  #begun(): Ready {
    if (this.#ready !== undefined) return this.#ready
    const why = this.#waiting === undefined ? '' : `: ${this.#waiting.what}`
    throw new ApiError('Unavailable', `the database is not reached yet${why}; try again`)
  }

  async #serve(store: Store): Promise<Problem | undefined> {
    let state: NetworkState | undefined
    const functions = createFunctions({
      root: this.#config.functionsFolder,
      store,
      state: () => state!.view,
      log: this.#log,
      session: (dpid) => this.#switches.channel.session(dpid),
      onFlows: ({ definition }) => state?.replaceFlows(definition),
      onLost: (dpid) => this.#lostEvents.lost(dpid),
    })
    try {
      const { problems } = await functions.deployment.deploy()
      const flows = functions.registry.active('flows')[0]?.definition
      if (problems.length === 0 && flows !== undefined) {
        const { nodeId } = this.#config
        state = new NetworkState({ nodeId, flows, log: this.#log, events: this.#stateEvents() })
        await this.#follow(store, state)
        await this.#begin(store, state, functions)
        return undefined
      }
      functions.close()
      return problems[0] ?? { what: 'there are no flow functions', where: this.#config.functionsFolder }
    } catch (error) {
      functions.close()
      throw error
    }
  }

  async #begin(store: Store, state: NetworkState, functions: Functions): Promise<void> {
    const { nodeId, database, watch } = this.#config
    const embedded = database.startsWith('file:')
    const presence = embedded
      ? undefined
      : await joinOthers({ store, nodeId, state, functions, log: this.#log })
    this.#ready = { store, state, functions, presence }
    if (watch) this.#watch(functions)
    // Before that nobody could tell whether a switch that is connected already drops what it has no flow for.
    await this.#bridges?.whenRead(firstReadPatienceMs)
    if (this.#stopped !== undefined) return
    this.#switches.serve({ state, packets: functions.packets, event: (event) => this.#event(event) })
    for (const row of state.served()) this.#bridges?.update(row)
    this.#log.info('ready', { api: this.apiUrl, revision: state.view.revision })
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
      progress: () => this.#ready?.presence?.progress(),
    }
  }

  async #event(event: NetworkEvent): Promise<void> {
    if (this.#stopped === undefined) await this.#ready?.functions.events.dispatch(event)
  }
}
