/**
 * IPv6 of a physical network that packets leave to from here, as `way-out.ts` has it of IPv4: next hops are asked for by
 * the host, and learned by the switch from their advertisements. What machines of the network say to each other is theirs.
 */
import {
  cookieOf,
  etherType,
  type Flow,
  type FlowFunction,
  icmpv6Type,
  linkLocalOf,
  type State,
} from 'openvnet'
import { carrierOf, hostAddressIn } from '../../state/host-interfaces.ts'
import { egressIpv6RoutesInto } from '../../state/ipv6-routing.ts'
import { isPhysical, type Network } from '../../state/networks.ts'
import { datapathNeighbourMeterId } from '../meters.ts'
import { features, pipeline, puntPoints } from '../pipeline.ts'
import { exitOfRoute } from '../routers/exits.ts'
import { asksItself, learning } from '../routers/way-out.ts'

const eth_type = etherType.ipv6
const { neighbourAdvertisement } = icmpv6Type
const noMac = 0

/** What is learned of a gateway: it is looked up as the destination, which the packet gets back. */
export const lookUpGateway = (network: Network, nextHop: number, gateway: string): Flow =>
  pipeline.flow('neighbour', {
    cookie: cookieOf(features.ipv6Gateway, network.id),
    priority: 145,
    match: { network: network.tunnel_key_id, viaGateway: 'yes', eth_type, nextHop },
    steps: [
      { push: 'ipv6_dst' },
      { set: 'ipv6_dst', to: gateway },
      { resubmit: 'learnedNeighbour' },
      { pop: 'ipv6_dst' },
    ],
    goto: 'resolved',
  })

/** Advertisements without a MAC address say nothing new. */
const said = { icmpv6_type: neighbourAdvertisement, icmpv6_code: 0 } as const

/** Who is known and has moved says so to all. Whether it is known is looked up as for a packet to it. */
const heard = (cookie: bigint, network: number): Flow[] => [
  pipeline.flow('arp', {
    cookie,
    priority: 60,
    match: { network, origin: 'wire', ...said },
    steps: [
      ...(['eth_dst', 'ipv6_dst'] as const).map((push) => ({ push })),
      { move: 'ipv6_nd_target', to: 'ipv6_dst' },
      { resubmit: 'learnedNeighbour' },
      ...(['ipv6_dst', 'eth_dst'] as const).map((pop) => ({ pop })),
    ],
    goto: 'heard',
  }),
  pipeline.flow('heard', { cookie, priority: 2, match: { network, eth_type }, goto: 'destination' }),
  pipeline.flow('heard', {
    cookie,
    priority: 110,
    match: { network, ...said, ipv6_nd_tll: noMac },
    goto: 'destination',
  }),
]

/** The object is the network. */
export const ipv6WayOut: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const network = state.networks.get(networkId)
  const carrier = network && carrierOf(state, datapathId, networkId)
  if (network === undefined || carrier === undefined || !isPhysical(network)) return { flows: [] }
  const cookie = cookieOf(features.ipv6WayOut, networkId)
  const key = network.tunnel_key_id
  return {
    flows: [
      pipeline.flow('neighbour', {
        cookie,
        priority: 50,
        match: { network: key, eth_type },
        steps: [{ resubmit: 'learnedNeighbour' }],
        goto: 'resolved',
      }),
      ...heard(cookie, key),
    ],
    children: [
      { feature: 'toWire', datapathId, objectId: networkId },
      { feature: 'resolved', datapathId, objectId: datapathId },
      { feature: 'ipv6NeighbourReplies', datapathId, objectId: networkId },
    ],
  }
}

/** The addresses that next hops answer to: those of routers that speak here, and the host's own for all others. */
function askers(state: State, datapathId: number, network: Network) {
  const own = new Set<string>()
  const hosts = new Set<string>()
  for (const route of egressIpv6RoutesInto(state, network.id)) {
    if (exitOfRoute(state, datapathId, route) !== datapathId) continue
    const host = hostAddressIn(state, datapathId, network.id)
    if (asksItself(state, datapathId, route.router.interfaceId, network.id))
      own.add(route.router.addresses[0]!.ipv6)
    else if (host !== undefined) hosts.add(linkLocalOf(host.mac))
  }
  return { own, hosts }
}

/** Answers of next hops are learned, and told to the host, since packets may wait for them. The object is the network. */
export const ipv6NeighbourReplies: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const network = state.networks.get(networkId)
  if (network === undefined) return { flows: [] }
  const { own, hosts } = askers(state, datapathId, network)
  const cookie = cookieOf(features.ipv6WayOut, networkId)
  const match = { network: network.tunnel_key_id, origin: 'wire', ...said } as const
  const steps = learning(networkId, 'ipv6')
  const reply = (ipv6_dst: string) => ({
    ...{ cookie: cookieOf(puntPoints.nextHopReply, networkId), priority: 120, match: { ...match, ipv6_dst } },
    steps: [...steps, { punt: { meterId: datapathNeighbourMeterId } }],
  })
  const empty = { cookie, priority: 121 }
  return {
    flows: [
      ...[...own, ...hosts].map((ipv6_dst) =>
        pipeline.flow('arp', {
          ...empty,
          match: { ...match, ipv6_dst, ipv6_nd_tll: noMac },
          goto: 'destination',
        }),
      ),
      ...[...own].map((ip) => pipeline.flow('arp', reply(ip))),
      ...[...hosts].map((ip) => pipeline.flow('arp', { ...reply(ip), goto: 'destination' as const })),
      ...(['fresh', 'stale'] as const).map((resolution) =>
        pipeline.flow('heard', {
          ...{ cookie, priority: 100, steps, goto: 'destination' },
          match: { network: match.network, ...said, resolution },
        }),
      ),
    ],
    children: [{ feature: 'neighbourMeter', datapathId, objectId: datapathId }],
  }
}
