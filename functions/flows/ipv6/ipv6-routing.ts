/** What every datapath has that routes IPv6: what is never routed, and what senders are told. */
import { cookieOf, etherType, type Flow, type FlowFunction, ipv6MaskOf } from 'openvnet'
import { features, pipeline } from '../pipeline.ts'

const eth_type = etherType.ipv6
const prefix = (value: string, bits: number) => ({ value, mask: ipv6MaskOf(bits) })
/** Unspecified, loopback and IPv4 in IPv6; link-local; groups (RFC 4291, 2.5.2, 2.5.3, 2.5.6, 2.7). */
const notRouted = [prefix('::', 80), prefix('fe80::', 10), prefix('ff00::', 8)]
const lastHops = [0, 1]

/** What becomes of packets of no flow before. */
const told = [
  { table: 'route', priority: 1, match: { eth_type }, error: 'networkUnreachable' },
  ...lastHops.map((nw_ttl) => ({
    ...({ table: 'neighbour', priority: 200, error: 'timeExceeded' } as const),
    match: { eth_type, nw_ttl },
  })),
  {
    ...({ table: 'neighbour', priority: 150, error: 'fragmentationNeeded' } as const),
    match: { eth_type, tooLarge: 'yes' },
  },
  { table: 'neighbour', priority: 1, match: { eth_type }, error: 'hostUnreachable' },
] as const

export const ipv6Routing: FlowFunction = ({ datapathId }) => {
  const cookie = cookieOf(features.ipv6Routing, datapathId)
  const drop = (match: { ipv6_src: (typeof notRouted)[0] } | { ipv6_dst: (typeof notRouted)[0] }): Flow =>
    pipeline.flow('router', { cookie, priority: 300, match, drop: true })
  return {
    flows: [
      ...notRouted.flatMap((addresses) => [drop({ ipv6_src: addresses }), drop({ ipv6_dst: addresses })]),
      ...told.map(({ table, priority, match, error }) =>
        pipeline.flow(table, {
          cookie,
          priority,
          match,
          steps: [{ set: 'icmpError', to: error }],
          goto: 'icmp',
        }),
      ),
    ],
    children: [{ feature: 'allIcmpPunts', datapathId, objectId: datapathId }],
  }
}
