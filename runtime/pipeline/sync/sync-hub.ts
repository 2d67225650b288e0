/** The synchronisers of all connected datapaths: who joins and leaves, what the engine changed, what is applied everywhere. */
import type { Logger } from '../../log.ts'
import type { Problem } from '../../problem.ts'
import type { Delta } from '../engine/delta.ts'
import type { Engine } from '../engine/engine.ts'
import { FlowSync } from './flow-sync.ts'
import { defaultSyncLimits, type SyncLimits } from './limits.ts'
import type { SwitchPort } from './switch-port.ts'
import type { OwnTables } from './table-diff.ts'

export interface SyncHubOptions {
  readonly engine: Pick<Engine, 'desired'>
  /** Tables in which switches learn by themselves: what is there and nobody's stays. */
  readonly ownTables: OwnTables
  readonly log: Logger
  /** Hears of what a switch refuses. */
  readonly onProblem: (problem: Problem, datapathId: number) => void
  /** Whether a datapath has all else that it is to have beside flows. */
  readonly isComplete?: (datapathId: number) => boolean
  /** A datapath has joined, left or acknowledged a later revision. */
  readonly onProgress?: () => void
  readonly limits?: Partial<SyncLimits>
  /** 0 to 1, for spreading audits. */
  readonly random?: () => number
}

/** Which connected datapaths have acknowledged a revision, by id. */
export interface AppliedState {
  readonly applied: readonly number[]
  readonly pending: readonly number[]
}

export class SyncHub {
  readonly #options: SyncHubOptions
  readonly #syncs = new Map<number, FlowSync>()
  #revision = -1
  #closed = false

  constructor(options: SyncHubOptions) {
    this.#options = options
  }

  /**
   * The switch of an attached datapath has connected: brings it in step and keeps it there. The engine is at `revision`. A
   * connection of the same datapath that was there before is no longer used. After `close` nothing is sent to it.
   */
  join(datapathId: number, port: SwitchPort, revision: number): FlowSync {
    const {
      engine,
      ownTables,
      log,
      onProblem,
      onProgress,
      isComplete,
      limits,
      random = Math.random,
    } = this.#options
    const predecessor = this.#syncs.get(datapathId)
    predecessor?.close()
    const sync = new FlowSync({
      port,
      desired: () => engine.desired(datapathId),
      ownTables,
      limits: { ...defaultSyncLimits, ...limits },
      log: log.with({ datapath: datapathId }),
      onProblem: (problem) => onProblem(problem, datapathId),
      ...(onProgress === undefined ? {} : { onApplied: onProgress }),
      ...(isComplete === undefined ? {} : { isComplete: () => isComplete(datapathId) }),
      random,
    })
    if (this.#closed) {
      sync.close()
      return sync
    }
    this.#syncs.set(datapathId, sync)
    this.#revision = Math.max(this.#revision, revision)
    sync.start(this.#revision, predecessor?.idle)
    onProgress?.()
    return sync
  }

  /** The switch has gone, or its datapath is no longer ours. With `sync`, only if that still serves it. */
  leave(datapathId: number, sync?: FlowSync): void {
    const current = this.#syncs.get(datapathId)
    if (!current || (sync && sync !== current)) return
    current.close()
    this.#syncs.delete(datapathId)
    this.#options.onProgress?.()
  }

  /** The engine has come to `revision`, by `deltas`. Every datapath hears of it: one without a delta has it applied already. */
  push(deltas: ReadonlyMap<number, Delta>, revision: number): void {
    this.#revision = revision
    for (const [datapathId, sync] of this.#syncs) sync.push(deltas.get(datapathId), revision)
  }

  get(datapathId: number): FlowSync | undefined {
    return this.#syncs.get(datapathId)
  }

  get connected(): readonly number[] {
    return [...this.#syncs.keys()]
  }

  /** Resolves when every datapath that is connected now has acknowledged `revision`, or after `timeoutMs`. */
  async whenApplied(revision: number, timeoutMs: number): Promise<AppliedState> {
    const waits = [...this.#syncs].map(async ([datapathId, sync]) => ({
      datapathId,
      applied: await sync.whenApplied(revision, timeoutMs),
    }))
    const results = await Promise.all(waits)
    const ids = (applied: boolean) =>
      results.filter((one) => one.applied === applied).map(({ datapathId }) => datapathId)
    return { applied: ids(true), pending: ids(false) }
  }

  /** Ends everything; switches keep what they have. */
  close(): void {
    this.#closed = true
    for (const sync of this.#syncs.values()) sync.close()
    this.#syncs.clear()
  }
}
