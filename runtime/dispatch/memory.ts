import type { Remembered } from '../openvnet/environment.ts'
import { memoryLimits } from './limits.ts'

interface Entry {
  readonly key: string
  readonly bytes: Uint8Array
  readonly share: string
  readonly since: number
  readonly until: number
}

/** What is to be kept. */
export interface Memorable {
  readonly key: string
  readonly bytes: Uint8Array
  readonly ttlMs: number
  /** Whose it is; '': of those who share what is nobody's. */
  readonly share: string
}

/** What one share holds, the oldest first. */
interface Share {
  readonly entries: Map<string, Entry>
  bytes: number
}

/**
 * What functions of a host remember for each other: bounded, and nothing that anyone may rely on. Reading changes
 * nothing, since guarded code reads.
 */
export class Memory {
  readonly #entries = new Map<string, Entry>()
  readonly #shares = new Map<string, Share>()
  #bytes = 0

  get size(): number {
    return this.#entries.size
  }

  /**
   * Where a share has no room left, its oldest go; where there is none at all, those of the share that has most.
   * @param now milliseconds since 1970, as for `recall`
   */
  remember({ key, bytes, ttlMs, share }: Memorable, now: number) {
    this.#forget(key)
    const entry = { key, bytes, share, since: now, until: now + ttlMs }
    const own = this.#shares.get(share) ?? { entries: new Map(), bytes: 0 }
    this.#shares.set(share, own)
    this.#entries.set(key, entry)
    own.entries.set(key, entry)
    own.bytes += sizeOf(entry)
    this.#bytes += sizeOf(entry)
    while (this.#isFull(own, share)) this.#forgetOldest(own)
    while (this.#entries.size > memoryLimits.entriesMax || this.#bytes > memoryLimits.bytesMax)
      this.#forgetOldest(this.#largest())
  }

  /** A copy. */
  recall(key: string, now: number): Remembered | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined || now >= entry.until || now < entry.since) return undefined
    return { bytes: entry.bytes.slice(), ageMs: now - entry.since }
  }

  #isFull({ entries, bytes }: Share, share: string): boolean {
    const { shareEntriesMax, shareBytesMax } = memoryLimits
    return share !== '' && (entries.size > shareEntriesMax || bytes > shareBytesMax)
  }

  #largest(): Share {
    const [first, ...others] = this.#shares.values()
    return others.reduce((most, share) => (share.bytes > most.bytes ? share : most), first!)
  }

  #forgetOldest({ entries }: Share) {
    for (const key of entries.keys()) return this.#forget(key)
  }

  #forget(key: string) {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    const share = this.#shares.get(entry.share)!
    this.#entries.delete(key)
    share.entries.delete(key)
    share.bytes -= sizeOf(entry)
    this.#bytes -= sizeOf(entry)
    if (share.entries.size === 0) this.#shares.delete(entry.share)
  }
}

const sizeOf = ({ key, bytes }: Entry) => key.length * 2 + bytes.length
