import { sourceStack } from '../deploy/handler-modules.ts'
import type { Logger } from '../log.ts'
import type { LoadedVersion } from './active-function.ts'
import { failureLimits } from './limits.ts'
import type { Outcome } from './outcomes.ts'

const framesMax = 12

interface Summary {
  suppressed: number
  lastError: string
  readonly timer: ReturnType<typeof setTimeout>
}

const messageOf = (error: unknown): string => {
  try {
    return error instanceof Error ? error.message : String(error)
  } catch {
    return 'an error that cannot be shown'
  }
}

const stackOf = (error: unknown): string | undefined => {
  try {
    return error instanceof Error && typeof error.stack === 'string'
      ? sourceStack(ownFrames(error.stack))
      : undefined
  } catch {
    return undefined
  }
}

const hostFrame = /\/runtime\/dispatch\/(packet-batch|event-run)\.ts|runInThisContext/

/** The frames of the function itself: what called it is the same every time. */
function ownFrames(stack: string): string {
  const lines = stack.split('\n')
  const end = lines.findIndex((line) => hostFrame.test(line))
  return lines.slice(0, end === -1 ? framesMax : Math.min(end, framesMax)).join('\n')
}

/** For what there is no room the function is not to blame: too much comes at once, or the database is away. */
const kindOf = (outcome: Outcome) =>
  outcome === 'loadShed'
    ? ({ level: 'warn', what: 'there was no room for an event of a function' } as const)
    : ({ level: 'error', what: 'function failed' } as const)

/** Logs failures of functions: the first of a kind with its stack at once, the others as one line a second. */
export class FailureReports {
  readonly #log: Logger
  readonly #summaries = new Map<string, Summary>()

  constructor(log: Logger) {
    this.#log = log
  }

  report(version: LoadedVersion, outcome: Outcome, error: unknown) {
    const key = `${version.id} ${outcome}`
    const summary = this.#summaries.get(key)
    if (summary !== undefined) {
      summary.suppressed++
      summary.lastError = error === undefined ? '' : messageOf(error)
      return
    }
    const { level, what } = kindOf(outcome)
    this.#log[level](what, {
      function: version.id,
      outcome,
      error: error === undefined ? undefined : messageOf(error),
      stack: stackOf(error),
    })
    const timer = setTimeout(() => this.#summarise(key, version, outcome), failureLimits.reportIntervalMs)
    timer.unref()
    this.#summaries.set(key, { suppressed: 0, lastError: '', timer })
  }

  close() {
    for (const { timer } of this.#summaries.values()) clearTimeout(timer)
    this.#summaries.clear()
  }

  #summarise(key: string, version: LoadedVersion, outcome: Outcome) {
    const summary = this.#summaries.get(key)
    this.#summaries.delete(key)
    if (summary === undefined || summary.suppressed === 0) return
    const { level, what } = kindOf(outcome)
    this.#log[level](`${what} again`, {
      function: version.id,
      outcome,
      times: summary.suppressed,
      error: summary.lastError || undefined,
    })
    const timer = setTimeout(() => this.#summarise(key, version, outcome), failureLimits.reportIntervalMs)
    timer.unref()
    this.#summaries.set(key, { suppressed: 0, lastError: '', timer })
  }
}
