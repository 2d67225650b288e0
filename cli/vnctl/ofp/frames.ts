/** Cuts a stream of bytes into messages by the lengths in their headers. */

const headerBytes = 8

export interface Frame {
  readonly bytes: Uint8Array
  /** Where the message begins in the whole input. */
  readonly offset: number
  /** Why there is no message after this one. */
  readonly end?: string
}

export class Framer {
  #pending: Uint8Array = new Uint8Array(0)
  #offset = 0
  #lost = false

  /** The messages that are complete with this piece. After an impossible length there are no more. */
  push(piece: Uint8Array): Frame[] {
    if (this.#lost || piece.length === 0) return []
    const frames: Frame[] = []
    this.#pending = join(this.#pending, piece)
    let at = 0
    while (this.#pending.length - at >= headerBytes) {
      const length = (this.#pending[at + 2]! << 8) | this.#pending[at + 3]!
      if (length < headerBytes) {
        this.#lost = true
        frames.push({ bytes: this.#pending.slice(at), offset: this.#offset + at, end: shortLength(length) })
        return frames
      }
      if (this.#pending.length - at < length) break
      frames.push({ bytes: this.#pending.slice(at, at + length), offset: this.#offset + at })
      at += length
    }
    this.#pending = this.#pending.subarray(at)
    this.#offset += at
    return frames
  }

  /** What is left when the input ends in the middle of a message. */
  rest(): Frame | undefined {
    if (this.#lost || this.#pending.length === 0) return undefined
    const length = this.#pending.length >= 4 ? (this.#pending[2]! << 8) | this.#pending[3]! : headerBytes
    if (length < headerBytes) return { bytes: this.#pending, offset: this.#offset, end: shortLength(length) }
    const end = `the input ends within the message: expected ${length} bytes, received ${this.#pending.length}`
    return { bytes: this.#pending, offset: this.#offset, end }
  }
}

const shortLength = (length: number) =>
  `the length in the header is ${length}, expected at least ${headerBytes}; what follows cannot be found`

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
