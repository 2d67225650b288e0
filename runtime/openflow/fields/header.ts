/** Match fields named without a value: what actions copy from and to, and what tables say that they can match. */
import {
  cursor,
  type Node,
  native,
  numberOf,
  objectOf,
  type Pick,
  refuse,
  refuseOthers,
  show,
  stop,
} from '../../wire/index.ts'
import { classes, type Field, type FieldName, fieldsByName, findField } from './table.ts'

/**
 * A field's header: its name; with length or mask bit where these are not the usual ones; or, where the field is not
 * known, the number on the wire, 32 bits, or 64 with an experimenter's number behind.
 */
export type FieldHeader = FieldName | { field: FieldName; has_mask?: true; length?: number } | number | bigint

const maskBit = 0x100

/** The length that goes with a field, tunnel options taken at their longest. */
const usualLength = (field: Field, masked: boolean) =>
  (field.size === -1 ? 124 : field.size) * (masked ? 2 : 1) + (field.experimenter === undefined ? 0 : 4)

function readHeader(_: Uint8Array, v: DataView, o: number, end: number, short: boolean): FieldHeader {
  if (end - o < 4) stop('truncated', o, 4, end - o)
  const header = v.getUint32(o)
  // No field at all, where an action has none to name.
  if (header === 0) {
    cursor.at = o + 4
    return 0
  }
  const long = !short && header >>> 16 === classes.experimenter
  if (long && end - o < 8) stop('truncated', o, 8, end - o)
  const experimenter = long ? v.getUint32(o + 4) : undefined
  cursor.at = o + (long ? 8 : 4)
  const masked = (header & maskBit) !== 0
  const length = header & 0xff
  const field = findField(header, experimenter, masked ? length / 2 : length)
  if (field === undefined) return long ? v.getBigUint64(o) : header
  const name = field.name as FieldName
  const usual = length === usualLength(field, masked)
  if (usual && !masked) return name
  return { field: name, ...(masked ? { has_mask: true as const } : {}), ...(usual ? {} : { length }) }
}

function writeHeader(v: DataView, o: number, value: FieldHeader, short: boolean): number {
  if (typeof value === 'bigint') {
    v.setBigUint64(o, value)
    return o + 8
  }
  if (typeof value === 'number') {
    if (value !== value >>> 0) throw new TypeError('not a number of 32 bits')
    v.setUint32(o, value)
    return o + 4
  }
  const { name, masked, length } = parts(value)
  const field = fieldsByName.get(name)
  if (field === undefined) throw new TypeError(`no such match field: ${name}`)
  const bytes = length ?? usualLength(field, masked)
  v.setUint32(o, ((field.header & 0xfffffe00) | (masked ? maskBit : 0) | bytes) >>> 0)
  if (field.experimenter === undefined) return o + 4
  if (short) throw new TypeError(`${name} has no header of 32 bits`)
  v.setUint32(o + 4, field.experimenter)
  return o + 8
}

const parts = (value: Exclude<FieldHeader, number | bigint>) =>
  typeof value === 'string'
    ? { name: value, masked: false, length: undefined }
    : { name: value.field, masked: value.has_mask === true, length: value.length }

function headerFromJson(json: unknown, at: string): FieldHeader {
  if (typeof json === 'number') return numberOf(json, at, 32)
  if (typeof json === 'bigint') return json
  if (typeof json === 'string' && json.startsWith('0x') && json.length <= 18) {
    const number = BigInt(json)
    return number < 2n ** 32n ? Number(number) : number
  }
  if (typeof json === 'string') return nameFromJson(json, at)
  const object = objectOf(json, at)
  refuseOthers(object, ['field', 'has_mask', 'length'], at)
  const value: { field: FieldName; has_mask?: true; length?: number } = {
    field: nameFromJson(object['field'], `${at}.field`),
  }
  if (object['has_mask'] === true) value.has_mask = true
  if (object['length'] !== undefined) value.length = numberOf(object['length'], `${at}.length`, 8)
  return value
}

function nameFromJson(json: unknown, at: string): FieldName {
  if (typeof json === 'string' && fieldsByName.has(json)) return json as FieldName
  return refuse(at, 'unknown match field', 'a name such as in_port, eth_type, reg0', show(json))
}

const names = [...fieldsByName.keys()] as FieldName[]
const shortNames = names.filter((name) => fieldsByName.get(name)?.experimenter === undefined)

function randomHeader(pick: Pick, from: readonly FieldName[]): FieldHeader {
  const field = from[pick(from.length)]!
  const kind = pick(8)
  if (kind === 0) return { field, has_mask: true }
  if (kind === 1 && field !== 'nxm_nx_cookie' && field !== 'mpls_ttl') return { field, length: 77 }
  return kind === 2 ? 0x7abc0004 : field
}

const headerNode = (short: boolean): Node<FieldHeader> =>
  native({
    name: 'match field header',
    fills: false,
    minimum: 4,
    read: (b, v, o, end) => readHeader(b, v, o, end, short),
    write: (_, v, o, value: FieldHeader) => writeHeader(v, o, value, short),
    fromJson: headerFromJson,
    random: (pick) => randomHeader(pick, short ? shortNames : names),
  })

/** 4 bytes, or 8 for an experimenter's field. */
export const header = headerNode(false)
/** Always 4 bytes, as in Nicira's older actions. */
export const header32 = headerNode(true)
