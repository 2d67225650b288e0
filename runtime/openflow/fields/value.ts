/** Values of match fields by kind: one switch instead of a function for each of 200 fields. */
import {
  fixedSize,
  type Node,
  readIpv4,
  readIpv6,
  readMac,
  toBytes,
  writeIpv4,
  writeIpv6,
  writeMac,
} from '../../wire/index.ts'

/** How a word is told in the value: by names, or as it is. */
type Spelling = { readonly read: (word: number) => unknown; readonly write: (value: never) => number }

/** What reading and writing a value needs to know. */
export interface Plan {
  /** One of `kinds`. */
  readonly kind: number
  /** Bytes of the value, or -1 where the length in the header says. */
  readonly size: number
  readonly spelling: Spelling
}

const kinds = {
  u8: 0,
  u16: 1,
  u24: 2,
  u32: 3,
  u64: 4,
  u128: 5,
  mac: 6,
  ipv4: 7,
  ipv6: 8,
  bytes: 9,
  word: 10,
} as const
const kindBySize: Readonly<Record<number, number>> = { 1: 0, 2: 1, 3: 2, 4: 3, 8: 4, 16: 5 }

export const planOf = (node: Node<unknown>): Plan => ({
  kind: kindOf(node),
  size: fixedSize(node) ?? -1,
  spelling: spellingOf(node),
})

function kindOf(node: Node<unknown>): number {
  switch (node.kind) {
    case 'int':
      return kindBySize[node.size] ?? kinds.word
    case 'mac':
    case 'ipv4':
    case 'ipv6':
      return kinds[node.kind]
    case 'rest':
      return kinds.bytes
    default:
      return kinds.word
  }
}

function spellingOf(node: Node<unknown>): Spelling {
  if (node.kind === 'flags') return node.bits
  if (node.kind !== 'enum') return { read: (word) => word, write: (value) => value }
  const { byName, byValue, first } = node.codes
  return {
    read: (word) => (word < first ? word : (byValue.get(word) ?? word)),
    write: (value: string | number) =>
      typeof value === 'number' ? value : (byName.get(value) ?? Number.NaN),
  }
}

export function readValue(plan: Plan, b: Uint8Array, v: DataView, o: number, end: number): unknown {
  switch (plan.kind) {
    case kinds.u8:
      return b[o]
    case kinds.u16:
      return v.getUint16(o)
    case kinds.u24:
      return (b[o]! << 16) | v.getUint16(o + 1)
    case kinds.u32:
      return v.getUint32(o)
    case kinds.u64:
      return v.getBigUint64(o)
    case kinds.u128:
      return (v.getBigUint64(o) << 64n) | v.getBigUint64(o + 8)
    case kinds.mac:
      return readMac(b, o)
    case kinds.ipv4:
      return readIpv4(b, o)
    case kinds.ipv6:
      return readIpv6(b, o)
    case kinds.bytes:
      return toBytes(b, o, end)
    default:
      return plan.spelling.read(readWord(b, v, o, plan.size))
  }
}

const readWord = (b: Uint8Array, v: DataView, o: number, size: number) =>
  size === 1 ? b[o]! : size === 2 ? v.getUint16(o) : v.getUint32(o)

/** Writes a value and returns the offset behind it. A value that does not fit is a TypeError. */
export function writeValue(plan: Plan, b: Uint8Array, v: DataView, o: number, value: unknown): number {
  switch (plan.kind) {
    case kinds.mac:
      writeMac(b, o, value as string)
      return o + 6
    case kinds.ipv4:
      writeIpv4(b, o, value as string)
      return o + 4
    case kinds.ipv6:
      writeIpv6(b, o, value as string)
      return o + 16
    case kinds.u64:
      v.setBigUint64(o, value as bigint)
      return o + 8
    case kinds.u128:
      v.setBigUint64(o, (value as bigint) >> 64n)
      v.setBigUint64(o + 8, value as bigint)
      return o + 16
    case kinds.bytes:
      b.set(value as Uint8Array, o)
      return o + (value as Uint8Array).length
    case kinds.word:
      return writeWord(b, v, o, plan.size, plan.spelling.write(value as never))
    default:
      return writeWord(b, v, o, plan.size, value as number)
  }
}

function writeWord(b: Uint8Array, v: DataView, o: number, size: number, value: number): number {
  switch (size) {
    case 1:
      if (value !== (value & 0xff)) throw new TypeError('not a number of 8 bits')
      b[o] = value
      return o + 1
    case 2:
      if (value !== (value & 0xffff)) throw new TypeError('not a number of 16 bits')
      v.setUint16(o, value)
      return o + 2
    case 3:
      if (value !== (value & 0xffffff)) throw new TypeError('not a number of 24 bits')
      b[o] = value >>> 16
      v.setUint16(o + 1, value & 0xffff)
      return o + 3
    default:
      if (value !== value >>> 0) throw new TypeError('not a number of 32 bits')
      v.setUint32(o, value)
      return o + 4
  }
}
