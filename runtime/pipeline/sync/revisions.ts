/** Which revision of the state a switch has acknowledged, and who waits for one. */

interface Waiter {
  readonly revision: number
  readonly resolve: (applied: boolean) => void
  readonly timer: ReturnType<typeof setTimeout>
}

export class Revisions {
  #applied = -1
  readonly #waiters = new Set<Waiter>()

  readonly #waitersMax: number
  readonly #onAdvance: (() => void) | undefined

  /** `waitersMax`: how many may wait at once. */
  constructor(waitersMax: number, onAdvance?: () => void) {
    this.#waitersMax = waitersMax
    this.#onAdvance = onAdvance
  }

  /** The last revision that was acknowledged; -1 before the first. */
  get applied(): number {
    return this.#applied
  }

  /** Everything up to `revision` is acknowledged. */
  advance(revision: number): void {
    if (revision <= this.#applied) return
    this.#applied = revision
    for (const waiter of this.#waiters) if (waiter.revision <= revision) this.#settle(waiter, true)
    this.#onAdvance?.()
  }

  /** True once `revision` or a later one is acknowledged; false after `timeoutMs`, after `end`, or when too many wait. */
  when(revision: number, timeoutMs: number): Promise<boolean> {
    if (revision <= this.#applied) return Promise.resolve(true)
    if (this.#waiters.size >= this.#waitersMax) return Promise.resolve(false)
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle(waiter, false), timeoutMs)
      const waiter: Waiter = { revision, resolve, timer }
      this.#waiters.add(waiter)
    })
  }

  /** Nothing more will be acknowledged. */
  end(): void {
    for (const waiter of this.#waiters) this.#settle(waiter, false)
  }

  #settle(waiter: Waiter, applied: boolean): void {
    clearTimeout(waiter.timer)
    this.#waiters.delete(waiter)
    waiter.resolve(applied)
  }
}
