/** A conntrack zone: `[field u32][zone or part of the field u16]`; without a field it is the zone itself. */
import {
  cursor,
  type Node,
  native,
  numberOf,
  objectOf,
  refuse,
  refuseOthers,
  stop,
} from '../../wire/index.ts'
import { type FieldHeader, header32 } from '../fields/header.ts'

export type Zone = number | { src: FieldHeader; offset: number; n_bits: number }

/** What 10 and 6 bits of the word hold. */
const offsetMax = 1023
const bitsMax = 64
const field = header32 as Extract<typeof header32, { kind: 'native' }>

export const zone: Node<Zone> = native<Zone>({
  name: 'zone',
  fills: false,
  minimum: 6,
  read(b, v, o, end) {
    if (end - o < 6) stop('truncated', o, 6, end - o)
    const word = v.getUint16(o + 4)
    if (v.getUint32(o) === 0) {
      cursor.at = o + 6
      return word
    }
    const src = field.read(b, v, o, end) as FieldHeader
    cursor.at = o + 6
    return { src, offset: word >>> 6, n_bits: (word & 63) + 1 }
  },
  write(b, v, o, value) {
    if (typeof value === 'number') {
      if (value !== (value & 0xffff)) throw new TypeError('a zone has 16 bits')
      v.setUint32(o, 0)
      v.setUint16(o + 4, value)
      return o + 6
    }
    if (value.offset > offsetMax || value.n_bits < 1 || value.n_bits > bitsMax)
      throw new TypeError('not a part of a field')
    field.write(b, v, o, value.src as never)
    v.setUint16(o + 4, (value.offset << 6) | (value.n_bits - 1))
    return o + 6
  },
  fromJson(json, at) {
    if (typeof json !== 'object') return numberOf(json, at, 16)
    const object = objectOf(json, at)
    refuseOthers(object, ['src', 'offset', 'n_bits'], at)
    const n_bits = numberOf(object['n_bits'], `${at}.n_bits`, 7)
    if (n_bits < 1 || n_bits > bitsMax)
      refuse(`${at}.n_bits`, 'not a number of this size', `1 to ${bitsMax}`, n_bits)
    return {
      src: field.fromJson(object['src'], `${at}.src`) as FieldHeader,
      offset: numberOf(object['offset'], `${at}.offset`, 10),
      n_bits,
    }
  },
  random(pick) {
    if (pick(2) === 0) return pick(65536)
    return { src: 'reg3', offset: pick(16), n_bits: 1 + pick(16) }
  },
})
