/** Callbacks for one kind of event; a fault in one of them costs neither the others nor the connection. */
import type { Logger } from '../../log.ts'

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
    for (const listener of this.#listeners) {
      try {
        listener(...args)
      } catch (error) {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
        this.#log.error('a listener of the OpenFlow channel failed', { error: text })
      }
    }
  }
}
