/**
 * A router interface that translates: one address for one, one port for one. Each packet tells by itself what becomes of
 * it, so that every datapath translates for its own interfaces, and nothing has to be remembered.
 */
import { conntrackState, cookieOf, etherType, type Flow, type FlowFunction, type State } from 'openvnet'
import { hostInterfacesOn } from '../../state/host-interfaces.ts'
import { isActiveOn, type Network } from '../../state/networks.ts'
import {
  passesUntranslated,
  plainAddressesOf,
  remembersConnections,
  type StaticAddress,
  translates,
} from '../../state/translation.ts'
import { type TranslationPlace, translationPlace } from '../../state/translation-place.ts'
import { quotingTypes } from '../icmp-types.ts'
import { features, pipeline } from '../pipeline.ts'
import { addressesIn } from '../places.ts'
import { connections, leaving as leavingConnections, toPlace } from './translated-connections.ts'

/** What the flows of an interface that translates in a network are made from. */
export interface Side {
  readonly cookie: bigint
  readonly network: Network
  readonly memberId: number
  readonly interfaceId: number
  readonly macs: readonly number[]
  /** The addresses that it has there: a machine of the network that has one of the others is itself. */
  readonly ips: readonly number[]
  readonly passes: boolean
}

type Static = StaticAddress & { readonly routeLink: number | undefined }

const withPort = (row: Static) =>
  row.ingress_port_number === null || row.egress_port_number === null
    ? undefined
    : { outside: row.ingress_port_number, inside: row.egress_port_number }

/** What is for a certain port or route link comes before what is for any, and before what a network shares. */
const priorityOf = (row: Static) =>
  (withPort(row) === undefined ? 270 : 300) + (row.routeLink === undefined ? 0 : 10)

/** From outside to inside. With a route link that one leads on, without it those that let the sender in. */
function inward({ cookie, network }: Side, eth_dst: number, row: Static): Flow[] {
  const match = { network: network.tunnel_key_id, eth_dst, ipv4_dst: row.ingress_ipv4_address }
  const base = {
    cookie,
    priority: priorityOf(row),
    goto: row.routeLink === undefined ? 'router' : 'route',
  } as const
  const steps = [
    // What a physical machine sends is from here once it is routed: it may go to other datapaths.
    { set: 'origin', to: 'local' },
    { set: 'ipv4_dst', to: row.egress_ipv4_address },
    { set: 'translation', to: 'inward' },
    ...(row.routeLink === undefined ? [] : [{ set: 'routing', to: row.routeLink } as const]),
  ] as const
  const ports = withPort(row)
  if (ports === undefined)
    return [
      pipeline.flow('translateInward', { ...base, match: { ...match, eth_type: etherType.ipv4 }, steps }),
    ]
  return (['tcp_dst', 'udp_dst'] as const).map((field) =>
    pipeline.flow('translateInward', {
      ...base,
      match: { ...match, [field]: ports.outside },
      steps: [...steps, { set: field, to: ports.inside }],
    }),
  )
}

/** From inside to outside. Where connections are remembered, what is known to be of one is that first. */
function outward({ cookie, memberId }: Side, row: Static, isRemembering: boolean): Flow[] {
  const table = isRemembering ? 'translateSource' : 'translateOutward'
  const match = {
    outRouter: memberId,
    ...(row.routeLink === undefined ? {} : { routeLink: row.routeLink }),
    ipv4_src: row.egress_ipv4_address,
  }
  const base = { cookie, priority: priorityOf(row), goto: 'destination' } as const
  const steps = [{ set: 'ipv4_src', to: row.ingress_ipv4_address }] as const
  const ports = withPort(row)
  if (ports === undefined)
    return [pipeline.flow(table, { ...base, match: { ...match, eth_type: etherType.ipv4 }, steps })]
  return (['tcp_src', 'udp_src'] as const).map((field) =>
    pipeline.flow(table, {
      ...base,
      match: { ...match, [field]: ports.inside },
      steps: [...steps, { set: field, to: ports.outside }],
    }),
  )
}

/** Who is inside and speaks to an address outside that stands for one inside is sent back in, under its own address outside. */
function hairpin({ cookie, network, memberId, macs, ips }: Side, row: Static): Flow[] {
  const [mac] = macs
  if (mac === undefined || !ips.includes(row.ingress_ipv4_address)) return []
  const match = { network: network.tunnel_key_id, ipv4_dst: row.ingress_ipv4_address }
  const base = {
    cookie,
    steps: [
      // What another datapath sent here to be routed is from here by now: it may go back there.
      { set: 'origin', to: 'local' },
      { set: 'outRouter', to: memberId },
      { set: 'eth_dst', to: mac },
    ],
    goto: 'translateOutward',
  } as const
  const ports = withPort(row)
  if (ports === undefined)
    return [
      pipeline.flow('neighbour', { ...base, priority: 320, match: { ...match, eth_type: etherType.ipv4 } }),
    ]
  return (['tcp_dst', 'udp_dst'] as const).map((field) =>
    pipeline.flow('neighbour', { ...base, priority: 330, match: { ...match, [field]: ports.outside } }),
  )
}

/** What comes to the interface, and what is sent back in. */
function entry({ cookie, network, macs }: Side, isRemembering: boolean): Flow[] {
  const key = network.tunnel_key_id
  return macs.flatMap((eth_dst) => [
    pipeline.flow('service', {
      cookie,
      priority: 60,
      match: { network: key, eth_dst, eth_type: etherType.ipv4 },
      goto: 'translateInward',
    }),
    pipeline.flow('destination', {
      cookie,
      priority: 100,
      match: { network: key, origin: 'local', eth_dst, eth_type: etherType.ipv4 },
      steps: [...(isRemembering ? [{ untrack: true } as const] : []), { resubmit: 'translateInward' }],
    }),
  ])
}

/** Nothing is remembered, and what is not translated passes as it is. */
const passing = ({ cookie, network, memberId, macs }: Side): Flow[] => [
  ...macs.map((eth_dst) =>
    pipeline.flow('translateInward', {
      cookie,
      priority: 100,
      match: { network: network.tunnel_key_id, eth_dst, eth_type: etherType.ipv4 },
      goto: 'router',
    }),
  ),
  pipeline.flow('translateOutward', {
    cookie,
    priority: 100,
    match: { outRouter: memberId, eth_type: etherType.ipv4 },
    goto: 'destination',
  }),
]

/** Errors from outside that quote what an address inside has sent. */
const quotedOutside = ({ cookie, network, macs }: Side, statics: readonly Static[]): Flow[] =>
  [...new Set(statics.map((row) => row.ingress_ipv4_address))].flatMap((ipv4_dst) =>
    macs.flatMap((eth_dst) =>
      quotingTypes.map((icmpv4_type) =>
        pipeline.flow('translateInward', {
          cookie,
          priority: 400,
          match: { network: network.tunnel_key_id, eth_dst, ipv4_dst, icmpv4_type },
          steps: [{ set: 'translation', to: 'inward' }],
          goto: 'translateQuoted',
        }),
      ),
    ),
  )

/** Errors from inside; where connections are remembered, those about none of them. */
function quotedInside(
  { cookie, memberId }: Side,
  statics: readonly Static[],
  isRemembering: boolean,
): Flow[] {
  if (statics.length === 0) return []
  return quotingTypes.map((icmpv4_type) => {
    const head = { cookie, priority: 400, steps: [{ set: 'translation', to: 'outward' }] } as const
    const match = { outRouter: memberId, icmpv4_type }
    return isRemembering
      ? pipeline.flow('translateSource', {
          ...head,
          match: { ...match, ct_state: conntrackState({ trk: true, inv: true }) },
          goto: 'translateQuoted',
        })
      : pipeline.flow('translateOutward', { ...head, match, goto: 'translateQuoted' })
  })
}

const withRouteLink = (state: State, row: StaticAddress): Static => ({
  ...row,
  routeLink: row.route_link_id === null ? undefined : state.routeLinks.get(row.route_link_id)?.tunnel_key_id,
})

/** The object is the interface's membership in a network. */
export const translation: FlowFunction = ({ datapathId, objectId: memberId }, state) => {
  const member = state.interfaceNetworks.get(memberId)
  const network = member && state.networks.get(member.network_id)
  if (network === undefined || !translates(state, member!.interface_id)) return { flows: [] }
  const { interface_id: interfaceId } = member!
  const addresses = addressesIn(state, interfaceId, network.id)
  const side: Side = {
    ...{ cookie: cookieOf(features.translation, memberId), network, memberId, interfaceId },
    macs: addresses.map(({ mac }) => mac.mac_address),
    ips: addresses.flatMap(({ ips }) => ips),
    passes: passesUntranslated(state, interfaceId),
  }
  const statics = plainAddressesOf(state, interfaceId).map((row) => withRouteLink(state, row))
  const place = remembersConnections(state, interfaceId)
    ? (translationPlace(state, interfaceId) ?? null)
    : undefined
  const isPlace = place?.datapath_id === datapathId
  // What leaves by an interface that remembers leaves there, and nowhere else.
  const leaves = place === undefined || isPlace
  return {
    flows: [
      ...entry(side, isPlace),
      ...quotedOutside(side, statics),
      ...(leaves ? quotedInside(side, statics, isPlace) : []),
      ...statics.flatMap((row) => side.macs.flatMap((mac) => inward(side, mac, row))),
      ...(leaves ? statics.flatMap((row) => [...outward(side, row, isPlace), ...hairpin(side, row)]) : []),
      ...rest(state, side, place, datapathId),
    ],
    children: [
      ...['routing', 'allTranslationPunts', ...(isPlace ? ['leaving', 'icmpOfPeers'] : [])].map(
        (feature) => ({
          feature,
          datapathId,
          objectId: datapathId,
        }),
      ),
      ...(isPlace ? [{ feature: 'translationZone', datapathId, objectId: interfaceId }] : []),
      ...(isPlace ? peersOf(state, datapathId) : []),
      ...sendersOf(state, network.id, datapathId),
    ],
  }
}

/** What becomes of what does not stand for something by itself. Where connections are remembered, that is for their place to say. */
function rest(
  state: State,
  side: Side,
  place: TranslationPlace | null | undefined,
  datapathId: number,
): Flow[] {
  if (place === undefined) return side.passes ? passing(side) : []
  if (place === null) return []
  return [
    ...toPlace(side, place, datapathId),
    ...(place.datapath_id === datapathId ? connections(state, side, place) : []),
  ]
}

/** What others send here may come over the wire, whose errors are told as those of a machine. */
const peersOf = (state: State, datapathId: number) =>
  hostInterfacesOn(state, datapathId).map(({ interfaceId: objectId }) => ({
    feature: 'icmp',
    datapathId,
    objectId,
  }))

/** Those whose errors the host tells, or translates: each has rates of its own. */
const sendersOf = (state: State, networkId: number, datapathId: number) =>
  isActiveOn(state, networkId, datapathId)
    ? state.interfaceNetworks.many('network', networkId).flatMap(({ interface_id: objectId }) => [
        { feature: 'icmp', datapathId, objectId },
        { feature: 'translationPunts', datapathId, objectId },
      ])
    : []

/** What becomes of translated connections. The object is the datapath. */
export const leaving: FlowFunction = ({ datapathId }) => ({
  flows: leavingConnections(cookieOf(features.routing, datapathId)),
})
