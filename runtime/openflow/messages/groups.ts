/** Groups (OpenFlow 1.3.5, §7.3.4.2). */
import { type Infer, list, names, ownLength, pad, struct, u8, u16 } from '../../wire/index.ts'
import { actions } from '../instructions.ts'
import { group, port } from '../numbers.ts'
import { message } from './message.ts'

export const groupType = names(u8, { OFPGT_ALL: 0, OFPGT_SELECT: 1, OFPGT_INDIRECT: 2, OFPGT_FF: 3 })

export const bucket = struct({
  len: ownLength,
  weight: u16,
  watch_port: port,
  watch_group: group,
  pad: pad(4),
  actions,
})
export type Bucket = Infer<typeof bucket>

export const groupMessages = [
  message('OFPT_GROUP_MOD', 15, {
    command: names(u16, { OFPGC_ADD: 0, OFPGC_MODIFY: 1, OFPGC_DELETE: 2, OFPGC_ADD_OR_MOD: 0x8000 }),
    group_type: groupType,
    pad: pad(1),
    group_id: group,
    buckets: list(bucket),
  }),
] as const
