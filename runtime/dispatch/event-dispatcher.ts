import type { State } from '../../db/state/types.ts'
import type { Logger } from '../log.ts'
import type { NetworkEvent } from '../openvnet/events.ts'
import { describe } from '../problem.ts'
import { EffectApplier, type EffectHooks } from './effect-applier.ts'
import { warmEncoder } from './encode-actions.ts'
import { type EventRun, type EventVersion, runEvent } from './event-run.ts'
import type { FunctionFailures } from './function-failures.ts'
import type { FunctionRegistry } from './function-registry.ts'
import { eventLimits, eventQueueLimits } from './limits.ts'
import { Memory } from './memory.ts'
import { noOutcomes, type Outcome } from './outcomes.ts'
import type { Commit } from './packet-commits.ts'
import { type PacketSession, unsentOutcome } from './packet-lane.ts'

export interface EventDispatcherOptions {
  readonly registry: FunctionRegistry
  readonly failures: FunctionFailures
  /** The newest state. */
  readonly state: () => State
  readonly commit: Commit
  /** Shared with the other dispatchers; default: its own. */
  readonly memory?: Memory
  /** Where packet-outs of event functions go. Null: the switch is not connected. */
  readonly session: (dpid: string) => Pick<PacketSession, 'packetOut' | 'endedBy'> | null
  readonly log: Logger
  readonly hooks?: EffectHooks
  /** Events of this datapath are lost: what they said must be found out anew. */
  readonly onLost?: (dpid: string) => void
}

interface Lane {
  readonly waiting: { readonly event: NetworkEvent; readonly done: () => void }[]
}

/**
 * Runs event functions: those of one datapath in the order of its events, those of different ones independently. What
 * a function changed is committed, on newer state again if need be, before the next one runs.
 */
export class EventDispatcher {
  /** Events that belong to no function, by outcome. */
  readonly counts = noOutcomes()
  readonly #options: EventDispatcherOptions
  readonly #applier: EffectApplier
  readonly #lanes = new Map<string, Lane>()
  #closed = false

  constructor(options: EventDispatcherOptions) {
    this.#options = options
    warmEncoder()
    this.#applier = new EffectApplier(options.log, options.memory ?? new Memory(), options.hooks ?? {})
  }

  /** Resolves when every function of the event has run and its writes are durable, or it has failed. Never rejects. */
  dispatch(event: NetworkEvent): Promise<void> {
    let lane = this.#lanes.get(event.dpid)
    if (this.#closed || (lane?.waiting.length ?? 0) >= eventQueueLimits.perDatapathMax) {
      this.counts.loadShed++
      this.#options.onLost?.(event.dpid)
      return Promise.resolve()
    }
    const idle = lane === undefined
    if (lane === undefined) this.#lanes.set(event.dpid, (lane = { waiting: [] }))
    const { waiting } = lane
    return new Promise((done) => {
      waiting.push({ event, done })
      if (idle) void this.#work(event.dpid, waiting)
    })
  }

  /** Takes no more events; those that wait are forgotten. */
  close() {
    this.#closed = true
    for (const { waiting } of this.#lanes.values()) for (const { done } of waiting.splice(0)) done()
  }

  /** Never rejects: a fault of ours costs the event that met it, and the datapath's next ones are served. */
  async #work(dpid: string, waiting: Lane['waiting']) {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      try {
        await this.#one(next.event)
      } catch (error) {
        this.#faulted(next.event, error)
      }
      next.done()
    }
    this.#lanes.delete(dpid)
  }

  #faulted({ dpid, type }: NetworkEvent, error: unknown) {
    this.counts.exception++
    this.#options.log.error('an event was lost by a fault of the dispatcher', {
      dpid,
      event: type,
      error: `${error}`,
    })
    this.#options.onLost?.(dpid)
  }

  async #one(event: NetworkEvent) {
    const slots = this.#options.registry.onEvent(event.type)
    if (slots.length === 0) this.counts.noFunction++
    for (const slot of slots) {
      const version = slot.current
      if (version !== undefined) await this.#run(version, event)
      else {
        // Set aside: by its own fault, or for events of another switch.
        this.counts.noFunction++
        this.#options.onLost?.(event.dpid)
      }
    }
  }

  async #run(version: EventVersion, event: NetworkEvent) {
    let retries = 0
    for (let run = 1; run <= eventLimits.conflictRunsMax; ) {
      const result = runEvent(version, event, this.#options.state(), Date.now())
      if (!result.ok) return this.#failed(version, event, result.outcome, result.error)
      const { draft, writes, reads } = result.pending
      if (writes.length === 0) return this.#finish(version, event, result)
      const answer = await this.#options.commit({ writes, reads, revision: draft.revision })
      if (answer.ok) return this.#finish(version, event, result)
      if (answer.kind === 'constraint')
        return this.#failed(version, event, 'invalidEffects', describe(answer.problem))
      if (answer.kind === 'conflict') run++
      else if (this.#closed || !(await this.#pause(retries++))) break
    }
    this.#lost(version, event)
  }

  /** Waits for the database to come back. False: it has been too long. */
  async #pause(retries: number): Promise<boolean> {
    if (retries >= eventQueueLimits.retriesMax) return false
    const { retryDelayMinMs, retryDelayMaxMs } = eventQueueLimits
    await Bun.sleep(Math.min(retryDelayMinMs * 2 ** retries, retryDelayMaxMs))
    return true
  }

  #failed(version: EventVersion, { dpid }: NetworkEvent, outcome: Outcome, error: unknown) {
    this.#options.failures.failed(version, outcome, error)
    this.#options.onLost?.(dpid)
  }

  #lost(version: EventVersion, { dpid, type }: NetworkEvent) {
    version.counts.loadShed++
    // Whoever finds out anew what it said tells that it was lost.
    this.#options.log.debug('an event could not be committed', { event: type, dpid, function: version.id })
    this.#options.onLost?.(dpid)
  }

  #finish(version: EventVersion, { dpid }: NetworkEvent, { out, effects }: EventRun) {
    version.counts.ok++
    const session = this.#options.session(dpid)
    if (out.length > 0 && session?.packetOut(out.bytes, 0, out.length) !== true)
      version.counts[unsentOutcome(session)]++
    this.#applier.apply(version, effects)
  }
}
