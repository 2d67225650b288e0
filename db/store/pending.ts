/** Questions to another thread that are not answered yet: so many at most, and none for ever. */
import type { Problem } from '../../runtime/problem.ts'

const sweepIntervalMs = 1_000

interface Open {
  resolve(value: never): void
  fail(problem: Problem): void
  readonly since: number
}

const overloaded = (limit: number): Problem => ({
  what: 'too much is waiting',
  where: 'the database',
  expected: `${limit} at most`,
  hint: 'Try again in a moment.',
})

export class Pending {
  private readonly open = new Map<number, Open>()
  private nextId = 1
  private readonly limit: number
  private readonly timeoutMs: number
  private readonly timer: Timer
  private ended: Problem | undefined

  /** At most `limit` at a time, each for `timeoutMs` and at most a second more. */
  constructor(limit: number, timeoutMs: number) {
    this.limit = limit
    this.timeoutMs = timeoutMs
    this.timer = setInterval(() => this.sweep(), sweepIntervalMs)
    this.timer.unref()
  }

  /** Asks by `send(id)`; what `resolve(id)` is given later, or what `fail` makes of a Problem. */
  ask<T>(send: (id: number) => void, fail: (problem: Problem) => T | Promise<T>): Promise<T> {
    if (this.ended !== undefined) return Promise.resolve(fail(this.ended))
    if (this.open.size >= this.limit) return Promise.resolve(fail(overloaded(this.limit)))
    const id = this.nextId++
    return new Promise<T>((resolve) => {
      this.open.set(id, { resolve, fail: (problem) => resolve(fail(problem)), since: performance.now() })
      send(id)
    })
  }

  resolve(id: number, value: unknown): void {
    const found = this.open.get(id)
    this.open.delete(id)
    found?.resolve(value as never)
  }

  fail(id: number, problem: Problem): void {
    const found = this.open.get(id)
    this.open.delete(id)
    found?.fail(problem)
  }

  /** Fails what is open and what will be asked. */
  end(problem: Problem): void {
    clearInterval(this.timer)
    this.ended ??= problem
    for (const id of [...this.open.keys()]) this.fail(id, problem)
  }

  private sweep(): void {
    const before = performance.now() - this.timeoutMs
    for (const [id, { since }] of this.open) {
      if (since > before) return
      this.fail(id, { what: `no answer in ${this.timeoutMs} ms`, where: 'the database' })
    }
  }
}
