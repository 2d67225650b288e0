import type { Logger } from '../log.ts'
import type { LoadedVersion } from './active-function.ts'
import { FailureReports } from './failure-reports.ts'
import type { FunctionRegistry } from './function-registry.ts'
import { isFailure, type Outcome } from './outcomes.ts'
import { Quarantine } from './quarantine.ts'

/** Counts, reports and judges what goes wrong in functions. */
export class FunctionFailures {
  readonly #registry: FunctionRegistry
  readonly #reports: FailureReports
  readonly #quarantine: Quarantine

  constructor(registry: FunctionRegistry, log: Logger) {
    this.#registry = registry
    this.#reports = new FailureReports(log)
    this.#quarantine = new Quarantine(log)
  }

  failed(version: LoadedVersion, outcome: Outcome, error: unknown) {
    version.counts[outcome]++
    this.#reports.report(version, outcome, error)
    if (!isFailure(outcome)) return
    const slot = this.#registry.slot(version.name)
    if (slot !== undefined) this.#quarantine.failed(slot, version, outcome, performance.now())
  }

  /** An event that there was no room for; not the function's doing. */
  shed(version: LoadedVersion) {
    version.counts.loadShed++
    this.#reports.report(version, 'loadShed', undefined)
  }

  close() {
    this.#reports.close()
    this.#quarantine.close()
  }
}
