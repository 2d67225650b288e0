/** Collects the bytes of a canonical form and turns them into a string that compares and hashes fast. */

/** A canonical form is at most about twice its message, which has at most 64 KiB. */
const canonicalBytesMax = 256 * 1024

/** One is shared by all canonical forms: they are made one at a time, without awaiting. */
export class Writer {
  readonly bytes = Buffer.allocUnsafeSlow(canonicalBytesMax)
  at = 0

  reset(): this {
    this.at = 0
    return this
  }

  u8(value: number): this {
    this.bytes[this.at++] = value
    return this
  }

  u16(value: number): this {
    return this.u8(value >>> 8).u8(value)
  }

  u32(value: number): this {
    return this.u16(value >>> 16).u16(value)
  }

  copy(from: Uint8Array, start: number, end: number): this {
    for (let i = start; i < end; i++) this.bytes[this.at++] = from[i]!
    return this
  }

  /** `value & mask`, both `length` bytes. */
  masked(from: Uint8Array, value: number, mask: number, length: number): this {
    for (let i = 0; i < length; i++) this.bytes[this.at++] = from[value + i]! & from[mask + i]!
    return this
  }

  /** One character a byte: equal strings are equal bytes. */
  toString(): string {
    return this.bytes.toString('latin1', 0, this.at)
  }
}

export const writer = new Writer()

export const isAll = (bytes: Uint8Array, start: number, end: number, value: number): boolean => {
  for (let i = start; i < end; i++) if (bytes[i] !== value) return false
  return true
}
