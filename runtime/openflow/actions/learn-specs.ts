/** The flow_mod_spec elements of NXAST_LEARN: where each part of the learned flow comes from (ovs-actions(7), "learn"). */
import {
  arrayOf,
  bytesOf,
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
  toBytes,
} from '../../wire/index.ts'
import { type FieldHeader, header32 } from '../fields/header.ts'

/** A part of a field of 32-bit header. */
export interface Subfield {
  field: FieldHeader
  offset: number
}

/** `value` or `src` is compared with (`match`), or loaded into (`load`), a field, or is the port to output to (`output`). */
export interface LearnSpec {
  n_bits: number
  /** A constant, padded to a multiple of 2 bytes. */
  value?: Uint8Array
  src?: Subfield
  to: 'match' | 'load' | 'output'
  dst?: Subfield
}

const immediateBit = 0x2000
const destinations = ['match', 'load', 'output'] as const
const bitsMax = 0x3ff
const immediateBytes = (bits: number) => 2 * Math.ceil(bits / 16)
const field = header32 as Extract<typeof header32, { kind: 'native' }>

function readSpecs(b: Uint8Array, v: DataView, o: number, end: number): LearnSpec[] {
  const specs: LearnSpec[] = []
  cursor.at = o
  while (end - cursor.at >= 2 && v.getUint16(cursor.at) !== 0)
    specs.push(readSpec(b, v, cursor.at, end, specs.length))
  return specs
}

function readSpec(b: Uint8Array, v: DataView, o: number, end: number, index: number): LearnSpec {
  const head = v.getUint16(o)
  const n_bits = head & bitsMax
  const to = destinations[(head >>> 11) & 3]
  const fromField = (head & immediateBit) === 0
  if ((head & ~0x3bff) !== 0 || to === undefined) return stop('constant', o, head & 0x33ff, head, index)
  const bytes = fromField ? 6 : immediateBytes(n_bits)
  const needed = 2 + bytes + (to === 'output' ? 0 : 6)
  if (end - o < needed) stop('truncated', o, needed, end - o, index)
  const spec: LearnSpec = fromField
    ? { n_bits, src: readSubfield(b, v, o + 2, end), to }
    : { n_bits, value: toBytes(b, o + 2, o + 2 + bytes), to }
  if (to !== 'output') spec.dst = readSubfield(b, v, o + 2 + bytes, end)
  cursor.at = o + needed
  return spec
}

const readSubfield = (b: Uint8Array, v: DataView, o: number, end: number): Subfield => ({
  field: field.read(b, v, o, end) as FieldHeader,
  offset: v.getUint16(o + 4),
})

function writeSpecs(b: Uint8Array, v: DataView, o: number, specs: readonly LearnSpec[]): number {
  let at = o
  for (const spec of specs) at = writeSpec(b, v, at, spec)
  return at
}

function writeSpec(b: Uint8Array, v: DataView, o: number, spec: LearnSpec): number {
  const to = destinations.indexOf(spec.to)
  if (to < 0 || spec.n_bits > bitsMax || (spec.src === undefined) === (spec.value === undefined))
    throw new TypeError('not a part of a learned flow')
  v.setUint16(o, spec.n_bits | (to << 11) | (spec.src ? 0 : immediateBit))
  let at = o + 2
  if (spec.src) at = writeSubfield(b, v, at, spec.src)
  else at = writeImmediate(b, at, spec)
  if ((spec.dst === undefined) !== (spec.to === 'output')) throw new TypeError('all but output have a dst')
  return spec.dst ? writeSubfield(b, v, at, spec.dst) : at
}

function writeImmediate(b: Uint8Array, o: number, { value, n_bits }: LearnSpec): number {
  if (value?.length !== immediateBytes(n_bits))
    throw new TypeError(`a value of ${n_bits} bits has other bytes`)
  b.set(value, o)
  return o + value.length
}

function writeSubfield(b: Uint8Array, v: DataView, o: number, part: Subfield): number {
  field.write(b, v, o, part.field as never)
  v.setUint16(o + 4, part.offset)
  return o + 6
}

function specFromJson(json: unknown, at: string): LearnSpec {
  const object = objectOf(json, at)
  refuseOthers(object, ['n_bits', 'value', 'src', 'to', 'dst'], at)
  const to = object['to'] as LearnSpec['to']
  if (!destinations.includes(to)) refuse(`${at}.to`, 'unknown', destinations.join(', '), show(to))
  const spec: LearnSpec = { n_bits: numberOf(object['n_bits'], `${at}.n_bits`, 10), to }
  if ((object['src'] === undefined) === (object['value'] === undefined))
    refuse(at, 'no source', 'either value or src', show(json))
  if (object['src'] === undefined)
    spec.value = bytesOf(object['value'], `${at}.value`, immediateBytes(spec.n_bits))
  else spec.src = subfieldFromJson(object['src'], `${at}.src`)
  if (to !== 'output') spec.dst = subfieldFromJson(object['dst'], `${at}.dst`)
  return spec
}

function subfieldFromJson(json: unknown, at: string): Subfield {
  const object = objectOf(json, at)
  refuseOthers(object, ['field', 'offset'], at)
  return {
    field: field.fromJson(object['field'], `${at}.field`) as FieldHeader,
    offset: numberOf(object['offset'], `${at}.offset`, 16),
  }
}

function randomSpec(pick: Pick): LearnSpec {
  const part = () => ({ field: field.random(pick) as FieldHeader, offset: pick(32) })
  const n_bits = 1 + pick(128)
  const to = destinations[pick(3)]!
  const from =
    pick(2) === 0
      ? { src: part() }
      : { value: Uint8Array.from({ length: immediateBytes(n_bits) }, () => pick(256)) }
  return to === 'output' ? { n_bits, ...from, to } : { n_bits, ...from, to, dst: part() }
}

export const learnSpecs: Node<readonly LearnSpec[]> = native<readonly LearnSpec[]>({
  name: 'learn specs',
  fills: false,
  minimum: 0,
  read: readSpecs,
  write: writeSpecs,
  fromJson: (json, at) => arrayOf(json, at).map((spec, i) => specFromJson(spec, `${at}[${i}]`)),
  random: (pick) => Array.from({ length: 1 + pick(3) }, () => randomSpec(pick)),
})
