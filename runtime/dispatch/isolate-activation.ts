import type { StoredVersion } from '../deploy/load-version.ts'
import { failure, type Problem, type Result, success } from '../problem.ts'
import type { IsolateHandle } from './isolate-handle.ts'

const where = 'the isolates of the API'

/** Whether it is isolates that were late or ended, and no function that does not load: to be tried again. */
export const isOfIsolates = (problem: Problem): boolean => problem.where === where

interface Round {
  readonly id: number
  readonly versions: readonly StoredVersion[]
  readonly pending: Set<IsolateHandle>
  readonly end: (problem: Problem | undefined) => void
}

/** Sees to it that all isolates serve the same set of functions: first all load it, then all turn to it. */
export class IsolateActivation {
  /** Those that have their state. */
  readonly #isolates = new Set<IsolateHandle>()
  /** What serves; id 0: nothing yet. */
  #served: { readonly id: number; readonly versions: readonly StoredVersion[] } = { id: 0, versions: [] }
  #round: Round | undefined
  #nextId = 1
  #queue: Promise<unknown> = Promise.resolve()

  /** Whether isolates have something to load, so that one that is not ready is late. */
  get awaited(): boolean {
    return this.#served.id !== 0 || this.#round !== undefined
  }

  /** One set after the other. Fails where an isolate refuses the set, ends while loading it, or takes too long. */
  activate(versions: readonly StoredVersion[], timeoutMs: number): Promise<Result<void>> {
    const result = this.#queue.then(() => this.#activate(versions, timeoutMs))
    this.#queue = result
    return result
  }

  /** A new isolate, whose state is on its way; all that is sent to it from now on comes after that. */
  join(isolate: IsolateHandle) {
    this.#isolates.add(isolate)
    if (this.#served.id !== 0) {
      isolate.send({ type: 'prepare', ...this.#served })
      isolate.send({ type: 'serve', id: this.#served.id })
    }
    if (this.#round === undefined) return
    this.#round.pending.add(isolate)
    isolate.send({ type: 'prepare', id: this.#round.id, versions: this.#round.versions })
  }

  /** An isolate says how loading went. True: it can serve now, and could not before. */
  prepared(isolate: IsolateHandle, id: number, problem: Problem | null): boolean {
    const round = this.#round
    if (round?.id === id && round.pending.delete(isolate)) {
      if (problem !== null) round.end(problem)
      else if (round.pending.size === 0) round.end(undefined)
      return false
    }
    if (id !== this.#served.id || problem !== null || isolate.ready) return false
    isolate.ready = true
    return true
  }

  left(isolate: IsolateHandle) {
    this.#isolates.delete(isolate)
    if (this.#round?.pending.delete(isolate) !== true) return
    this.#round.end({ what: 'an isolate ended while it loaded the functions', where })
  }

  async #activate(versions: readonly StoredVersion[], timeoutMs: number): Promise<Result<void>> {
    const id = this.#nextId++
    const pending = new Set(this.#isolates)
    const problem = await new Promise<Problem | undefined>((resolve) => {
      const timer = setTimeout(() => {
        resolve({ what: `the functions were not loaded within ${timeoutMs} ms`, where })
        // Whoever still loads may never come back from it.
        for (const isolate of [...pending]) isolate.end('it was loading functions for too long')
      }, timeoutMs)
      const end = (found: Problem | undefined) => {
        clearTimeout(timer)
        resolve(found)
      }
      this.#round = { id, versions, pending, end }
      for (const isolate of pending) isolate.send({ type: 'prepare', id, versions })
    })
    this.#round = undefined
    if (problem !== undefined) return failure(problem)
    this.#served = { id, versions }
    for (const isolate of this.#isolates) {
      isolate.send({ type: 'serve', id })
      isolate.ready = true
    }
    return success(undefined)
  }
}
