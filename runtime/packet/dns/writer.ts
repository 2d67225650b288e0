import { dnsHeaderLength } from './constants.ts'
import { dnsLabels, dnsNameBytes } from './names.ts'

const pointer = 0xc000
/** What a pointer can lead to: 14 bits. */
const offsetMax = 0x3fff

/** Writes a message of a limited length; names that were written before are pointed to (RFC 1035, 4.1.4). */
export class DnsWriter {
  /** In bytes. */
  readonly limit: number
  length = 0
  /** Something did not fit; it and all after it were not written. */
  overflowed = false
  readonly #bytes: Uint8Array
  readonly #view: DataView
  /** Where names and their ends lie. */
  readonly #names = new Map<string, number>()

  constructor(limit: number) {
    this.limit = limit
    this.#bytes = new Uint8Array(limit)
    this.#view = new DataView(this.#bytes.buffer)
  }

  u8(value: number) {
    if (this.#room(1)) this.#view.setUint8(this.length++, value)
  }

  u16(value: number) {
    if (!this.#room(2)) return
    this.#view.setUint16(this.length, value)
    this.length += 2
  }

  u32(value: number) {
    if (!this.#room(4)) return
    this.#view.setUint32(this.length, value)
    this.length += 4
  }

  /** Over what is written already. */
  setU16(at: number, value: number) {
    if (at + 2 <= this.length) this.#view.setUint16(at, value)
  }

  bytes(value: Uint8Array) {
    if (!this.#room(value.length)) return
    this.#bytes.set(value, this.length)
    this.length += value.length
  }

  /** The question, byte for byte; answers point to its name, so they have its case. */
  question(name: string, asked: Uint8Array) {
    this.bytes(asked)
    if (!this.overflowed) this.#remember(dnsLabels(name), dnsHeaderLength)
  }

  name(name: string) {
    const labels = dnsLabels(name)
    for (let index = 0; index < labels.length; index++) {
      const known = this.#names.get(labels.slice(index).join('.'))
      if (known !== undefined) return this.u16(pointer | known)
      if (this.length <= offsetMax) this.#names.set(labels.slice(index).join('.'), this.length)
      // Without the root that ends every name.
      this.bytes(dnsNameBytes(labels[index]!).subarray(0, -1))
    }
    this.u8(0)
  }

  /** To go back to. */
  mark(): number {
    return this.length
  }

  back(mark: number) {
    this.length = mark
    this.overflowed = false
    for (const [name, at] of this.#names) if (at >= mark) this.#names.delete(name)
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.length)
  }

  #remember(labels: readonly string[], from: number) {
    let at = from
    for (let index = 0; index < labels.length; index++) {
      this.#names.set(labels.slice(index).join('.'), at)
      at += this.#bytes[at]! + 1
    }
  }

  #room(bytes: number): boolean {
    if (this.overflowed || this.length + bytes > this.limit) this.overflowed = true
    return !this.overflowed
  }
}
