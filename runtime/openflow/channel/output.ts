/** What waits to be sent on one connection: one buffer, written in one go. The socket queues nothing; the rest stays here. */

/** Writes bytes[offset, offset + length) and returns how many were taken; -1 when the socket is closed. */
export type WriteBytes = (bytes: Uint8Array, offset: number, length: number) => number

const capacityBytesMin = 4_096
/** An empty buffer above this is given back to the collector. */
const capacityKeepBytesMax = 1 << 20

export class Output {
  readonly #write: WriteBytes
  readonly #maxBytes: number
  #bytes = new Uint8Array(0)
  #head = 0
  #tail = 0
  #sentBytes = 0

  constructor(write: WriteBytes, maxBytes: number) {
    this.#write = write
    this.#maxBytes = maxBytes
  }

  /** Bytes that wait. */
  get pending() {
    return this.#tail - this.#head
  }

  get sentBytes() {
    return this.#sentBytes
  }

  /** The buffer that `reserve` gives offsets into; another one after each `reserve`, perhaps. */
  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** Makes room for `length` bytes, to be filled before control returns to the event loop. Returns their offset in `bytes`, or -1 when the limit is reached. */
  reserve(length: number): number {
    if (this.pending + length > this.#maxBytes) return -1
    if (this.#tail + length > this.#bytes.length) this.#makeRoom(length)
    const offset = this.#tail
    this.#tail += length
    return offset
  }

  /** Appends bytes[offset, end). Returns false, having appended nothing, when the limit is reached. */
  append(bytes: Uint8Array, offset = 0, end = bytes.length): boolean {
    const at = this.reserve(end - offset)
    if (at < 0) return false
    this.#bytes.set(offset === 0 && end === bytes.length ? bytes : bytes.subarray(offset, end), at)
    return true
  }

  /** Writes what the socket takes. Returns how many bytes that were. */
  flush(): number {
    const length = this.pending
    if (length === 0) return 0
    const taken = Math.max(this.#write(this.#bytes, this.#head, length), 0)
    this.#head += taken
    this.#sentBytes += taken
    if (this.#head === this.#tail) this.#empty()
    return taken
  }

  /** Forgets what waits. */
  clear() {
    this.#head = this.#tail
    this.#empty()
  }

  #empty() {
    this.#head = 0
    this.#tail = 0
    if (this.#bytes.length > capacityKeepBytesMax) this.#bytes = new Uint8Array(0)
  }

  /** Moves what waits to the front, of a larger buffer when at least half of this one would stay full. */
  #makeRoom(length: number) {
    const needed = this.pending + length
    const capacity = Math.max(this.#bytes.length, capacityBytesMin)
    if (needed * 2 <= capacity && this.#bytes.length > 0) {
      this.#bytes.copyWithin(0, this.#head, this.#tail)
    } else {
      const grown = new Uint8Array(Math.max(capacity * 2, needed))
      grown.set(this.#bytes.subarray(this.#head, this.#tail))
      this.#bytes = grown
    }
    this.#tail -= this.#head
    this.#head = 0
  }
}
