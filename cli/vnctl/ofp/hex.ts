import { fromHex } from '../../../runtime/wire/index.ts'
import { beginsDump, dumpLine, isPacket, isPacketHeader, payloadOf } from './dump.ts'

/** Bytes looked at to tell hexadecimal text from binary. */
const sniffedBytesMax = 256

/** Whether input is text: a binary message begins with its version, a control character that no text begins with. */
export const looksLikeHex = (start: Uint8Array): boolean =>
  start
    .subarray(0, sniffedBytesMax)
    .every((byte) => (byte >= 0x20 && byte < 0x7f) || whiteSpace.includes(byte))
const whiteSpace = [0x09, 0x0a, 0x0d]

/** What may stand between digits: `0x` and the punctuation of C arrays, shell strings and dumps. */
const separators = /0[xX]|[\s,:;"'\\(){}[\]-]+/g

/** Turns hexadecimal text, given in pieces, into bytes. Lines of `#` are comments. */
export class HexReader {
  #line = ''
  #digits = ''
  #lineNumber = 0
  #dump: boolean | undefined
  /** Bytes of the dump so far: the next line's offset. */
  #offset = 0
  /** A packet in a dump, until it is whole: what it carries is told by its headers. */
  #packet: Uint8Array[] | undefined

  /** The bytes that are complete with this piece of text. Throws a SyntaxError that names the line. */
  push(text: string): Uint8Array[] {
    const lines = (this.#line + text).split('\n')
    this.#line = lines.pop() ?? ''
    return lines.map((line) => this.#take(line))
  }

  end(): Uint8Array[] {
    const last = this.#take(this.#line)
    if (this.#digits !== '')
      throw new SyntaxError(`line ${this.#lineNumber}: a digit without its second half`)
    return [last, this.#carried()]
  }

  #take(line: string): Uint8Array {
    this.#lineNumber++
    const text = line.trim()
    if (text === '' || text.startsWith('#')) return new Uint8Array(0)
    if (this.#dump === undefined && isPacketHeader(text)) return new Uint8Array(0)
    this.#dump ??= beginsDump(text)
    if (this.#dump) return this.#takeDump(text)
    const digits = text.replaceAll(separators, '')
    const wrong = /[^0-9a-fA-F]/.exec(digits)
    if (wrong)
      throw new SyntaxError(`line ${this.#lineNumber}: ${JSON.stringify(wrong[0])} is no hexadecimal digit`)
    const all = this.#digits + digits
    const whole = all.length - (all.length % 2)
    this.#digits = all.slice(whole)
    return fromHex(all.slice(0, whole)) ?? new Uint8Array(0)
  }

  /** Lines that are none of the dump are what tools print between: skipped. */
  #takeDump(text: string): Uint8Array {
    const line = dumpLine(text)
    if (line === undefined) return new Uint8Array(0)
    const { offset, digits } = line
    const bytes = fromHex(digits) ?? new Uint8Array(0)
    if (offset !== 0 && offset !== this.#offset)
      throw new SyntaxError(
        `line ${this.#lineNumber}: offset 0x${offset.toString(16)}, expected 0x${this.#offset.toString(16)}: lines are missing`,
      )
    this.#offset = offset + bytes.length
    const before = offset === 0 ? this.#carried() : new Uint8Array(0)
    if (offset === 0 && isPacket(bytes)) this.#packet = []
    if (this.#packet === undefined) return concat([before, bytes])
    this.#packet.push(bytes)
    return before
  }

  /** What the packet before carried. */
  #carried(): Uint8Array {
    const packet = this.#packet
    this.#packet = undefined
    return packet === undefined ? new Uint8Array(0) : payloadOf(concat(packet))
  }
}

const concat = (parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
