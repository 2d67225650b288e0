/**
 * For how long datapaths are connected to no host, as this one has seen it: by a clock that nobody sets, and only while it
 * could see. It begins anew where it could not, which is the safe direction: who waits for silence waits longer.
 */
import { hostSilentMs } from '../hosts/limits.ts'

export interface Silence {
  /** Of each datapath that is not connected, in ms. */
  readonly silentMs: ReadonlyMap<number, number>
  /** Since the last time that some datapath was deleted, in ms. */
  readonly undeletedMs: number
}

export class SilenceWatch {
  readonly #sinceMs = new Map<number, number>()
  #known: ReadonlySet<number> = new Set()
  #deletedMs = 0
  #lookedMs = Number.NEGATIVE_INFINITY

  /**
   * To be called again and again: after `hostSilentMs` without a look it begins anew.
   * @param datapathIds of all that there are
   * @param unheardMs for how long this host may not have heard of the others: who is dead to them does not see them either
   * @param nowMs of `performance.now()`
   */
  look(
    datapathIds: Iterable<number>,
    connected: { has(id: number): boolean },
    unheardMs: number,
    nowMs: number,
  ): Silence {
    const known = new Set(datapathIds)
    const isBlind = nowMs - this.#lookedMs > hostSilentMs || unheardMs > hostSilentMs
    if (isBlind) this.#sinceMs.clear()
    if (isBlind || [...this.#known].some((id) => !known.has(id))) this.#deletedMs = nowMs
    for (const id of this.#sinceMs.keys()) if (!known.has(id) || connected.has(id)) this.#sinceMs.delete(id)
    const silentMs = new Map<number, number>()
    for (const id of known) {
      if (connected.has(id)) continue
      const sinceMs = this.#sinceMs.get(id) ?? nowMs
      this.#sinceMs.set(id, sinceMs)
      silentMs.set(id, nowMs - sinceMs)
    }
    this.#known = known
    this.#lookedMs = nowMs
    return { silentMs, undeletedMs: nowMs - this.#deletedMs }
  }
}
