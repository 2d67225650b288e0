/** @module Declarative binary codecs: a tree of nodes compiled to straight-line readers and writers. */
export { readIpv4, readIpv6, readMac, writeIpv4, writeIpv6, writeMac } from './addresses.ts'
export { type Codec, CodecError, compile } from './codec.ts'
export { copy as toBytes } from './compile/support.ts'
export * from './composites.ts'
export { stop } from './failure.ts'
export {
  arrayOf,
  bytesOf,
  fromJson as convert,
  numberOf,
  objectOf,
  refuse,
  refuseOthers,
  show,
} from './from-json.ts'
export { type Json, toJson } from './json.ts'
export { cursor, native } from './native.ts'
export { nestingDepthMax } from './nesting.ts'
export type { Infer, Node, Raw } from './node.ts'
export { type Pick, random } from './random.ts'
export * from './scalars.ts'
export { fromHex, toHex } from './text.ts'
