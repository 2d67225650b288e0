/** The state as this host has it: the view that the feed keeps, the flows that follow from it, the switches in step with them. */

import type { Change, Row, State } from '../../db/state/types.ts'
import { StateView } from '../../db/state/view.ts'
import type { Store } from '../../db/store/store.ts'
import type { Logger } from '../log.ts'
import type { FlowsFunction } from '../openvnet/define.ts'
import type { NetworkEvent } from '../openvnet/events.ts'
import { codeOf } from '../pipeline/cookies.ts'
import type { Delta } from '../pipeline/engine/delta.ts'
import { createEngine, type Engine } from '../pipeline/engine/engine.ts'
import { Recheck } from '../pipeline/engine/recheck.ts'
import { FlowNames } from '../pipeline/names.ts'
import { SyncHub } from '../pipeline/sync/sync-hub.ts'
import type { Wiring } from '../pipeline/wiring.ts'
import { describe } from '../problem.ts'
import { activationsIn } from './activations.ts'
import { AwaitedPorts } from './awaited-ports.ts'

export interface NetworkStateEvents {
  /** Datapaths were registered, changed or deleted. */
  registrationsChanged(): void
  /** What a datapath is to have beside flows may have changed. */
  bridgeChanged(datapath: Row<'datapaths'>): void
  event(event: NetworkEvent): void
  /** Whether the ports of this datapath are this host's to make. */
  makesPorts(dpid: string): boolean
  /** These were committed, and the view has them. */
  changed(changes: readonly Change[]): void
  /** A switch has joined, left or acknowledged a later revision. */
  progress(): void
}

type FlowsToServe = Pick<FlowsFunction, 'features' | 'learnedTables' | 'names' | 'wiring'>

export interface NetworkStateOptions {
  readonly nodeId: string | null
  readonly flows: FlowsToServe
  readonly log: Logger
  readonly events: NetworkStateEvents
}

export class NetworkState {
  readonly view = new StateView()
  readonly engine: Engine
  readonly hub: SyncHub
  readonly #recheck: Recheck
  readonly #awaitedPorts = new AwaitedPorts({
    missing: (datapathId) => this.#missingPorts(datapathId),
    onGivenUp: (datapathId) => this.hub.get(datapathId)?.push(undefined, this.view.revision),
  })
  readonly #options: NetworkStateOptions
  /** Where the keys go that a change affects. */
  readonly #affected = { add: (key: string) => this.engine.invalidate(key) }
  /** The tables that switches fill by themselves; those of other flow functions are put in their place. */
  readonly #ownTables = new Set<number>()
  /** What the flow functions say for people. */
  #shown: Pick<FlowsToServe, 'names' | 'wiring'> = {}
  /** Datapaths that another host serves with newer functions. */
  #leftToOthers: ReadonlySet<number> = new Set()

  constructor(options: NetworkStateOptions) {
    const { flows, log, events } = options
    this.#options = options
    this.#shown = flows
    this.#takeTables(flows)
    this.engine = createEngine({
      functions: flows.features,
      state: this.view,
      onProblem: (problem, unit) =>
        log.error('flows not as they should be', {
          unit: `${unit.feature}/${unit.objectId}`,
          problem: describe(problem),
        }),
    })
    this.hub = new SyncHub({
      engine: this.engine,
      ownTables: this.#ownTables,
      log,
      onProblem: (problem, datapathId) =>
        log.error('a switch refuses flows', {
          datapath: this.view.datapaths.get(datapathId)?.dpid,
          problem: describe(problem),
        }),
      onProgress: () => events.progress(),
      isComplete: (datapathId) => this.#awaitedPorts.isComplete(datapathId),
    })
    this.#recheck = new Recheck({
      engine: this.engine,
      settle: () => this.#carryOut(this.engine.settle()),
      log,
    })
  }

  /** Loads everything; `changes` follow from there. */
  async load(store: Store): Promise<void> {
    this.view.load(await store.snapshot())
    for (const row of this.served()) this.engine.attach(row.id)
    this.#recheck.start()
  }

  /** Nothing is sent to switches any more, and who waits for them is told. */
  close(): void {
    this.#recheck.stop()
    this.#awaitedPorts.close()
    this.hub.close()
  }

  /** The datapath of this id, if it is registered and this host's to serve. */
  find(dpid: string): Row<'datapaths'> | undefined {
    const row = this.view.datapaths.one('dpid', dpid)
    return row !== undefined && this.#isOurs(row) ? row : undefined
  }

  /** A datapath that was deleted, and that nobody has registered since. */
  deleted(dpid: string): Row<'deletedDatapaths'> | undefined {
    const row = this.view.datapaths.one('dpid', dpid)
    return row === undefined ? this.view.deletedDatapaths.one('dpid', dpid) : undefined
  }

  /** Whether a flow with this cookie comes from flow functions. */
  isOfFunctions(cookie: bigint): boolean {
    const code = codeOf(cookie)
    return this.#shown.names?.codes.some((one) => one.code === code) ?? false
  }

  /** Every datapath that is this host's to serve. */
  served(): Row<'datapaths'>[] {
    return [...this.view.datapaths.all()].filter((row) => this.#isOurs(row))
  }

  /** A committed batch: the view, the flows and the switches follow, then whoever wants to know. */
  apply(changes: readonly Change[], revision: number): void {
    this.view.applyInto(changes, this.#affected)
    this.#options.events.changed(changes)
    const registrations = changes.filter(({ table }) => table === 'datapaths')
    for (const { id } of registrations) this.#register(id)
    const deltas = this.engine.settle()
    this.hub.push(deltas, revision)
    if (registrations.length > 0 || changes.some(({ table }) => table === 'deletedDatapaths'))
      this.#options.events.registrationsChanged()
    this.#tellBridges(changes, deltas.keys())
    for (const activation of activationsIn(this.view, changes))
      if (this.find(activation.dpid) !== undefined) this.#options.events.event(activation)
  }

  /** New flow functions: only what they give differently is sent. */
  replaceFlows(flows: FlowsToServe): void {
    this.#shown = flows
    this.#takeTables(flows)
    this.#carryOut(this.engine.replaceFunctions(flows.features))
  }

  /** The names of what flows speak of, as they are in a state. */
  names(state: State = this.view): FlowNames {
    return new FlowNames(state, this.#shown.names)
  }

  /** What is behind ports, where the flow functions say it. */
  get wiring(): Wiring | undefined {
    return this.#shown.wiring
  }

  #takeTables({ learnedTables = new Set() }: Pick<FlowsFunction, 'learnedTables'>): void {
    this.#ownTables.clear()
    for (const id of learnedTables) this.#ownTables.add(id)
  }

  /** What the state gives otherwise without having changed. */
  #carryOut(deltas: ReadonlyMap<number, Delta>): void {
    this.hub.push(deltas, this.view.revision)
    this.#tellBridges([], deltas.keys())
  }

  /** Leaves these datapaths to other hosts, and takes back those that are no longer among them. Answers what is new. */
  leaveToOthers(ids: ReadonlySet<number>): { readonly uuid: string; readonly left: boolean }[] {
    const changed = [...ids.symmetricDifference(this.#leftToOthers)]
    if (changed.length === 0) return []
    this.#leftToOthers = ids
    for (const id of changed) this.#register(id)
    const rows = changed.flatMap((id) => this.view.datapaths.get(id) ?? [])
    this.#options.events.registrationsChanged()
    for (const row of rows) if (this.#isOurs(row)) this.#options.events.bridgeChanged(row)
    return rows.map(({ id, uuid }) => ({ uuid, left: ids.has(id) }))
  }

  #missingPorts(datapathId: number): string[] {
    const wanted = this.engine.desired(datapathId)?.tunnelPorts
    const row = this.view.datapaths.get(datapathId)
    if (wanted === undefined || row === undefined || !this.#options.events.makesPorts(row.dpid)) return []
    return [...wanted.keys()].filter(
      (name) => this.view.activePorts.one('name', datapathId, name) === undefined,
    )
  }

  #isOurs(row: Row<'datapaths'>) {
    const { nodeId } = this.#options
    return (nodeId === null || row.node_id === nodeId) && !this.#leftToOthers.has(row.id)
  }

  #register(id: number): void {
    const row = this.view.datapaths.get(id)
    if (row !== undefined && this.#isOurs(row)) this.engine.attach(id)
    else {
      this.hub.leave(id)
      this.engine.detach(id)
    }
  }

  #tellBridges(changes: readonly Change[], changed: Iterable<number>): void {
    const datapathIds = new Set(changed)
    for (const { table, id, after } of changes)
      if (table === 'datapaths' && after !== null) datapathIds.add(id)
    for (const id of datapathIds) {
      const row = this.view.datapaths.get(id)
      if (row !== undefined && this.#isOurs(row)) this.#options.events.bridgeChanged(row)
    }
  }
}
