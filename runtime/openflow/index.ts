/**
 * @module OpenFlow 1.3 messages between bytes, values and JSON.
 *
 * A value has the specification's field names; enumerations and flags are its names, or numbers where it has none;
 * 64-bit numbers are bigints, addresses are text, bytes are arrays of their own. Bytes that carry no meaning but are
 * not what they should be (padding, what follows a name's NUL) are in `raw`, so that decoding and encoding gives the
 * same bytes again.
 *
 * Where the specification's `type` would be a message's second one, it is `multipart_type`, `error_type`, `group_type` or
 * `ctrl_type`; its arrays of two in asynchronous configuration are `…_master` and `…_slave`. Messages and parts of
 * experimenters have their own names for types: `NXT_PACKET_IN2`, `ONFT_BUNDLE_CONTROL`, `NXST_GROUP_DESC`. A match field
 * has the specification's name in lower case; where Nicira's older header says the same, `nxm_of_…` or `nxm_nx_…`.
 */
import { failure, type Result } from '../problem.ts'
import { compile, type Infer, type Json, nestingDepthMax, toJson as valueToJson } from '../wire/index.ts'
import { type Message, message } from './message.ts'
import type { Bucket } from './messages/groups.ts'

const codec = compile(message)
const headerBytes = 8
/** What the 16-bit length of a message allows. */
export const messageBytesMax = 65535

/**
 * Decodes exactly one message, `bytes[offset, end)`. Never throws and never reads outside of it. The value holds copies,
 * so the buffer may be used again. Problems name the field by path and byte offset.
 */
export function decode(bytes: Uint8Array, offset = 0, end = bytes.length): Result<Message> {
  const size = end - offset
  if (size < headerBytes || end > bytes.length)
    return failure({
      what: 'cut off',
      where: `message at byte ${offset}`,
      expected: 'a header of 8 bytes',
      received: `${Math.min(size, bytes.length - offset)} bytes`,
    })
  const length = (bytes[offset + 2]! << 8) | bytes[offset + 3]!
  if (length !== size)
    return failure({
      what:
        length < headerBytes ? 'impossible length' : length > size ? 'cut off' : 'bytes behind the message',
      where: `length at byte ${offset + 2}`,
      expected: `${size} bytes`,
      received: `${length}`,
    })
  return codec.decode(bytes, offset, end)
}

/** Encodes into a fresh array. Throws a CodecError with a problem for a value that is no message. */
export const encode = (value: Message): Uint8Array => codec.encode(value)

/** Encodes at `offset` and returns the offset behind. Throws a CodecError, also where there is no room. */
export const encodeInto = (value: Message, buffer: Uint8Array, offset: number): number =>
  codec.encodeInto(value, buffer, offset)

/** A message as JSON: bigints as `0x…` text, bytes as hexadecimal text. */
export type JsonMessage = { readonly [field: string]: Json }
export const toJson = (value: Message): JsonMessage => valueToJson(value) as JsonMessage
/** A message from its JSON form. Numbers may also be text, decimal or `0x…`. */
export const fromJson = (json: unknown): Result<Message> => codec.fromJson(json)

/** A message by its type: `MessageOf<'OFPT_FLOW_MOD'>`. */
export type MessageOf<Type extends string> = Extract<Message, { type: Type }>
/** A multipart reply by its multipart type. */
export type MultipartReply<Type extends string> = Extract<
  Message,
  { type: 'OFPT_MULTIPART_REPLY'; multipart_type: Type }
>
export type FlowMod = MessageOf<'OFPT_FLOW_MOD'>
export type PacketIn = MessageOf<'OFPT_PACKET_IN'>
export type PortStatus = MessageOf<'OFPT_PORT_STATUS'>

export type { Problem, Result } from '../problem.ts'
export { CodecError } from '../wire/index.ts'
export type { Action } from './actions/index.ts'
export type { FieldHeader } from './fields/header.ts'
export type { FieldName, Match, MatchField } from './fields/table.ts'
export type { Instruction } from './instructions.ts'
export type { MeterBand } from './messages/meters.ts'
export type { Port } from './messages/ports.ts'
export type { FlowStats } from './multipart/flows.ts'
export type { Bucket, Infer, Message }
export { message as messageNode, nestingDepthMax }
