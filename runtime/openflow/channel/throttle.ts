/** What happens again with every attempt to connect is told once in a while only. */

const repeatMs = 60_000
const rememberedMax = 1_024

export class Throttle {
  readonly #passedAt = new Map<string, number>()

  /** Whether this may be told: not if the same was within the last minute. */
  pass(key: string, now = performance.now()): boolean {
    const passedAt = this.#passedAt.get(key)
    if (passedAt !== undefined && now - passedAt < repeatMs) return false
    if (this.#passedAt.size >= rememberedMax) this.#passedAt.clear()
    this.#passedAt.set(key, now)
    return true
  }
}
