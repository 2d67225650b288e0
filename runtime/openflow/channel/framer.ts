/** Cuts a byte stream into OpenFlow messages. Whole messages are handed on where they lie; only split ones are copied. */
import { failure, type Result, success } from '../../problem.ts'
import { headerBytes, lengthAt, messageBytesMax } from './header.ts'

export interface FrameListener {
  /** One message, `bytes[offset]` to `bytes[end - 1]`. The bytes are valid until `batchEnd` returns. */
  message(bytes: Uint8Array, offset: number, end: number): void
  /** All whole messages of a chunk have been handed on. */
  batchEnd(): void
}

const bufferBytesMin = 2_048

export class Framer {
  readonly #listener: FrameListener
  /** The beginning of a message whose rest has not come. Never longer than one message. */
  #partial = new Uint8Array(0)
  #held = 0
  #stopped = false
  #badHeader: Uint8Array | null = null

  constructor(listener: FrameListener) {
    this.#listener = listener
  }

  /** Bytes of an unfinished message. */
  get heldBytes() {
    return this.#held
  }

  /** The header that `push` failed at. */
  get badHeader() {
    return this.#badHeader
  }

  /** Hands on no more messages, also not those of the chunk in hand. */
  stop() {
    this.#stopped = true
  }

  /** Takes the next bytes of the stream. Fails, for good, at a header that claims fewer bytes than it has itself. */
  push(chunk: Uint8Array): Result<void> {
    const begin = this.#completePartial(chunk)
    const end = this.#handOn(chunk, begin)
    this.#listener.batchEnd()
    if (this.#badHeader !== null) return this.#badLength(this.#badHeader)
    if (!this.#stopped && end < chunk.length) this.#hold(chunk, end, chunk.length)
    return success(undefined)
  }

  /** Hands on the whole messages from `offset`. Returns where the unfinished one begins. */
  #handOn(chunk: Uint8Array, offset: number): number {
    let at = offset
    while (chunk.length - at >= headerBytes && !this.#stopped) {
      const length = lengthAt(chunk, at)
      if (length < headerBytes) return this.#stopAt(chunk, at)
      if (at + length > chunk.length) break
      this.#listener.message(chunk, at, at + length)
      at += length
    }
    return at
  }

  /** Adds to the unfinished message what it misses. Returns how many bytes of the chunk it took. */
  #completePartial(chunk: Uint8Array): number {
    if (this.#held === 0) return 0
    let taken = 0
    if (this.#held < headerBytes) {
      taken = Math.min(headerBytes - this.#held, chunk.length)
      this.#hold(chunk, 0, taken)
      if (this.#held < headerBytes) return taken
    }
    const length = lengthAt(this.#partial, 0)
    if (length < headerBytes) return this.#stopAt(this.#partial, 0)
    const rest = Math.min(length - this.#held, chunk.length - taken)
    this.#hold(chunk, taken, taken + rest)
    if (this.#held === length) {
      this.#held = 0
      this.#listener.message(this.#partial, 0, length)
    }
    return taken + rest
  }

  #hold(chunk: Uint8Array, begin: number, end: number) {
    const size = this.#held + end - begin
    if (size > this.#partial.length) this.#grow(size)
    this.#partial.set(chunk.subarray(begin, end), this.#held)
    this.#held = size
  }

  /** Doubles up to one message: a peer that only claims a long message costs what it sends. */
  #grow(size: number) {
    const doubled = Math.max(size, this.#partial.length * 2, bufferBytesMin)
    const grown = new Uint8Array(Math.min(doubled, messageBytesMax))
    grown.set(this.#partial.subarray(0, this.#held))
    this.#partial = grown
  }

  #stopAt(bytes: Uint8Array, offset: number): number {
    this.#stopped = true
    this.#badHeader = bytes.slice(offset, offset + headerBytes)
    return offset
  }

  #badLength(header: Uint8Array): Result<never> {
    return failure({
      what: 'the header claims fewer bytes than a header has',
      where: 'header.length',
      expected: `${headerBytes} or more`,
      received: String(lengthAt(header, 0)),
    })
  }
}
