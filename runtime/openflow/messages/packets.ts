/** Packets between switch and controller (OpenFlow 1.3.5, §7.3.7, §7.4.1). */
import { lengthOf, pad, rest, u8, u16, u64 } from '../../wire/index.ts'
import { match } from '../fields/match.ts'
import { actions } from '../instructions.ts'
import { buffer, port } from '../numbers.ts'
import { packetInReason } from '../reasons.ts'
import { message } from './message.ts'

export const packetMessages = [
  message('OFPT_PACKET_IN', 10, {
    buffer_id: buffer,
    total_len: u16,
    reason: packetInReason,
    table_id: u8,
    cookie: u64,
    match,
    pad: pad(2),
    data: rest,
  }),
  message('OFPT_PACKET_OUT', 13, {
    buffer_id: buffer,
    in_port: port,
    actions_len: lengthOf('actions'),
    pad: pad(6),
    actions,
    data: rest,
  }),
] as const
