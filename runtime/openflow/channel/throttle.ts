/** What happens again with every attempt to connect is told once in a while only. */

const repeat_ms = 60_000
const remembered_max = 1_024

export class Throttle {
  readonly #passedAt = new Map<string, number>()

  /** Whether this may be told: not if the same was within the last minute. */
  pass(key: string, now = performance.now()): boolean {
    const passedAt = this.#passedAt.get(key)
    if (passedAt !== undefined && now - passedAt < repeat_ms) return false
    if (this.#passedAt.size >= remembered_max) this.#passedAt.clear()
    this.#passedAt.set(key, now)
    return true
  }
}
