/**
 * The canonical form of actions: what sets bits of a field is one kind of action whatever it was written as (`set_field`,
 * `load`, `set_field` with a mask), what only some actions look at is left out where they do not, padding is gone.
 */

import { writeControllerProperties } from './controller-action.ts'
import { setU32, u16, u32 } from './layout.ts'
import { fieldAt } from './match.ts'
import type { Writer } from './writer.ts'

const experimenterType = 0xffff
const nicira = 0x2320
const ofpatOutput = 0
const ofpatSetField = 25
const nxastRegMove = 6
const nxastRegLoad = 7
const nxastStackPush = 27
const nxastStackPop = 28
const nxastRegLoad2 = 33
const nxastCt = 35
const nxastController2 = 37
const nxastClone = 42
const nxastCheckPktLarger = 49

const controllerPort = 0xfffffffd
/** Ends a list within an action: neither an action nor a property begins so. */
const listEnd = 0xffffffff
/** Marks an action that sets bits; no action of OpenFlow has this type. */
const setBits = 0xfffe

/** Appends the canonical form of the actions in `bytes[start, end)`. */
export function writeCanonicalActions(bytes: Uint8Array, start: number, end: number, out: Writer): void {
  let length = 0
  for (let at = start; at + 8 <= end; at += length) {
    length = u16(bytes, at + 2)
    if (length < 8 || at + length > end) return void out.copy(bytes, at, end)
    writeAction(bytes, at, length, out)
  }
}

function writeAction(bytes: Uint8Array, at: number, length: number, out: Writer): void {
  const type = u16(bytes, at)
  if (type === ofpatOutput) writeOutput(bytes, at, out)
  else if (type === ofpatSetField) writeSetField(bytes, at + 4, out)
  else if (type === experimenterType && u32(bytes, at + 4) === nicira) writeNicira(bytes, at, length, out)
  else out.copy(bytes, at, at + length)
}

/** max_len counts only towards the controller. */
function writeOutput(bytes: Uint8Array, at: number, out: Writer): void {
  const port = u32(bytes, at + 4)
  out
    .u16(ofpatOutput)
    .u32(port)
    .u16(port === controllerPort ? u16(bytes, at + 8) : 0)
}

function writeNicira(bytes: Uint8Array, at: number, length: number, out: Writer): void {
  const subtype = u16(bytes, at + 8)
  if (subtype === nxastRegMove) writeRegMove(bytes, at, out)
  else if (subtype === nxastRegLoad) writeRegLoad(bytes, at, out)
  else if (subtype === nxastStackPush || subtype === nxastStackPop) writeStack(bytes, at, out)
  else if (subtype === nxastCheckPktLarger) writeCheckLarger(bytes, at, out)
  else if (subtype === nxastRegLoad2) writeSetField(bytes, at + 10, out)
  else if (subtype === nxastController2) {
    out.u16(experimenterType).u16(nxastController2)
    writeControllerProperties(bytes, at + 16, at + length, out)
    out.u32(listEnd)
  } else if (subtype === nxastCt) writeNested(bytes, at, 24, length, out)
  else if (subtype === nxastClone) writeNested(bytes, at, 16, length, out)
  else out.copy(bytes, at, at + length)
}

/** An action whose first `fixed` bytes are followed by actions. */
function writeNested(bytes: Uint8Array, at: number, fixed: number, length: number, out: Writer): void {
  out.u16(experimenterType).copy(bytes, at + 4, at + fixed)
  writeCanonicalActions(bytes, at + fixed, at + length, out)
  out.u32(listEnd)
}

/** NXAST_REG_MOVE: Open vSwitch answers with the Nicira names of fields that OpenFlow has too. */
function writeRegMove(bytes: Uint8Array, at: number, out: Writer): void {
  const source = at + 16
  const target = source + (u16(bytes, source) === experimenterType ? 8 : 4)
  out
    .u16(experimenterType)
    .u16(nxastRegMove)
    .copy(bytes, at + 10, source)
  out.u32(fieldAt(bytes, source)).u32(fieldAt(bytes, target))
}

/** Where the OXM header at `at` ends. */
const headerEnd = (bytes: Uint8Array, at: number) => at + (u16(bytes, at) === experimenterType ? 8 : 4)

/** NXAST_STACK_PUSH and NXAST_STACK_POP: offset, field, number of bits. */
function writeStack(bytes: Uint8Array, at: number, out: Writer): void {
  const field = at + 12
  const bits = headerEnd(bytes, field)
  out
    .u16(experimenterType)
    .copy(bytes, at + 8, field)
    .u32(fieldAt(bytes, field))
    .copy(bytes, bits, bits + 2)
}

/** NXAST_CHECK_PKT_LARGER: length, offset, field. */
function writeCheckLarger(bytes: Uint8Array, at: number, out: Writer): void {
  const field = at + 14
  out
    .u16(experimenterType)
    .copy(bytes, at + 8, field)
    .u32(fieldAt(bytes, field))
}

/** An OXM with value and perhaps mask. */
function writeSetField(bytes: Uint8Array, at: number, out: Writer): void {
  const id = fieldAt(bytes, at)
  const value = at + (u16(bytes, at) === experimenterType ? 8 : 4)
  const end = at + 4 + bytes[at + 3]!
  const masked = (bytes[at + 2]! & 1) === 1
  const length = masked ? (end - value) / 2 : end - value
  out.u16(setBits).u32(id).u8(length)
  if (masked) out.masked(bytes, value, value + length, length).copy(bytes, value + length, end)
  else {
    out.copy(bytes, value, end)
    for (let i = 0; i < length; i++) out.u8(0xff)
  }
}

const loadValue = new Uint8Array(8)
const loadMask = new Uint8Array(8)

/** NXAST_REG_LOAD: `bits` bits of a 64-bit value, put at bit `offset` of a field of at most 8 bytes. */
function writeRegLoad(bytes: Uint8Array, at: number, out: Writer): void {
  const offsetAndBits = u16(bytes, at + 10)
  const offset = BigInt(offsetAndBits >>> 6)
  const ones = (1n << BigInt((offsetAndBits & 63) + 1)) - 1n
  const value = (BigInt(u32(bytes, at + 16)) << 32n) | BigInt(u32(bytes, at + 20))
  storeU64(loadValue, (value & ones) << offset)
  storeU64(loadMask, ones << offset)
  const length = Math.min(8, bytes[at + 12 + 3]!)
  out
    .u16(setBits)
    .u32(fieldAt(bytes, at + 12))
    .u8(length)
  out.copy(loadValue, 8 - length, 8).copy(loadMask, 8 - length, 8)
}

function storeU64(bytes: Uint8Array, value: bigint): void {
  setU32(bytes, 0, Number((value >> 32n) & 0xffffffffn))
  setU32(bytes, 4, Number(value & 0xffffffffn))
}
