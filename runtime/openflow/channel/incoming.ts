/** What the channel reads of incoming messages without decoding them. */
import type { Problem } from '../../problem.ts'
import type { MessageOf } from '../index.ts'
import { u32At } from './header.ts'

const niciraExperimenter = 0x00002320
const nxtPacketIn = 17
const nxtPacketIn2 = 30
const experimenterBytes = 16

/** Whether an experimenter message is a PACKET_IN in one of the Nicira formats. */
export function isNiciraPacketIn(bytes: Uint8Array, offset: number, end: number): boolean {
  if (end - offset < experimenterBytes || u32At(bytes, offset + 8) !== niciraExperimenter) return false
  const subtype = u32At(bytes, offset + 12)
  return subtype === nxtPacketIn2 || subtype === nxtPacketIn
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
