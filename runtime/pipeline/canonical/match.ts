/**
 * The canonical form of a match: fields in one order under one name each, masks that say nothing left out, bits outside
 * a mask zero. Open vSwitch answers with its own order and names and drops such masks itself.
 */
import { canonicalExperimenterField, canonicalField, experimenterClass, narrowMask } from './fields.ts'
import { u16, u32 } from './layout.ts'
import { isAll, type Writer } from './writer.ts'

/** More fields than a match can have in 64 KiB. */
const fieldsMax = 16_384
const ids = new Float64Array(fieldsMax)
const places = new Int32Array(fieldsMax)

/** Appends the canonical form of the OXM fields in `bytes[start, end)`. The bytes are of a message that was checked. */
export function writeCanonicalMatch(bytes: Uint8Array, start: number, end: number, out: Writer): void {
  let count = 0
  for (let at = start; at + 4 <= end; at += 4 + bytes[at + 3]!) {
    const id = fieldAt(bytes, at)
    // Nearly sorted and short: an insertion sort touches each field about once.
    let place = count++
    for (; place > 0 && ids[place - 1]! > id; place--) {
      ids[place] = ids[place - 1]!
      places[place] = places[place - 1]!
    }
    ids[place] = id
    places[place] = at
  }
  for (let i = 0; i < count; i++) writeField(bytes, places[i]!, ids[i]!, out)
}

/** Class and field number of the OXM header at `at`, the same under each name of a field. */
export function fieldAt(bytes: Uint8Array, at: number): number {
  const classAndField = u16(bytes, at) * 128 + (bytes[at + 2]! >>> 1)
  if (u16(bytes, at) !== experimenterClass) return canonicalField(classAndField)
  return canonicalExperimenterField(u32(bytes, at + 4), bytes[at + 2]! >>> 1) ?? classAndField
}

/** Bytes between an OXM header and its value: an experimenter field has its experimenter there. */
const valueOffset = (bytes: Uint8Array, at: number): number => (u16(bytes, at) === experimenterClass ? 8 : 4)

function writeField(bytes: Uint8Array, at: number, id: number, out: Writer): void {
  const value = at + valueOffset(bytes, at)
  const end = at + 4 + bytes[at + 3]!
  const hasMask = (bytes[at + 2]! & 1) === 1
  if (!hasMask) {
    writeHeader(out, id, 0, end - value).copy(bytes, value, end)
    return
  }
  const length = (end - value) / 2
  const mask = value + length
  if (isAll(bytes, mask, end, 0)) return
  const exact = isAll(bytes, mask, end, 0xff) || isNarrowAll(bytes, mask, length, id)
  writeHeader(out, id, exact ? 0 : 1, length).masked(bytes, value, mask, length)
  if (!exact) out.copy(bytes, mask, end)
}

function isNarrowAll(bytes: Uint8Array, mask: number, length: number, id: number): boolean {
  const all = narrowMask(id)
  if (all === undefined) return false
  return all === (length === 1 ? bytes[mask]! : length === 2 ? u16(bytes, mask) : u32(bytes, mask))
}

/** 23 bits of class and field, one bit of mask, the length of the value. */
const writeHeader = (out: Writer, id: number, mask: 0 | 1, length: number): Writer =>
  out
    .u16(id >>> 7)
    .u8(((id & 127) << 1) | mask)
    .u8(length)
