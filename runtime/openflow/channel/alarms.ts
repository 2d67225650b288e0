/** Alarms about who claims to be which datapath; the same one, repeated with every attempt to connect, is told once in a while. */
import type { Problem } from '../../problem.ts'
import { identityOf, type Peer } from './peer.ts'

export interface Alarm {
  /**
   * `identity-mismatch`: the certificate names another datapath. `duplicate-datapath`: the datapath id belongs to another switch that is
   * connected.
   */
  readonly kind: 'identity-mismatch' | 'duplicate-datapath'
  readonly dpid: string
  /** Who claims it. */
  readonly peer: Peer
  readonly problem: Problem
}

const repeat_ms = 60_000
const remembered_max = 1_024

export class Alarms {
  readonly #raise: (alarm: Alarm) => void
  readonly #toldAt = new Map<string, number>()

  constructor(raise: (alarm: Alarm) => void) {
    this.#raise = raise
  }

  /** Raises the alarm, unless the same was raised within the last minute. */
  raise(alarm: Alarm, now = performance.now()) {
    const key = `${alarm.kind} ${alarm.dpid} ${identityOf(alarm.peer).name}`
    const toldAt = this.#toldAt.get(key)
    if (toldAt !== undefined && now - toldAt < repeat_ms) return
    if (this.#toldAt.size >= remembered_max) this.#toldAt.clear()
    this.#toldAt.set(key, now)
    this.#raise(alarm)
  }
}
