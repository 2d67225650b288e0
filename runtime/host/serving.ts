/** A host with a database: the state that follows it, the functions that run on that, and the other hosts of it. */
import type { Store } from '../../db/store/store.ts'
import type { Build } from '../deploy/build.ts'
import { createFunctions, type Functions, type FunctionsOptions } from '../dispatch/functions.ts'
import { isOfIsolates } from '../dispatch/isolate-activation.ts'
import type { Logger } from '../log.ts'
import type { FlowsFunction } from '../openvnet/define.ts'
import { describe, type Problem } from '../problem.ts'
import type { HostConfig } from './config.ts'
import { joinOthers } from './hosts/among-others.ts'
import type { Presence } from './hosts/presence.ts'
import { deployLate } from './late-api.ts'
import { NetworkState, type NetworkStateEvents } from './network-state.ts'
import { isEmbedded } from './reach-database.ts'

export interface ServingOptions {
  readonly store: Store
  readonly config: HostConfig
  readonly log: Logger
  /** What functions reach outside of the state. */
  readonly functions: Pick<FunctionsOptions, 'session' | 'onLost' | 'onAlarm' | 'plan' | 'switches'>
  readonly stateEvents: NetworkStateEvents
  /** Another host has said how it is. */
  readonly heard: () => void
  /** The store can go on no more. */
  readonly onFailure: (problem: Problem) => void
}

type Deployed = ReturnType<Functions['deployment']['deploy']>

export class Serving {
  readonly store: Store
  readonly functions: Functions
  readonly #options: ServingOptions
  readonly #firstFlows = Promise.withResolvers<FlowsFunction>()
  #deployed: Deployed | undefined
  #state: NetworkState | undefined
  #presence: Presence | undefined
  #closed = false

  constructor(options: ServingOptions) {
    const { store, config, log } = options
    this.#options = options
    this.store = store
    this.functions = createFunctions({
      ...options.functions,
      root: config.functionsFolder,
      store,
      state: () => this.state.view,
      log,
      onFlows: ({ definition }) => {
        if (this.#state === undefined) this.#firstFlows.resolve(definition)
        else this.#state.replaceFlows(definition)
      },
      mayRun: () => this.#presence?.isFirst ?? true,
    })
  }

  /** There from `start` on. */
  get state(): NetworkState {
    return this.#state!
  }

  /** Undefined: the database is a file, and this host is alone. */
  get presence(): Presence | undefined {
    return this.#presence
  }

  /** Until flows follow from the state, and the other hosts can know of this one. Switches do not wait for the API: its isolates come up meanwhile. */
  async start(build: Promise<Build>): Promise<Problem | undefined> {
    const { config, log, stateEvents, heard } = this.#options
    this.#deployed = this.functions.deployment.deploy(build)
    // It is awaited by `whenDeployed`, where nothing else has failed before.
    this.#deployed.catch(() => {})
    const flows = await Promise.race([this.#firstFlows.promise, this.#deployed.then(() => undefined)])
    if (flows === undefined) {
      const [problem] = (await this.#deployed).problems
      return problem ?? { what: 'there are no flow functions', where: config.functionsFolder }
    }
    const { nodeId, database } = config
    this.#state = new NetworkState({ nodeId, flows, log, events: stateEvents })
    await this.#follow(this.#state)
    if (isEmbedded(database)) return
    this.#presence = await joinOthers({
      ...{ store: this.store, nodeId, log, heard },
      state: this.#state,
      functions: this.functions,
    })
  }

  /** Until every function serves, the API's too; or `isLate`: its isolates are not there yet, and are tried again beside everything else. */
  async whenDeployed(): Promise<{ readonly problem: Problem | undefined; readonly isLate: boolean }> {
    const problems = (await this.#deployed)?.problems ?? []
    const problem = problems.find((one) => !isOfIsolates(one))
    const isLate = problem === undefined && problems.length > 0
    if (isLate) void deployLate(this.functions, this.#options.log, () => this.#closed)
    return { problem, isLate }
  }

  /** Follows no more; who waits for switches, here or of other hosts, is told how far they are. Functions still answer. Resolves when the others know. */
  async leave(): Promise<void> {
    this.#closed = true
    const farewell = this.#presence?.close()
    this.#state?.close()
    await farewell
  }

  /** Ends all but the store. */
  async close(): Promise<void> {
    this.functions.close()
    await this.leave()
  }

  /** Loads the state, and keeps view and flows at what is committed. */
  async #follow(state: NetworkState): Promise<void> {
    const { log, onFailure } = this.#options
    this.store.onChanges((changes, revision) => state.apply(changes, revision))
    this.store.onAvailability((problem) => {
      if (problem === null) log.info('the database is back')
      else log.error('the database is away', { problem: describe(problem) })
    })
    this.store.onFailure(onFailure)
    await state.load(this.store)
  }
}
