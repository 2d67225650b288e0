import { makeBits, makeCodes } from './names.ts'
import type { BitField, Hidden, Node } from './node.ts'

const int = <T>(size: 1 | 2 | 3 | 4 | 8 | 16): Node<T> & { size: typeof size } => ({ kind: 'int', size })

/** Unsigned integers, most significant byte first. Up to 32 bits the value is a number, above a bigint. */
export const u8 = int<number>(1)
export const u16 = int<number>(2)
export const u24 = int<number>(3)
export const u32 = int<number>(4)
export const u64 = int<bigint>(8)
export const u128 = int<bigint>(16)

/** Addresses are text: `00:53:00:00:00:01`, `192.0.2.1`, `2001:db8::1` (RFC 5952). */
export const mac: Node<string> = { kind: 'mac', size: 6 }
export const ipv4: Node<string> = { kind: 'ipv4', size: 4 }
export const ipv6: Node<string> = { kind: 'ipv6', size: 16 }

/** A fixed number of bytes. */
export const bytes = (size: number): Node<Uint8Array> => ({ kind: 'bytes', size })
/** All bytes up to the end. */
export const rest: Node<Uint8Array> = { kind: 'rest' }
/** Text in a field of fixed size that ends at the first NUL. Bytes after that are kept in `raw`. */
export const text = (size: number): Node<string> => ({ kind: 'text', size })
/** Zeros. Anything else is kept in `raw`. */
export const pad = (size: number): Node<Hidden> => ({ kind: 'pad', size })
/** Zeros up to a multiple of `to` bytes. */
export const align = (to: number, least = 0): Node<Hidden> => ({
  kind: 'align',
  to,
  least,
  before: undefined,
})
/** The same in front of a list, where that has elements. */
export const alignBefore = (list: string, to: number): Node<Hidden> => ({
  kind: 'align',
  to,
  least: 0,
  before: list,
})

type Sized<S extends number> = Node<number> & { size: S | 1 | 2 | 3 | 4 | 8 | 16 }
const sizeOf = (base: Sized<number>): 1 | 2 | 4 => base.size as 1 | 2 | 4

/** A number that has names: the value is the name, or the number where it has none. */
export const names = <const N extends Record<string, number>>(
  base: Sized<number>,
  table: N,
): Node<(keyof N & string) | number> => ({ kind: 'enum', size: sizeOf(base), codes: makeCodes(table) })

/** A word of bits that have names: the value is the list of names, with numbers for bits that have none. */
export const flags = <const N extends Record<string, number>>(
  base: Sized<number>,
  table: N,
): Node<readonly ((keyof N & string) | number)[]> => ({
  kind: 'flags',
  size: sizeOf(base),
  bits: makeBits(table),
})

/** Parts of a word: `{ offset: [6, 10], n_bits: [0, 6, 1] }` is shift, width and what is added to the value read. */
export const bits = <const P extends Record<string, BitField>>(
  base: Sized<number>,
  parts: P,
): Node<{ [K in keyof P]: number }> => ({ kind: 'bits', size: sizeOf(base) as 2 | 4, parts })

/** Always this number, and not part of the value. */
export const constant = (base: Sized<number>, value: number): Node<Hidden> => ({
  kind: 'constant',
  size: sizeOf(base),
  value,
  shown: undefined,
})

/** Always this number; the value has `shown` in its place. Unions tell their variants apart by it. */
export const literal = <const S extends string | number>(
  base: Sized<number>,
  value: number,
  shown: S,
): Node<S> => ({ kind: 'constant', size: sizeOf(base), value, shown })
