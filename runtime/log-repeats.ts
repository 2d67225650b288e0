/** Keeps what others can make happen a million times from filling the log. */

const repeatIntervalMs = 1_000

interface Repeat {
  times: number
  say: (times: number) => void
}

/** Says the first of a kind at once; those that follow as one line an interval, until none does. */
export class Repeats {
  readonly #intervalMs: number
  readonly #kinds = new Map<string, Repeat>()

  constructor(intervalMs = repeatIntervalMs) {
    this.#intervalMs = intervalMs
  }

  /** @param kind of a bounded set; `say` is called with how often it has happened since it was said last */
  tell(kind: string, say: (times: number) => void): void {
    const known = this.#kinds.get(kind)
    if (known === undefined) {
      this.#kinds.set(kind, { times: 0, say })
      this.#wait(kind)
      say(1)
    } else {
      known.times++
      known.say = say
    }
  }

  #wait(kind: string): void {
    setTimeout(() => this.#sum(kind), this.#intervalMs).unref()
  }

  #sum(kind: string): void {
    const { times, say } = this.#kinds.get(kind)!
    this.#kinds.delete(kind)
    if (times === 0) return
    this.#kinds.set(kind, { times: 0, say })
    this.#wait(kind)
    say(times)
  }
}
