/**
 * The match of ONF's flow monitor. The extension has bare fields there; Open vSwitch has a whole `ofp_match`. Both have the
 * length of it before, and zeros behind.
 */
import { type Node, native, objectOf, refuseOthers } from '../../wire/index.ts'
import { fieldsFromJson, readFields, writeFields } from '../fields/match.ts'
import { randomField } from '../fields/random.ts'
import type { Match } from '../fields/table.ts'

/** A list of fields as Open vSwitch has it, or the extension's form. */
export type MonitorMatch = Match | { oxm_fields: Match }

const ofpmt_oxm = 1

export const monitorMatch: Node<MonitorMatch> = native<MonitorMatch>({
  name: 'match',
  fills: true,
  minimum: 0,
  read(b, v, o, end) {
    const whole = end - o >= 4 && v.getUint16(o) === ofpmt_oxm && v.getUint16(o + 2) === end - o
    return whole ? readFields(b, v, o + 4, end) : { oxm_fields: readFields(b, v, o, end) }
  },
  write(b, v, o, match) {
    if ('oxm_fields' in match) return writeFields(b, v, o, match.oxm_fields)
    const end = writeFields(b, v, o + 4, match)
    v.setUint32(o, (ofpmt_oxm << 16) | (end - o))
    return end
  },
  fromJson(json, at) {
    if (Array.isArray(json)) return fieldsFromJson(json, at)
    const object = objectOf(json, at)
    refuseOthers(object, ['oxm_fields'], at)
    return { oxm_fields: fieldsFromJson(object['oxm_fields'], `${at}.oxm_fields`) }
  },
  random(pick) {
    const fields = Array.from({ length: pick(4) }, () => randomField(pick))
    return pick(4) === 0 ? { oxm_fields: fields } : fields
  },
})
