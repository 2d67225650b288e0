/**
 * A router interface that translates: one address for one, one port for one. Each packet tells by itself what becomes of
 * it, so that every datapath translates for its own interfaces, and nothing has to be remembered.
 */
import { cookieOf, type Flow, type FlowFunction, type State } from 'openvnet'
import { isActiveOn, type Network } from '../state/networks.ts'
import { routesInto } from '../state/routing.ts'
import {
  passesUntranslated,
  type StaticAddress,
  staticAddressesOf,
  translates,
} from '../state/translation.ts'
import { features, pipeline } from './pipeline.ts'
import { addressesIn } from './places.ts'

const ipv4 = 0x0800
/** Unreachable, source quench, time exceeded, parameter problem: they quote the packet that they are about. */
const quotingTypes = [3, 4, 11, 12]

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

/** What is for a certain port or route link comes before what is for any. */
const priorityOf = (row: Static) =>
  (withPort(row) === undefined ? 200 : 300) + (row.routeLink === undefined ? 0 : 10)

/** From outside to inside. With a route link that one leads on, without it those that let the sender in. */
function inward({ cookie, network }: Side, eth_dst: number, row: Static): Flow[] {
  const match = { network: network.tunnel_key_id, eth_dst, ipv4_dst: row.ingress_ipv4_address }
  const base = {
    cookie,
    priority: priorityOf(row),
    goto: row.routeLink === undefined ? 'router' : 'route',
  } as const
  const steps = [
    { set: 'ipv4_dst', to: row.egress_ipv4_address },
    { set: 'translation', to: 'inward' },
    ...(row.routeLink === undefined ? [] : [{ set: 'routing', to: row.routeLink } as const]),
  ] as const
  const ports = withPort(row)
  if (ports === undefined)
    return [pipeline.flow('translateInward', { ...base, match: { ...match, eth_type: ipv4 }, steps })]
  return (['tcp_dst', 'udp_dst'] as const).map((field) =>
    pipeline.flow('translateInward', {
      ...base,
      match: { ...match, [field]: ports.outside },
      steps: [...steps, { set: field, to: ports.inside }],
    }),
  )
}

/** From inside to outside. */
function outward({ cookie, memberId }: Side, row: Static): Flow[] {
  const match = {
    outRouter: memberId,
    ...(row.routeLink === undefined ? {} : { routeLink: row.routeLink }),
    ipv4_src: row.egress_ipv4_address,
  }
  const base = { cookie, priority: priorityOf(row), goto: 'destination' } as const
  const steps = [{ set: 'ipv4_src', to: row.ingress_ipv4_address }] as const
  const ports = withPort(row)
  if (ports === undefined)
    return [pipeline.flow('translateOutward', { ...base, match: { ...match, eth_type: ipv4 }, steps })]
  return (['tcp_src', 'udp_src'] as const).map((field) =>
    pipeline.flow('translateOutward', {
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
      { set: 'outRouter', to: memberId },
      { set: 'eth_dst', to: mac },
    ],
    goto: 'translateOutward',
  } as const
  const ports = withPort(row)
  if (ports === undefined)
    return [pipeline.flow('neighbour', { ...base, priority: 320, match: { ...match, eth_type: ipv4 } })]
  return (['tcp_dst', 'udp_dst'] as const).map((field) =>
    pipeline.flow('neighbour', { ...base, priority: 330, match: { ...match, [field]: ports.outside } }),
  )
}

/** What comes to the interface, and what is sent back in. */
function entry({ cookie, network, macs, passes }: Side): Flow[] {
  const key = network.tunnel_key_id
  return macs.flatMap((eth_dst) => [
    pipeline.flow('service', {
      cookie,
      priority: 60,
      match: { network: key, eth_dst, eth_type: ipv4 },
      goto: 'translateInward',
    }),
    pipeline.flow('destination', {
      cookie,
      priority: 100,
      match: { network: key, origin: 'local', eth_dst, eth_type: ipv4 },
      steps: [{ resubmit: 'translateInward' }],
    }),
    ...(passes
      ? [
          pipeline.flow('translateInward', {
            cookie,
            priority: 100,
            match: { network: key, eth_dst, eth_type: ipv4 },
            goto: 'router',
          }),
        ]
      : []),
  ])
}

/** Errors that quote what was translated, either way. */
function quoted({ cookie, network, memberId, macs }: Side, statics: readonly Static[]): Flow[] {
  const outside = [...new Set(statics.map((row) => row.ingress_ipv4_address))]
  return quotingTypes.flatMap((icmpv4_type) => [
    pipeline.flow('translateOutward', {
      cookie,
      priority: 400,
      match: { outRouter: memberId, icmpv4_type },
      steps: [{ set: 'translation', to: 'outward' }],
      goto: 'translateQuoted',
    }),
    ...macs.flatMap((eth_dst) =>
      outside.map((ipv4_dst) =>
        pipeline.flow('translateInward', {
          cookie,
          priority: 400,
          match: { network: network.tunnel_key_id, eth_dst, ipv4_dst, icmpv4_type },
          steps: [{ set: 'translation', to: 'inward' }],
          goto: 'translateQuoted',
        }),
      ),
    ),
  ])
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
  const statics = staticAddressesOf(state, interfaceId).map((row) => withRouteLink(state, row))
  const unit = (feature: string, objectId: number) => ({ feature, datapathId, objectId })
  const senders = isActiveOn(state, network.id, datapathId)
    ? state.interfaceNetworks.many('network', network.id)
    : []
  return {
    flows: [
      ...entry(side),
      ...quoted(side, statics),
      ...statics.flatMap((row) => [
        ...side.macs.flatMap((mac) => inward(side, mac, row)),
        ...outward(side, row),
        ...hairpin(side, row),
      ]),
      ...(side.passes
        ? [
            pipeline.flow('translateOutward', {
              cookie: side.cookie,
              priority: 100,
              match: { outRouter: memberId, eth_type: ipv4 },
              goto: 'destination',
            }),
          ]
        : []),
    ],
    children: [
      unit('routing', datapathId),
      ...senders.flatMap(({ interface_id }) => [
        unit('icmp', interface_id),
        unit('translationPunts', interface_id),
      ]),
      unit('allTranslationPunts', datapathId),
    ],
  }
}

/**
 * The route links that addresses outside lead to, wherever those may be spoken to from: the object is the datapath. They
 * are not the translation's own, since a route link leads to networks whose router interfaces translate.
 */
export const translatedLinks: FlowFunction = ({ datapathId }, state) => {
  const links = new Set<number>()
  for (const { id, interface_id } of state.translations.all()) {
    const rows = state.translationStaticAddresses.many('translation', id)
    const behind = rows.flatMap(({ route_link_id }) => route_link_id ?? [])
    if (behind.length === 0 || !translates(state, interface_id)) continue
    const isHere = state.interfaceNetworks
      .many('interface', interface_id)
      .some(
        ({ network_id }) =>
          isActiveOn(state, network_id, datapathId) || routesInto(state, datapathId, network_id),
      )
    if (isHere) for (const link of behind) links.add(link)
  }
  return {
    flows: [],
    children: [...links].map((objectId) => ({ feature: 'routeLink', datapathId, objectId })),
  }
}
