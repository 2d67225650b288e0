import type { LogFields, Logger, LogLevel } from '../log.ts'
import type { LoadedVersion } from './active-function.ts'
import { failureLimits } from './limits.ts'

interface Budget {
  /** In seconds of `performance.now()`. */
  second: number
  lines: number
}

/** What functions log, with their names, and no more a second than a log can bear: a guest may be what they log about. */
export class FunctionLog {
  readonly #log: Logger
  readonly #budgets = new WeakMap<LoadedVersion, Budget>()

  constructor(log: Logger) {
    this.#log = log
  }

  log(version: LoadedVersion, level: LogLevel, message: string, fields: LogFields) {
    const second = Math.floor(performance.now() / 1_000)
    let budget = this.#budgets.get(version)
    if (budget === undefined || budget.second !== second) {
      const over = (budget?.lines ?? 0) - failureLimits.logLinesPerSecondMax
      if (over > 0) this.#log.warn('log lines left out', { function: version.id, lines: over })
      budget = { second, lines: 0 }
      this.#budgets.set(version, budget)
    }
    if (++budget.lines <= failureLimits.logLinesPerSecondMax)
      this.#log[level](message, { ...fields, function: version.id })
  }
}
