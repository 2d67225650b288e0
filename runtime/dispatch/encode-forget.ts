import { encode } from '../openflow/index.ts'
import type { Connection } from '../openvnet/packet.ts'
import { formatIpv4 } from '../packet/address.ts'
import { ipProtocol } from '../packet/ipv4.ts'

const mapped = (address: number) => `::ffff:${formatIpv4(address)}`

/** NXT_CT_FLUSH of one connection; of a protocol without ports, of all that have its addresses. */
export function encodeForget({ zone, protocol, ...ends }: Connection): Uint8Array {
  const hasPorts = protocol === ipProtocol.tcp || protocol === ipProtocol.udp
  return encode({
    version: 4,
    type: 'NXT_CT_FLUSH',
    xid: 0,
    ip_proto: protocol,
    properties: [
      {
        type: 'NXT_CT_ORIG_TUPLE',
        properties: [
          { type: 'NXT_CT_TUPLE_SRC', address: mapped(ends.source) },
          { type: 'NXT_CT_TUPLE_DST', address: mapped(ends.destination) },
          ...(hasPorts
            ? ([
                { type: 'NXT_CT_TUPLE_SRC_PORT', port: ends.sourcePort },
                { type: 'NXT_CT_TUPLE_DST_PORT', port: ends.destinationPort },
              ] as const)
            : []),
        ],
      },
      { type: 'NXT_CT_ZONE_ID', zone_id: zone },
    ],
  })
}
