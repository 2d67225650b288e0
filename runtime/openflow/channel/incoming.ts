/** What the channel reads of incoming messages without decoding them. */
import type { Problem } from '../../problem.ts'
import type { MessageOf } from '../index.ts'
import { u32At } from './header.ts'

const nicira_experimenter = 0x00002320
const nxt_packet_in = 17
const nxt_packet_in2 = 30
const experimenter_bytes = 16

/** Whether an experimenter message is a PACKET_IN in one of the Nicira formats. */
export function isNiciraPacketIn(bytes: Uint8Array, offset: number, end: number): boolean {
  if (end - offset < experimenter_bytes || u32At(bytes, offset + 8) !== nicira_experimenter) return false
  const subtype = u32At(bytes, offset + 12)
  return subtype === nxt_packet_in2 || subtype === nxt_packet_in
}

/** An error from the switch in the names of the specification. */
export function problemOf(error: MessageOf<'OFPT_ERROR'>): Problem {
  const code = 'code' in error ? error.code : error.exp_type
  return {
    what: 'the switch refused the message',
    where: `xid ${error.xid}`,
    received: `${error.error_type} ${code}`,
  }
}
