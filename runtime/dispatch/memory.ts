import type { Remembered } from '../openvnet/environment.ts'
import { memoryLimits } from './limits.ts'

interface Entry {
  readonly bytes: Uint8Array
  readonly since: number
  readonly until: number
}

/**
 * What functions of a host remember for each other: bounded, and nothing that anyone may rely on. Reading changes
 * nothing, since guarded code reads.
 */
export class Memory {
  readonly #entries = new Map<string, Entry>()
  #bytes = 0

  get size(): number {
    return this.#entries.size
  }

  /** The oldest go where there is no room. @param now milliseconds since 1970, as for `recall` */
  remember(key: string, bytes: Uint8Array, ttlMs: number, now: number) {
    this.#forget(key)
    this.#entries.set(key, { bytes, since: now, until: now + ttlMs })
    this.#bytes += sizeOf(key, bytes)
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= memoryLimits.entriesMax && this.#bytes <= memoryLimits.bytesMax) return
      this.#forget(oldest)
    }
  }

  /** A copy. */
  recall(key: string, now: number): Remembered | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined || now >= entry.until || now < entry.since) return undefined
    return { bytes: entry.bytes.slice(), ageMs: now - entry.since }
  }

  #forget(key: string) {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#bytes -= sizeOf(key, entry.bytes)
  }
}

const sizeOf = (key: string, bytes: Uint8Array) => key.length * 2 + bytes.length
