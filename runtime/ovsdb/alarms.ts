/** What an operator should hear about, said once and not in a flood. */
import type { Problem } from '../problem.ts'
import type { DatapathId } from './datapath-id.ts'

export interface OvsdbAlarm {
  /**
   * `drift`: somebody changed what we keep, it is put back. `refused`: a bridge that is not served (an ambiguous id, an
   * impossible name). `controller`: an adopted bridge has an operator's controller rows. `tunnel`: a tunnel port cannot be
   * made, or Open vSwitch reports an error for it. `transaction`: the server refused what we wrote.
   */
  readonly kind: 'drift' | 'refused' | 'controller' | 'tunnel' | 'transaction'
  readonly ovsdb: string
  readonly bridge: string
  readonly dpid: DatapathId
  readonly problem: Problem
}

/** The same event is said again after this long at the earliest: two controllers may fight over a setting. */
const eventRepeatMs = 5_000
/** Alarms remembered so as not to repeat them. */
const rememberedMax = 1_024

const keyOf = (alarm: OvsdbAlarm) => JSON.stringify([alarm.kind, alarm.ovsdb, alarm.bridge, alarm.problem])

export class AlarmBook {
  readonly #raise: (alarm: OvsdbAlarm) => void
  readonly #saidAtMs = new Map<string, number>()
  #standing = new Set<string>()

  constructor(raise: (alarm: OvsdbAlarm) => void) {
    this.#raise = raise
  }

  /** All conditions that hold now: those that did not hold before are raised. */
  stand(alarms: readonly OvsdbAlarm[]): void {
    const before = this.#standing
    this.#standing = new Set(alarms.map(keyOf))
    for (const alarm of alarms) if (!before.has(keyOf(alarm))) this.#raise(alarm)
  }

  /** Something happened. */
  event(alarm: OvsdbAlarm, nowMs: number): void {
    const key = keyOf(alarm)
    const saidAtMs = this.#saidAtMs.get(key)
    if (saidAtMs !== undefined && nowMs - saidAtMs < eventRepeatMs) return
    if (this.#saidAtMs.size >= rememberedMax) this.#saidAtMs.clear()
    this.#saidAtMs.set(key, nowMs)
    this.#raise(alarm)
  }
}
