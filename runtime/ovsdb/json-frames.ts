/**
 * Cuts a byte stream into JSON objects. RFC 7047 sends JSON-RPC messages one after the other with nothing between them,
 * so their ends are found by counting brackets outside strings. Memory is bounded by the largest message allowed.
 */
import { failure, type Problem, type Result, success } from '../problem.ts'

/** 10,000 ports are about 5 MB in a monitor's first reply. Parsed, hostile JSON can take ten times its length. */
export const messageBytesMax = 16 * 1024 * 1024
/** RFC 7047 nests a dozen deep at most; JSON.parse must never be given thousands. */
const depthMax = 64
const bufferBytesInitial = 64 * 1024
/** A buffer that one large message made is not kept for the small ones that follow. */
const bufferBytesKept = 1024 * 1024

const quote = 0x22
const backslash = 0x5c

export class JsonFrames {
  #buffer = new Uint8Array(bufferBytesInitial)
  #length = 0
  #scanned = 0
  #depth = 0
  #inString = false
  #escaped = false
  #failed: Problem | null = null
  readonly #bytesMax: number
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })

  constructor(bytesMax = messageBytesMax) {
    this.#bytesMax = bytesMax
  }

  /** Bytes held for a message that is not complete. */
  get pending(): number {
    return this.#length
  }

  /**
   * Takes the next bytes and calls `onMessage` with each complete object. After a failure the stream is out of step:
   * every later call fails the same way.
   */
  push(chunk: Uint8Array, onMessage: (message: Record<string, unknown>) => void): Result<void> {
    if (this.#failed !== null) return failure(this.#failed)
    const problem = this.#append(chunk) ?? this.#scan(onMessage)
    if (problem === null) return success(undefined)
    this.#failed = problem
    this.#buffer = new Uint8Array(0)
    this.#length = 0
    return failure(problem)
  }

  #append(chunk: Uint8Array): Problem | null {
    const needed = this.#length + chunk.length
    // A chunk may end one message and start others: what is beyond the limit is at most one chunk, which we hold anyway.
    if (this.#length > this.#bytesMax) return this.#tooLong()
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(needed, Math.min(this.#buffer.length * 2, this.#bytesMax)))
      grown.set(this.#buffer.subarray(0, this.#length))
      this.#buffer = grown
    }
    this.#buffer.set(chunk, this.#length)
    this.#length = needed
    return null
  }

  #scan(onMessage: (message: Record<string, unknown>) => void): Problem | null {
    let start = 0
    for (let at = this.#scanned; at < this.#length; at++) {
      const byte = this.#buffer[at]!
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (byte === backslash) this.#escaped = true
        else if (byte === quote) this.#inString = false
        continue
      }
      if (this.#depth === 0) {
        if (isSpace(byte)) {
          start = at + 1
          continue
        }
        if (byte !== 0x7b) return outOfStep(byte)
        start = at
      }
      if (byte === quote) this.#inString = true
      else if (byte === 0x7b || byte === 0x5b) {
        if (++this.#depth > depthMax) return { what: `JSON nested deeper than ${depthMax}`, where: 'stream' }
      } else if (byte === 0x7d || byte === 0x5d) {
        if (--this.#depth > 0) continue
        const problem = this.#emit(start, at + 1, onMessage)
        if (problem !== null) return problem
        start = at + 1
      }
    }
    this.#keepFrom(start)
    return this.#length > this.#bytesMax ? this.#tooLong() : null
  }

  #emit(start: number, end: number, onMessage: (message: Record<string, unknown>) => void): Problem | null {
    if (end - start > this.#bytesMax) return this.#tooLong()
    let message: Record<string, unknown>
    try {
      message = JSON.parse(this.#decoder.decode(this.#buffer.subarray(start, end)))
    } catch (error) {
      return { what: `not JSON: ${String(error).slice(0, 200)}`, where: 'stream' }
    }
    onMessage(message)
    return null
  }

  #keepFrom(start: number) {
    const rest = this.#length - start
    if (rest === 0 && this.#buffer.length > bufferBytesKept) this.#buffer = new Uint8Array(bufferBytesInitial)
    else if (start > 0) this.#buffer.copyWithin(0, start, this.#length)
    this.#length = rest
    this.#scanned = rest
  }

  #tooLong(): Problem {
    return { what: 'a message is too long', where: 'stream', expected: `at most ${this.#bytesMax} bytes` }
  }
}

const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

const outOfStep = (byte: number): Problem => ({
  what: 'not a JSON-RPC message',
  where: 'stream',
  expected: '{',
  received: `byte 0x${byte.toString(16).padStart(2, '0')}`,
})
