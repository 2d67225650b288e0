/**
 * The match of ONF's flow monitor, without the zeros behind it. The extension has bare fields there, as many
 * bytes as the `match_len` before them says; Open vSwitch has a whole `ofp_match`, and does not look at `match_len`.
 */
import { cursor, type Node, native, numberOf, objectOf, refuseOthers, stop } from '../../wire/index.ts'
import { fieldsFromJson, readFields, writeFields } from '../fields/match.ts'
import { randomField } from '../fields/random.ts'
import type { Match } from '../fields/table.ts'

/** A list of fields as Open vSwitch has it, or the extension's form. */
export type MonitorMatch = Match | { oxm_fields: Match }

const ofpmtOxm = 1
const padded = (length: number) => (length + 7) & -8

/** `distance` is how far before the match its length is. */
export const monitorMatch = (distance: number): Node<MonitorMatch> =>
  native<MonitorMatch>({
    name: 'match',
    fills: false,
    minimum: 0,
    read: (b, v, o, end) => read(b, v, o, end, v.getUint16(o - distance)),
    write,
    fromJson(json, at) {
      if (Array.isArray(json)) return fieldsFromJson(json, at)
      const object = objectOf(json, at)
      refuseOthers(object, ['oxm_fields'], at)
      return { oxm_fields: fieldsFromJson(object['oxm_fields'], `${at}.oxm_fields`) }
    },
    random: (pick) => Array.from({ length: pick(4) }, () => randomField(pick)),
  })

function read(b: Uint8Array, v: DataView, o: number, end: number, told: number): MonitorMatch {
  const own = end - o >= 4 && v.getUint16(o) === ofpmtOxm ? v.getUint16(o + 2) : 0
  const whole = own >= 4 && (own === told || padded(told) > end - o)
  const length = whole ? own : told
  if (length > end - o) stop('length', o, end - o, length)
  const fields = readFields(b, v, whole ? o + 4 : o, o + length)
  cursor.at = o + length
  return whole ? fields : { oxm_fields: fields }
}

function write(b: Uint8Array, v: DataView, o: number, match: MonitorMatch): number {
  if ('oxm_fields' in match) return writeFields(b, v, o, match.oxm_fields)
  const end = writeFields(b, v, o + 4, match)
  v.setUint32(o, (ofpmtOxm << 16) | (end - o))
  return end
}

/** The length of the match without its zeros: of the fields, and 4 more for a whole `ofp_match`. */
export const matchLength: Node<number> = native<number>({
  name: 'match length',
  fills: false,
  minimum: 2,
  read(_, v, o, end) {
    if (end - o < 2) stop('truncated', o, 2, end - o)
    cursor.at = o + 2
    return v.getUint16(o)
  },
  write(_, v, o, value) {
    if (value !== (value & 0xffff)) throw new TypeError('not a number of 16 bits')
    v.setUint16(o, value)
    return o + 2
  },
  fromJson: (json, at) => numberOf(json, at, 16),
  // More than can follow, so that it is the match that counts.
  random: () => 0xffff,
})
