/** What every datapath has that routes: what is never routed, and what senders are told. */
import { cookieOf, etherType, type FlowFunction } from 'openvnet'
import { features, pipeline } from '../pipeline.ts'

/** Never forwarded (RFC 1812, 5.3.7; RFC 1122, 3.2.1.3): multicast, reserved and broadcast; this host; loopback. */
const notRouted = [
  { value: 0xe000_0000, mask: 0xe000_0000 },
  { value: 0, mask: 0xff00_0000 },
  { value: 0x7f00_0000, mask: 0xff00_0000 },
]
const lastHops = [0, 1]

export const routing: FlowFunction = ({ datapathId }) => {
  const cookie = cookieOf(features.routing, datapathId)
  return {
    flows: [
      ...notRouted.map((ipv4_dst) =>
        pipeline.flow('router', { cookie, priority: 200, match: { ipv4_dst }, drop: true }),
      ),
      pipeline.flow('route', {
        cookie,
        priority: 1,
        match: { eth_type: etherType.ipv4 },
        steps: [{ set: 'icmpError', to: 'networkUnreachable' }],
        goto: 'icmp',
      }),
      ...lastHops.map((nw_ttl) =>
        pipeline.flow('neighbour', {
          cookie,
          priority: 200,
          match: { nw_ttl },
          steps: [{ set: 'icmpError', to: 'timeExceeded' }],
          goto: 'icmp',
        }),
      ),
      pipeline.flow('neighbour', {
        cookie,
        priority: 150,
        match: { eth_type: etherType.ipv4, tooLarge: 'yes' },
        steps: [{ set: 'icmpError', to: 'fragmentationNeeded' }],
        goto: 'icmp',
      }),
      pipeline.flow('neighbour', {
        cookie,
        priority: 1,
        match: { eth_type: etherType.ipv4 },
        steps: [{ set: 'icmpError', to: 'hostUnreachable' }],
        goto: 'icmp',
      }),
    ],
    children: [{ feature: 'allIcmpPunts', datapathId, objectId: datapathId }],
  }
}
