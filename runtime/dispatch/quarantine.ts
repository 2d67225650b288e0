import type { Logger } from '../log.ts'
import type { FunctionSlot, LoadedVersion } from './active-function.ts'
import { failureLimits } from './limits.ts'
import type { Outcome } from './outcomes.ts'

interface Record {
  windowBegan: number
  okBefore: number
  failures: number
  timeouts: number
}

/**
 * Sets aside versions that fail too often: their events go to the last good version. Where there is none they go
 * nowhere (`noFunction`) until the version is tried again, after longer and longer pauses.
 */
export class Quarantine {
  readonly #log: Logger
  readonly #records = new WeakMap<LoadedVersion, Record>()
  readonly #pausesMs = new WeakMap<LoadedVersion, number>()
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()

  constructor(log: Logger) {
    this.#log = log
  }

  /** Counts a failure of the slot's version. @param now in ms of any clock that only grows */
  failed(slot: FunctionSlot, version: LoadedVersion, outcome: Outcome, now: number) {
    const record = this.#recordOf(version, now)
    record.failures++
    if (outcome === 'exceededTime') record.timeouts++
    const events = version.counts.ok - record.okBefore + record.failures
    const often =
      record.failures >= failureLimits.failuresMax &&
      record.failures >= events * failureLimits.failureShareMin
    if ((often || record.timeouts >= failureLimits.timeoutsMax) && slot.current === version)
      this.#setAside(slot, version)
  }

  close() {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }

  #recordOf(version: LoadedVersion, now: number): Record {
    let record = this.#records.get(version)
    if (record === undefined || now - record.windowBegan > failureLimits.windowMs) {
      record = { windowBegan: now, okBefore: version.counts.ok, failures: 0, timeouts: 0 }
      this.#records.set(version, record)
    }
    return record
  }

  #setAside(slot: FunctionSlot, version: LoadedVersion) {
    const instead = slot.setAside(version)
    this.#records.delete(version)
    if (instead !== undefined)
      return this.#log.error('function set aside', { function: version.id, instead: instead.id })
    const pauseMs = Math.min(
      (this.#pausesMs.get(version) ?? failureLimits.retryDelayMinMs / 2) * 2,
      failureLimits.retryDelayMaxMs,
    )
    this.#pausesMs.set(version, pauseMs)
    this.#log.error('function set aside', {
      function: version.id,
      instead: null,
      tried_again_after_ms: pauseMs,
    })
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      slot.tryAgain(version)
    }, pauseMs)
    timer.unref()
    this.#timers.add(timer)
  }
}
