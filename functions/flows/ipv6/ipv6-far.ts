/** Addresses of simulated interfaces, as those see them who are routed there. */
import type { Flow } from 'openvnet'
import { pipeline } from '../pipeline.ts'

const echoRequest = 128
const echoReply = 129
const hopLimit = 64

/** A simulated interface answers echo requests from afar as those from near; nothing else of it is there. */
export const simulatedIpv6Far = (
  table: 'neighbour' | 'toExit',
  cookie: bigint,
  network: number,
  ipv6_dst: string,
): Flow[] => [
  pipeline.flow(table, {
    cookie,
    priority: 310,
    match: { network, ipv6_dst, icmpv6_type: echoRequest },
    steps: [
      { push: 'eth_dst' },
      { move: 'eth_src', to: 'eth_dst' },
      { pop: 'eth_src' },
      { move: 'ipv6_src', to: 'ipv6_dst' },
      { set: 'ipv6_src', to: ipv6_dst },
      { set: 'nw_ttl', to: hopLimit },
      { set: 'icmpv6_type', to: echoReply },
      { output: 'in_port' },
    ],
  }),
  pipeline.flow(table, {
    cookie,
    priority: 300,
    match: { network, ipv6_dst },
    steps: [{ set: 'icmpError', to: 'portUnreachable' }],
    goto: 'icmp',
  }),
]
