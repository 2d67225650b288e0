import { fromHex } from '../../../runtime/wire/index.ts'

/** Bytes looked at to tell hexadecimal text from binary. */
const sniffed_bytes_max = 256

/** Whether input is text: a binary message begins with its version, a control character that no text begins with. */
export const looksLikeHex = (start: Uint8Array): boolean =>
  start
    .subarray(0, sniffed_bytes_max)
    .every((byte) => (byte >= 0x20 && byte < 0x7f) || white_space.includes(byte))
const white_space = [0x09, 0x0a, 0x0d]

/** What may stand between digits: `0x` and the punctuation of C arrays, shell strings and dumps. */
const separators = /0[xX]|[\s,:;"'\\(){}[\]-]+/g

/** `00000010  04 0e …  |text|`: an offset in front and perhaps the characters behind, as dump tools print. */
const dump_line =
  /^([0-9a-fA-F]{7,8}):?\s+((?:[0-9a-fA-F]{2,8}[ -]{1,2})*[0-9a-fA-F]{2,8})-?(?:\s{2,}.*|\s+\|.*)?$/

/** Turns hexadecimal text, given in pieces, into bytes. Lines of `#` are comments. */
export class HexReader {
  #line = ''
  #digits = ''
  #lineNumber = 0
  #dump: boolean | undefined

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
    return [last]
  }

  #take(line: string): Uint8Array {
    this.#lineNumber++
    const text = line.trim()
    if (text === '' || text.startsWith('#')) return new Uint8Array(0)
    this.#dump ??= /^0{7,8}:?\s/.test(text) && dump_line.test(text)
    const digits = (this.#dump ? (dump_line.exec(text)?.[2] ?? '') : text).replaceAll(separators, '')
    const wrong = /[^0-9a-fA-F]/.exec(digits)
    if (wrong)
      throw new SyntaxError(`line ${this.#lineNumber}: ${JSON.stringify(wrong[0])} is no hexadecimal digit`)
    const all = this.#digits + digits
    const whole = all.length - (all.length % 2)
    this.#digits = all.slice(whole)
    return fromHex(all.slice(0, whole)) ?? new Uint8Array(0)
  }
}
