/** @module A codec is plain data: a tree of nodes. Reader, writer, JSON form and random generator follow from it. */
import type { Codes, NamedBits } from './names.ts'

/** Bytes that carry no meaning but are on the wire, by the name of the field that they stand in. */
export type Raw = { readonly [field: string]: Uint8Array }

export interface Int {
  readonly kind: 'int'
  readonly size: 1 | 2 | 3 | 4 | 8 | 16
}
export interface Address {
  readonly kind: 'mac' | 'ipv4' | 'ipv6'
  readonly size: 6 | 4 | 16
}
export interface Bytes {
  readonly kind: 'bytes'
  readonly size: number
}
/** Bytes up to the end of the region. */
export interface Rest {
  readonly kind: 'rest'
}
export interface Text {
  readonly kind: 'text'
  readonly size: number
}
export interface Padding {
  readonly kind: 'pad'
  readonly size: number
}
/** Zeros up to a multiple of `to` bytes from the structure's start; as a last field it takes all that is left. */
export interface Align {
  readonly kind: 'align'
  readonly to: number
  /** The structure has at least so many bytes. */
  readonly least: number
  /** The zeros are there only if this list, which follows, has elements. */
  readonly before: string | undefined
}
/** A word whose bits say which optional fields follow. */
export interface Presence {
  readonly kind: 'presence'
  readonly size: 2
  readonly of: Readonly<Record<string, number>>
}
/** A field that is there where a presence word says so, or where a bit of the flags `when.field` is set. */
export interface Optional {
  readonly kind: 'optional'
  readonly node: Shape
  readonly when: { readonly field: string; readonly flag: string; readonly bit: number } | undefined
}
export interface Enumeration {
  readonly kind: 'enum'
  readonly size: 1 | 2 | 4
  readonly codes: Codes
}
export interface Flags {
  readonly kind: 'flags'
  readonly size: 1 | 2 | 4
  readonly bits: NamedBits
}
/** Always the same bytes. With `shown` it is part of the value, as that name. */
export interface Constant {
  readonly kind: 'constant'
  readonly size: 1 | 2 | 4
  readonly value: number
  readonly shown: string | number | undefined
}
/** The length in bytes of the field `of`, or of the whole structure where `of` is undefined. */
export interface Length {
  readonly kind: 'length'
  readonly size: 1 | 2
  readonly of: string | undefined
}
/** The number of elements of the list `of`. */
export interface Count {
  readonly kind: 'count'
  readonly size: 2
  readonly of: string
}
export type BitField = readonly [shift: number, width: number, plus?: number]
export interface Bits {
  readonly kind: 'bits'
  readonly size: 2 | 4
  readonly parts: Readonly<Record<string, BitField>>
}
export interface Struct {
  readonly kind: 'struct'
  readonly fields: Readonly<Record<string, Shape>>
  /** Zeros that follow, outside the structure's own length. */
  readonly outerAlign: number
  /** Some writers forget these zeros: what is not zero there is the next structure. */
  readonly outerAlignForgotten: boolean
}
export interface List {
  readonly kind: 'list'
  readonly element: Shape
  /** Elements whose lengths make no sense end the list; what is left stays in the structure's `raw.trailing`. */
  readonly lenient: boolean
}
export interface Union {
  readonly kind: 'union'
  readonly name: string
  readonly variants: readonly Struct[]
}
export interface Lazy {
  readonly kind: 'lazy'
  readonly get: () => Shape
}
/** `[prefix u16][length u16] body`, length without the zeros that follow up to a multiple of `align`. */
export interface Frame {
  readonly kind: 'frame'
  readonly prefix: number
  readonly align: number
  readonly body: Shape
}
/** Encoding that a table drives better than a tree (match fields). */
export interface Native {
  readonly kind: 'native'
  readonly name: string
  /** Consumes `end` entirely when `fills`, else leaves the new offset in `cursor.at`. */
  readonly fills: boolean
  readonly minimum: number
  readonly read: (bytes: Uint8Array, view: DataView, offset: number, end: number) => unknown
  readonly write: (bytes: Uint8Array, view: DataView, offset: number, value: never) => number
  readonly fromJson: (json: unknown, at: string) => unknown
  readonly random: (pick: (below: number) => number) => unknown
}

export type Shape =
  | Int
  | Address
  | Bytes
  | Rest
  | Text
  | Padding
  | Align
  | Presence
  | Optional
  | Enumeration
  | Flags
  | Constant
  | Length
  | Count
  | Bits
  | Struct
  | List
  | Union
  | Lazy
  | Frame
  | Native

/** A node whose value has the type T. */
export type Node<T> = Shape & { readonly '~type'?: T }
declare const hidden: unique symbol
/** The type of a node that is on the wire but not in the value. */
export type Hidden = { readonly [hidden]: true }
/** The type of a node's value. */
export type Infer<N> = N extends { readonly '~type'?: infer T } ? Exclude<T, undefined> : never
declare const maybe: unique symbol
/** The type of a node whose value may be missing. */
export type Maybe<T> = { readonly [maybe]: T }
