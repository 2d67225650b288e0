/** Match fields on the wire (OpenFlow 1.3.5, §7.2.3.2): `[class 16][field 7][has mask 1][length 8]`, value, mask. */
import { arrayOf, cursor, frame, type Node, native, stop, toBytes } from '../../wire/index.ts'
import { fieldFromJson } from './json.ts'
import { randomField } from './random.ts'
import { classes, fieldNamed, findField, type Match, type MatchField, type UnknownField } from './table.ts'
import { readValue, writeValue } from './value.ts'

const maskBit = 0x100

/** Reads the fields that fill `[o, end)`. */
export function readFields(b: Uint8Array, v: DataView, o: number, end: number): Match {
  const fields: MatchField[] = []
  for (let at = o; at < end; at = cursor.at) fields.push(readField(b, v, at, end, fields.length))
  return fields
}

function readField(b: Uint8Array, v: DataView, o: number, end: number, index?: number): MatchField {
  if (end - o < 4) stop('truncated', o, 4, end - o, index)
  const header = v.getUint32(o)
  const length = header & 0xff
  if (length > end - o - 4) stop('length', o + 3, end - o - 4, length, index)
  cursor.at = o + 4 + length
  const masked = (header & maskBit) !== 0
  const experimenter = header >>> 16 === classes.experimenter && length >= 4 ? v.getUint32(o + 4) : undefined
  const at = experimenter === undefined ? o + 4 : o + 8
  const size = masked ? (cursor.at - at) / 2 : cursor.at - at
  const plan = findField(header, experimenter, size)
  if (plan === undefined || (plan.size === -1 && size !== size >>> 0))
    return unknown(b, header, experimenter, at)
  const sized = plan.size === -1 || plan.size === size
  // Experimenters' fields exist in more than one format; those that are not known stay bytes.
  if (!sized && experimenter !== undefined) return unknown(b, header, experimenter, at)
  if (!sized) stop('field', at, masked ? plan.size * 2 : plan.size, cursor.at - at, index)
  const value = readValue(plan, b, v, at, at + size)
  const read = masked
    ? { field: plan.name, value, mask: readValue(plan, b, v, at + size, cursor.at) }
    : { field: plan.name, value }
  return read as MatchField
}

function unknown(b: Uint8Array, header: number, experimenter: number | undefined, at: number): UnknownField {
  const field: UnknownField = {
    field: 'unknown',
    oxm_class: header >>> 16,
    oxm_field: (header >>> 9) & 127,
    has_mask: (header & maskBit) !== 0,
    value: toBytes(b, at, cursor.at),
  }
  if (experimenter !== undefined) field.experimenter = experimenter
  return field
}

export function writeFields(b: Uint8Array, v: DataView, o: number, fields: Match): number {
  let at = o
  for (let i = 0; i < fields.length; i++) at = writeField(b, v, at, fields[i]!)
  return at
}

function writeField(b: Uint8Array, v: DataView, o: number, entry: MatchField): number {
  const plan = fieldNamed(entry.field)
  if (plan === undefined) return writeUnknown(b, v, o, entry as UnknownField)
  const { value, mask } = entry as { value: unknown; mask?: unknown }
  const { experimenter } = plan
  const start = experimenter === undefined ? o + 4 : o + 8
  if (experimenter !== undefined) v.setUint32(o + 4, experimenter)
  let end = writeValue(plan, b, v, start, value)
  if (mask === undefined && plan.size !== -1) {
    v.setUint32(o, plan.header)
    return end
  }
  if (mask !== undefined) end = writeValue(plan, b, v, end, mask)
  if (end - o - 4 > 0xff) throw new TypeError('a match field has at most 255 bytes')
  v.setUint32(o, ((plan.header & 0xffffff00) | (mask === undefined ? 0 : maskBit) | (end - o - 4)) >>> 0)
  return end
}

function writeUnknown(b: Uint8Array, v: DataView, o: number, entry: UnknownField): number {
  if (entry.field !== 'unknown') throw new TypeError(`no such match field: ${entry.field}`)
  const { oxm_class, oxm_field, has_mask, experimenter, value } = entry
  const length = value.length + (experimenter === undefined ? 0 : 4)
  if (length > 0xff) throw new TypeError('a match field has at most 255 bytes')
  v.setUint32(o, ((oxm_class << 16) | (oxm_field << 9) | (has_mask ? maskBit : 0) | length) >>> 0)
  if (experimenter !== undefined) v.setUint32(o + 4, experimenter)
  b.set(value, o + 4 + length - value.length)
  return o + 4 + length
}

export const fieldsFromJson = (json: unknown, at: string): Match =>
  arrayOf(json, at).map((entry, i) => fieldFromJson(entry, `${at}[${i}]`))

/** One field, its header included. */
export const oxm: Node<MatchField> = native({
  name: 'match field',
  fills: false,
  minimum: 4,
  read: readField,
  write: writeField,
  fromJson: fieldFromJson,
  random: randomField,
})

/** Fields up to the end of the region. */
export const oxms: Node<Match> = native({
  name: 'match fields',
  fills: true,
  minimum: 0,
  read: readFields,
  write: writeFields,
  fromJson: fieldsFromJson,
  random: (pick) => Array.from({ length: pick(5) }, () => randomField(pick)),
})

/** `struct ofp_match`: type OFPMT_OXM, length, fields, zeros up to a multiple of 8. */
export const match: Node<Match> = frame(1, oxms, 8)
