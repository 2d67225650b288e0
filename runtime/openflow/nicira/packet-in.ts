/** Packet-ins in Nicira's formats, and how a paused one goes on (nicira-ext.h, ovs-actions(7) "controller"). */
import { align, lengthOf, list, pad, rest, u8, u16, u32, u64, union } from '../../wire/index.ts'
import { oxms } from '../fields/match.ts'
import { nicira } from '../messages/message.ts'
import { buffer } from '../numbers.ts'
import { property, unknownProperty } from '../property.ts'
import { packetInReason } from '../reasons.ts'

const packetInProperty = union('packet-in property', [
  property('NXPINT_PACKET', 0, { packet: rest }),
  property('NXPINT_FULL_LEN', 1, { full_len: u32 }),
  property('NXPINT_BUFFER_ID', 2, { buffer_id: buffer }),
  property('NXPINT_TABLE_ID', 3, { table_id: u8 }),
  property('NXPINT_COOKIE', 4, { pad: pad(4), cookie: u64 }),
  property('NXPINT_REASON', 5, { reason: packetInReason }),
  property('NXPINT_METADATA', 6, { metadata: oxms }),
  property('NXPINT_USERDATA', 7, { userdata: rest }),
  property('NXPINT_CONTINUATION', 8, { continuation: rest }),
  unknownProperty,
])

export const packetInMessages = [
  nicira('NXT_PACKET_IN', 17, {
    buffer_id: buffer,
    total_len: u16,
    reason: packetInReason,
    table_id: u8,
    cookie: u64,
    match_len: lengthOf('match'),
    pad: pad(6),
    match: oxms,
    pad2: align(8),
    pad3: pad(2),
    data: rest,
  }),
  nicira('NXT_PACKET_IN2', 30, { properties: list(packetInProperty) }),
  nicira('NXT_RESUME', 28, { properties: list(packetInProperty) }),
] as const
