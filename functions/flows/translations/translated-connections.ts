/**
 * A router interface that translates connections: the sources of a network, or where an address or a port leads. What
 * belongs to which is remembered by connection tracking, in the zone that the interface has on one datapath; all others
 * send what is for it there.
 */
import { conntrackState, etherType, type Flow, type FlowFunction, type Nat, type State } from 'openvnet'
import { type LoadBalancer, membersOf, portField } from '../../state/balancing.ts'
import {
  type DestinationAddress,
  destinationAddressesOf,
  rememberedAddresses,
  ruleOf,
  type SourceAddress,
  sourceAddressesOf,
} from '../../state/translation.ts'
import { type TranslationPlace, translationPlace } from '../../state/translation-place.ts'
import { echoReply, quotingTypes } from '../icmp-types.ts'
import { pipeline } from '../pipeline.ts'
import { prefixMatch } from '../prefix-match.ts'
import { claimOf } from '../zones.ts'
import { fromGroup, groupOf, toGroup } from './balancing.ts'
import { ended, goingOn } from './remembered.ts'
import type { Side } from './translation.ts'

const protocols = { tcp: 6, udp: 17 } as const
const unknown = conntrackState({ trk: true, new: true })

const keyOf = (state: State, routeLinkId: number | null) =>
  routeLinkId === null ? undefined : state.routeLinks.get(routeLinkId)?.tunnel_key_id

/** What comes to the interface is looked for, and what it was sent to is kept for errors about it. */
const enter = ({ cookie, network }: Side, zone: number, eth_dst: number): Flow[] =>
  ([undefined, 'tcp', 'udp'] as const).map((protocol) =>
    pipeline.flow('translateInward', {
      cookie,
      priority: protocol === undefined ? 150 : 155,
      match: {
        ...{ network: network.tunnel_key_id, eth_dst, eth_type: etherType.ipv4 },
        ...(protocol === undefined ? {} : { ip_proto: protocols[protocol] }),
      },
      steps: [
        { set: 'origin', to: 'local' },
        { move: 'ipv4_dst', to: 'asked' },
        ...(protocol === undefined ? [] : [{ move: `${protocol}_dst`, to: 'askedPort' } as const]),
        { conntrack: { zone, nat: 'known', next: 'translateConnection' } },
      ],
    }),
  )

/** Here or there: what comes to the interface, and what nothing else translates. */
export const toPlace = (side: Side, place: TranslationPlace, datapathId: number): Flow[] =>
  side.macs.flatMap((eth_dst) =>
    place.datapath_id === datapathId
      ? enter(side, place.zone, eth_dst)
      : [
          pipeline.flow('translateInward', {
            cookie: side.cookie,
            priority: 150,
            match: { network: side.network.tunnel_key_id, eth_dst, eth_type: etherType.ipv4 },
            steps: [{ set: 'peer', to: place.datapath_id }],
            goto: 'toPeer',
          }),
        ],
  )

/** A new connection from outside. */
function destination(
  state: State,
  { cookie, network }: Side,
  zone: number,
  eth_dst: number,
  row: DestinationAddress,
): Flow {
  const { port } = row
  const match = {
    ...{ network: network.tunnel_key_id, eth_dst, eth_type: etherType.ipv4, ct_state: unknown },
    ipv4_dst: row.ingress_ipv4_address,
  }
  const ports = port === null ? {} : { [port.protocol === 'tcp' ? 'tcp_dst' : 'udp_dst']: port.outside }
  return pipeline.flow('translateConnection', {
    cookie,
    priority: port === null ? 150 : 200,
    match: { ...match, ...ports },
    steps: [
      {
        conntrack: {
          ...{ zone, commit: true, mark: keyOf(state, row.route_link_id) ?? 0 },
          ...{ label: row.rule, next: 'leaveConnection' },
          nat: {
            end: 'destination',
            address: row.egress_ipv4_address,
            ...(port !== null && { port: port.inside }),
          },
        },
      },
    ],
  })
}

/** A new connection from inside. */
function source(state: State, { cookie, memberId }: Side, zone: number, row: SourceAddress): Flow {
  const routeLink = keyOf(state, row.route_link_id)
  const prefix = { network: row.egress_ipv4_network, bits: row.egress_ipv4_prefix }
  const end = row.ingress_end_ipv4_address
  return pipeline.flow('translateSource', {
    cookie,
    priority: 200 + 2 * row.egress_ipv4_prefix + (routeLink === undefined ? 0 : 1),
    match: {
      ...{
        outRouter: memberId,
        ct_state: unknown,
        eth_type: etherType.ipv4,
        ...prefixMatch('ipv4_src', prefix),
      },
      ...(routeLink === undefined ? {} : { routeLink }),
    },
    steps: [
      {
        conntrack: {
          ...{ zone, commit: true, mark: 'routeLink', label: ruleOf('source', row), next: 'destination' },
          nat: {
            end: 'source',
            address: row.ingress_ipv4_address,
            ...(end !== null && { lastAddress: end }),
          },
        },
      },
    ],
  })
}

/** A new connection from outside to a load balancer of the interface. */
function balanced({ cookie, network }: Side, eth_dst: number, row: LoadBalancer): Flow {
  return pipeline.flow('translateConnection', {
    cookie,
    priority: 250,
    match: {
      ...{ network: network.tunnel_key_id, eth_dst, ct_state: unknown, ipv4_dst: row.ipv4_address },
      [portField(row.protocol, 'dst')]: row.port_number,
    },
    steps: toGroup(row),
  })
}

/** Of ICMP what answers, or tells of an error: who asks for an echo is answered by the router itself. */
const hairpinned = [
  ...Object.values(protocols).map((ip_proto) => ({ ip_proto })),
  ...[echoReply, ...quotingTypes].map((icmpv4_type) => ({ icmpv4_type })),
]

/** Who is inside and speaks to one of its addresses outside is sent back in, under an address outside. */
function hairpins(state: State, { cookie, network, memberId, interfaceId, macs, ips }: Side): Flow[] {
  const [mac] = macs
  if (mac === undefined) return []
  const own = [...rememberedAddresses(state, interfaceId)].filter((address) => ips.includes(address))
  return own.flatMap((ipv4_dst) =>
    hairpinned.map((kind) =>
      pipeline.flow('neighbour', {
        cookie,
        priority: 315,
        match: { network: network.tunnel_key_id, eth_type: etherType.ipv4, ...kind, ipv4_dst },
        steps: [
          { set: 'outRouter', to: memberId },
          { set: 'eth_dst', to: mac },
        ],
        goto: 'translateOutward',
      }),
    ),
  )
}

/** What other datapaths send here for the interface. */
const fromPeers = ({ cookie, network, macs }: Side): Flow[] =>
  macs.flatMap((eth_dst) =>
    (['peerByWire', 'peerByTunnel'] as const).map((origin) =>
      pipeline.flow('destination', {
        cookie,
        priority: 100,
        match: { network: network.tunnel_key_id, origin, eth_dst, eth_type: etherType.ipv4 },
        steps: [{ resubmit: 'translateInward' }],
      }),
    ),
  )

/** What may be of a connection that is known is looked for; nothing else passes, unless it may pass as it is. */
const lookedFor = ({ cookie, network, memberId, macs, passes }: Side, zone: number): Flow[] => [
  pipeline.flow('translateOutward', {
    cookie,
    priority: 150,
    match: { outRouter: memberId, eth_type: etherType.ipv4 },
    steps: [{ set: 'origin', to: 'local' }, { conntrack: { zone, nat: 'known', next: 'translateSource' } }],
  }),
  ...(passes
    ? [
        pipeline.flow('translateSource', {
          cookie,
          priority: 100,
          match: { outRouter: memberId, ct_state: unknown, eth_type: etherType.ipv4 },
          goto: 'destination',
        }),
        ...macs.map((eth_dst) =>
          pipeline.flow('translateConnection', {
            cookie,
            priority: 100,
            match: { network: network.tunnel_key_id, eth_dst, ct_state: unknown, eth_type: etherType.ipv4 },
            goto: 'router',
          }),
        ),
      ]
    : []),
]

/** The load balancers of an interface, with those that may have their connections. */
const balancersOf = (state: State, interfaceId: number) => {
  const networkId = state.interfaceNetworks.many('interface', interfaceId)[0]?.network_id ?? 0
  return state.loadBalancers
    .many('interface', interfaceId)
    .map((row) => ({ row, members: membersOf(state, row, networkId) }))
}

/** What makes connections at an interface. */
function rulesOf(state: State, interfaceId: number): number[] {
  const members = balancersOf(state, interfaceId).flatMap((one) => one.members)
  const rules = [
    ...sourceAddressesOf(state, interfaceId).map((row) => ruleOf('source', row)),
    ...destinationAddressesOf(state, interfaceId).map(({ rule }) => rule),
    ...members.map((row) => ruleOf('member', row)),
  ]
  return [...new Set(rules)]
}

/** On the datapath where the interface remembers. */
export function connections(state: State, side: Side, place: TranslationPlace): Flow[] {
  const { interfaceId, macs } = side
  return [
    ...lookedFor(side, place.zone),
    ...goingOn(side, rulesOf(state, interfaceId)),
    ...ended(side),
    ...fromPeers(side),
    ...hairpins(state, side),
    ...sourceAddressesOf(state, interfaceId).map((row) => source(state, side, place.zone, row)),
    ...destinationAddressesOf(state, interfaceId).flatMap((row) =>
      macs.map((mac) => destination(state, side, place.zone, mac, row)),
    ),
    ...state.loadBalancers
      .many('interface', interfaceId)
      .flatMap((row) => macs.map((mac) => balanced(side, mac, row))),
  ]
}

/** What every datapath has that remembers translated connections. */
export const leaving = (cookie: bigint): Flow[] => [
  pipeline.flow('leaveConnection', {
    cookie,
    priority: 2,
    match: { ct_mark: 0, eth_type: etherType.ipv4 },
    steps: [{ set: 'translation', to: 'inward' }],
    goto: 'router',
  }),
  pipeline.flow('leaveConnection', {
    cookie,
    priority: 1,
    match: { eth_type: etherType.ipv4 },
    steps: [
      { set: 'translation', to: 'inward' },
      { move: 'ct_mark', to: 'routing' },
    ],
    goto: 'route',
  }),
]

/** A connection from outside is remembered, and goes on inside. */
const toMember = (row: LoadBalancer, zone: number) => (nat: Nat, label: number) =>
  pipeline.actions('translateConnection', [
    ...fromGroup(row),
    { conntrack: { zone, commit: true, mark: 0, label, nat, next: 'leaveConnection' } },
  ])

/** The zone of an interface in whatever networks it is, and the groups of its load balancers. The object is the interface. */
export const translationZone: FlowFunction = ({ datapathId, objectId: interfaceId }, state) => {
  const place = translationPlace(state, interfaceId)
  if (place?.datapath_id !== datapathId) return { flows: [] }
  return {
    flows: [claimOf(place)],
    groups: balancersOf(state, interfaceId).map(({ row, members }) =>
      groupOf(row, members, toMember(row, place.zone)),
    ),
    children: [{ feature: 'endedConnections', datapathId, objectId: datapathId }],
  }
}
