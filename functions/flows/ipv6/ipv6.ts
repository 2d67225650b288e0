/** What every datapath has that has a network with IPv6: neighbour discovery, and what no machine may say in it. */
import { cookieOf, etherType, type Flow, type FlowFunction } from 'openvnet'
import { features, pipeline } from '../pipeline.ts'

/** ICMPv6 (RFC 4861, 4). */
const type = {
  routerSolicitation: 133,
  routerAdvertisement: 134,
  solicitation: 135,
  advertisement: 136,
  redirect: 137,
} as const
/** Where DHCPv6 clients take answers (RFC 8415, 7.2). */
const dhcpv6ClientPort = 546
const hopLimit = 255
/** Flags of an advertisement: solicited, override; and router (RFC 4861, 4.4). */
const solicitedOverride = 0x6000_0000
const fromRouter = 0xe000_0000
const targetLinkLayerOption = 2
const noMac = 0

/** What only routers and servers say, and those are the network's own. */
const unheard = (cookie: bigint): Flow[] => [
  pipeline.flow('antiSpoof', {
    cookie,
    priority: 200,
    match: { eth_type: etherType.ipv6, ip_proto: 17, udp_dst: dhcpv6ClientPort },
    drop: true,
  }),
  ...[type.routerAdvertisement, type.redirect].map((icmpv6_type) =>
    pipeline.flow('solicitation', { cookie, priority: 300, match: { icmpv6_type }, drop: true }),
  ),
  // Networks with somebody who answers have a flow before this one.
  pipeline.flow('solicitation', {
    cookie,
    priority: 60,
    match: { icmpv6_type: type.routerSolicitation },
    drop: true,
  }),
]

/** What a machine says of its neighbours is about itself: the source is checked, and what should be the same is made so. */
const made = (cookie: bigint): Flow[] => [
  pipeline.flow('solicitation', {
    cookie,
    priority: 150,
    match: { icmpv6_type: type.advertisement, icmpv6_code: 0 },
    steps: [
      { move: 'ipv6_src', to: 'ipv6_nd_target' },
      { move: 'eth_src', to: 'ipv6_nd_tll' },
    ],
    goto: 'service',
  }),
  pipeline.flow('solicitation', {
    cookie,
    priority: 50,
    match: { icmpv6_type: type.solicitation, icmpv6_code: 0 },
    steps: [{ move: 'eth_src', to: 'ipv6_nd_sll' }],
    goto: 'service',
  }),
  // Without an address a machine asks whether one is free, and says nothing else.
  pipeline.flow('solicitation', {
    cookie,
    priority: 40,
    match: { eth_type: etherType.ipv6, probe: 'yes' },
    drop: true,
  }),
]

/**
 * A solicitation becomes the advertisement in two tables, since what is only in advertisements can be set in them only.
 * Without the option that becomes the answer's, it goes to the host; and where nobody is to be answered.
 */
const answers = (cookie: bigint): Flow[] => [
  pipeline.flow('advertisement', {
    cookie,
    priority: 110,
    match: { icmpv6_type: type.solicitation, ipv6_nd_sll: noMac },
    goto: 'discovery',
  }),
  pipeline.flow('advertisement', {
    cookie,
    priority: 100,
    match: { icmpv6_type: type.solicitation, icmpv6_code: 0, probe: 'no' },
    steps: [
      { move: 'ipv6_src', to: 'ipv6_dst' },
      { move: 'ipv6_nd_target', to: 'ipv6_src' },
      { set: 'nw_ttl', to: hopLimit },
      { set: 'icmpv6_type', to: type.advertisement },
    ],
    goto: 'discovery',
  }),
  ...(['no', 'yes'] as const).map((advertisesRouter) =>
    pipeline.flow('discovery', {
      cookie,
      priority: 100,
      match: { icmpv6_type: type.advertisement, icmpv6_code: 0, advertisesRouter },
      steps: [
        { set: 'nd_reserved', to: advertisesRouter === 'yes' ? fromRouter : solicitedOverride },
        { set: 'nd_options_type', to: targetLinkLayerOption },
        { move: 'eth_src', to: 'ipv6_nd_tll' },
        { output: 'in_port' },
      ],
    }),
  ),
]

export const ipv6: FlowFunction = ({ datapathId }) => {
  const cookie = cookieOf(features.ipv6, datapathId)
  return { flows: [...unheard(cookie), ...made(cookie), ...answers(cookie)] }
}
