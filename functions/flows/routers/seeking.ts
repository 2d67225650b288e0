/**
 * Routers and machines that the state does not know, in networks that may have such. One datapath (`state/seekers.ts`)
 * asks for them, as for next hops in physical networks, and with the same flows: `learnedNeighbour`, `resolved`. Others
 * send it, by `toExit`, what is for addresses that nobody has leased.
 *
 * Its questions are broadcasts of the network under the router's addresses. An answer comes in at any datapath that has the network, and goes on
 * to the one that asks.
 */
import { arpOperation, cookieOf, etherType, type Flow, type FlowFunction, type State } from 'openvnet'
import type { Domain } from '../../state/domains.ts'
import { mtuOf } from '../../state/encapsulation.ts'
import { hasPeers, type Network } from '../../state/networks.ts'
import { ipv4PrefixOf } from '../../state/prefixes.ts'
import { egressRoutesInto } from '../../state/routing.ts'
import { domainOf, seekerOf } from '../../state/seekers.ts'
import { datapathNeighbourMeterId } from '../meters.ts'
import { features, pipeline, puntPoints } from '../pipeline.ts'
import { prefixMatch } from '../prefix-match.ts'
import { linkToExit } from './exits.ts'
import { broadcastFlows, learning, watching } from './way-out.ts'

const ethernetHeader = 14
const routeLinkBits = 24

/** What is for addresses that the state does not know: those of the network itself, and next hops that routes name. */
const unknownIn = (network: Network) =>
  [
    { priority: 140, match: { viaGateway: 'yes' } },
    { priority: 50, match: prefixMatch('ipv4_dst', ipv4PrefixOf(network)) },
  ] as const

function lookUp(cookie: bigint, network: Network): Flow[] {
  return unknownIn(network).map(({ priority, match }) =>
    pipeline.flow('neighbour', {
      cookie,
      priority,
      match: { network: network.tunnel_key_id, eth_type: etherType.ipv4, ...match },
      steps: [
        ...('viaGateway' in match ? [] : [{ move: 'ipv4_dst', to: 'nextHop' } as const]),
        { resubmit: 'learnedNeighbour' },
      ],
      goto: 'resolved',
    }),
  )
}

/** The least that the ways to another datapath carry, by which packets are sent there to be routed. */
function mtuTo(
  state: State,
  datapathId: number,
  seekerId: number,
  network: Network,
  routes: readonly { readonly route_link_id: number }[],
): number {
  const ways = routes.flatMap(
    ({ route_link_id }) => linkToExit(state, datapathId, seekerId, route_link_id)?.network ?? [],
  )
  return Math.min(...[network, ...ways].map(mtuOf))
}

/** The steps by which what was let in by one of these routes gets to the datapath that asks. */
export const sendToSeeker = (
  state: State,
  datapathId: number,
  seekerId: number,
  network: Network,
  routes: readonly { readonly route_link_id: number }[],
) =>
  [
    { set: 'peer', to: seekerId },
    { move: 'routeLink', to: 'tunnel_id', bits: routeLinkBits },
    { largerThan: mtuTo(state, datapathId, seekerId, network, routes) + ethernetHeader, to: 'tooLarge' },
    { resubmit: 'toExit' },
  ] as const

/** To the datapath that asks, under the key of the route link; what came from another for that goes no further. */
function toSeeker(
  state: State,
  datapathId: number,
  cookie: bigint,
  network: Network,
  seekerId: number,
): Flow[] {
  const steps = sendToSeeker(state, datapathId, seekerId, network, egressRoutesInto(state, network.id))
  return unknownIn(network).map(({ priority, match }) =>
    pipeline.flow('neighbour', {
      cookie,
      priority,
      match: { network: network.tunnel_key_id, origin: 'local', eth_type: etherType.ipv4, ...match },
      steps,
    }),
  )
}

/** Where no link leads there. The object of the cookie is the network. */
export const noWay = (cookie: bigint, network: Network, peer: number, eth_type: number): Flow =>
  pipeline.flow('toExit', {
    cookie,
    priority: 10,
    match: { network: network.tunnel_key_id, peer, eth_type },
    steps: [{ set: 'icmpError', to: 'hostUnreachable' }],
    goto: 'icmp',
  })

/** On a datapath that routes into the network, which is the object. */
export const seeking: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const network = state.networks.get(networkId)
  const seekerId = network && seekerOf(state, datapathId, network)
  if (network === undefined || seekerId === undefined) return { flows: [] }
  const cookie = cookieOf(features.seeking, networkId)
  const unit = (feature: string) => ({ feature, datapathId, objectId: datapathId })
  return seekerId === datapathId
    ? {
        flows: [...broadcastFlows(cookie, network), ...lookUp(cookie, network)],
        children: [unit('resolved')],
      }
    : {
        flows: [
          ...broadcastFlows(cookie, network),
          ...toSeeker(state, datapathId, cookie, network, seekerId),
          noWay(cookie, network, seekerId, etherType.ipv4),
        ],
      }
}

/** Addresses that questions are asked under, by MAC. */
const askersOf = (state: State, networkId: number): Map<number, number> =>
  new Map(
    egressRoutesInto(state, networkId).flatMap(({ router }) =>
      router.addresses.map(({ ipv4, mac }) => [ipv4, mac] as const),
    ),
  )

/** An answer is learned, and told to the host, since packets may wait for it. */
const heed = (networkId: number) =>
  [...learning(networkId), watching(networkId), { punt: { meterId: datapathNeighbourMeterId } }] as const

/** Answers, from here and from other datapaths. Who is known and has moved says so unasked. */
function answers(networkId: number, key: number, askers: ReadonlyMap<number, number>): Flow[] {
  const cookie = cookieOf(features.seeking, networkId)
  const match = { network: key, origin: 'local', eth_type: etherType.arp } as const
  return [
    ...[...askers.keys()].flatMap((arp_tpa) =>
      ([{ origin: 'local', admitted: 'yes' }, { origin: 'peerByTunnel' }] as const).map((from) =>
        pipeline.flow('arp', {
          cookie: cookieOf(puntPoints.nextHopReply, networkId),
          priority: 120,
          match: { network: key, ...from, arp_op: arpOperation.reply, arp_tpa },
          steps: heed(networkId),
        }),
      ),
    ),
    pipeline.flow('arp', {
      cookie,
      priority: 60,
      match: { ...match, admitted: 'yes' },
      steps: [{ resubmit: 'watchedNeighbour' }],
      goto: 'heard',
    }),
    pipeline.flow('heard', { cookie, priority: 1, match: { network: key }, goto: 'destination' }),
    pipeline.flow('heard', {
      cookie,
      priority: 100,
      match: { network: key, watched: 'yes', eth_type: etherType.arp },
      steps: learning(networkId),
      goto: 'destination',
    }),
  ]
}

/**
 * What is said to a router by ARP is nobody's on its way to machines: here it is an answer that another datapath sends on to
 * this one, or that this one sends on.
 */
function passedOn(networkId: number, key: number, domain: Domain, macs: Iterable<number>, seekerId?: number) {
  const head = { cookie: cookieOf(features.seeking, networkId), priority: 120 }
  const table = domain.kind === 'network' ? 'destination' : 'segment'
  return [...new Set(macs)].map((eth_dst) => {
    const match = { network: domain.key, eth_dst, arp_op: arpOperation.reply }
    return seekerId === undefined
      ? pipeline.flow(table, {
          ...head,
          match: { ...match, origin: 'peerByTunnel' },
          steps: [{ set: 'network', to: key }, { resubmit: 'arp' }],
        })
      : pipeline.flow(table, {
          ...head,
          match: { ...match, origin: 'local' },
          steps: [
            { set: 'peer', to: seekerId },
            { set: 'encapsulate', to: 'yes' },
          ],
          goto: 'toPeer',
        })
  })
}

/** On a datapath that has the network, or the segment that it lies on. The object is the network. */
export const seekerReplies: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const network = state.networks.get(networkId)
  const seekerId = network && seekerOf(state, datapathId, network)
  const askers = askersOf(state, networkId)
  if (network === undefined || seekerId === undefined || askers.size === 0) return { flows: [] }
  const key = network.tunnel_key_id
  const domain = domainOf(state, network)
  if (seekerId !== datapathId) return { flows: passedOn(networkId, key, domain, askers.values(), seekerId) }
  return {
    flows: [
      ...answers(networkId, key, askers),
      ...(hasPeers(network) ? passedOn(networkId, key, domain, askers.values()) : []),
    ],
    children: [
      { feature: 'neighbourMeter', datapathId, objectId: datapathId },
      { feature: 'exitsHere', datapathId, objectId: networkId },
    ],
  }
}
