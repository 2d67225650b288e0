/** Callbacks for one kind of event; a fault in one of them costs neither the others nor the connection. */
import type { Logger } from '../../log.ts'

/** Runs a callback of somebody else's. Returns undefined, having logged it, when it throws. */
export function safely<T>(log: Logger, run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    reportFault(log, error)
    return undefined
  }
}

/** What a callback threw. */
export function reportFault(log: Logger, error: unknown) {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  log.error('a listener of the OpenFlow channel failed', { error: text })
}

export class Listeners<A extends unknown[]> {
  readonly #listeners = new Set<(...args: A) => void>()
  readonly #log: Logger

  constructor(log: Logger) {
    this.#log = log
  }

  /** Returns a function that takes the listener away again. */
  add(listener: (...args: A) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  call(...args: A) {
    for (const listener of this.#listeners) safely(this.#log, () => listener(...args))
  }
}
