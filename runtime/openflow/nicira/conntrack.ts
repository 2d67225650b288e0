/** Forgetting tracked connections: NXT_CT_FLUSH_ZONE and NXT_CT_FLUSH (nicira-ext.h). */
import { align, ipv6, list, pad, u8, u16, union } from '../../wire/index.ts'
import { nicira } from '../messages/message.ts'
import { property, unknownProperty } from '../property.ts'

/** IPv4 addresses are mapped ones: `::ffff:192.0.2.1`. */
const tupleProperty = union('tuple property', [
  property('NXT_CT_TUPLE_SRC', 0, { address: ipv6 }),
  property('NXT_CT_TUPLE_DST', 1, { address: ipv6 }),
  property('NXT_CT_TUPLE_SRC_PORT', 2, { port: u16, pad: align(4) }),
  property('NXT_CT_TUPLE_DST_PORT', 3, { port: u16, pad: align(4) }),
  property('NXT_CT_TUPLE_ICMP_ID', 4, { icmp_id: u16, pad: align(4) }),
  property('NXT_CT_TUPLE_ICMP_TYPE', 5, { icmp_type: u8 }),
  property('NXT_CT_TUPLE_ICMP_CODE', 6, { icmp_code: u8 }),
  unknownProperty,
])
const tuple = { pad: pad(4), properties: list(tupleProperty) } as const

const flushProperty = union('flush property', [
  property('NXT_CT_ORIG_TUPLE', 0, tuple),
  property('NXT_CT_REPLY_TUPLE', 1, tuple),
  property('NXT_CT_ZONE_ID', 2, { zone_id: u16, pad: align(4) }),
  unknownProperty,
])

export const conntrackMessages = [
  nicira('NXT_CT_FLUSH_ZONE', 29, { pad: pad(6), zone_id: u16 }),
  nicira('NXT_CT_FLUSH', 32, { ip_proto: u8, pad: pad(7), properties: list(flushProperty) }),
] as const
