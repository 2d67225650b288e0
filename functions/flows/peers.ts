/**
 * The other datapaths that have a network: the way to each, what may come from it, and its copy of a broadcast. Where the
 * network is only routed to from here, there is the way to each and nothing else; and such datapaths are peers that
 * only send.
 */
import { cookieOf, etherType, type Flow, type FlowFunction, type State } from 'openvnet'
import { egressIpv6RoutesInto, routesIpv6Into } from '../state/ipv6-routing.ts'
import { isActiveOn, type Network } from '../state/networks.ts'
import { egressRoutesInto, routesInto } from '../state/routing.ts'
import { features, pipeline } from './pipeline.ts'
import { portOn, vlanNone } from './places.ts'
import { tunnelPortOf, tunnelUnit } from './tunnel.ts'
import { type Link, linkTo } from './underlay.ts'

/** A link with the port that it goes by; undefined until there is one. */
interface Peer extends Link {
  readonly peerId: number
  readonly port: number | undefined
}
type ReadyPeer = Peer & { readonly port: number }

const isReady = (peer: Peer): peer is ReadyPeer => peer.port !== undefined

/** The links to some other datapaths in the network, as far as there are any. */
function peersOf(state: State, datapathId: number, network: Network, peerIds: readonly number[]): Peer[] {
  return peerIds.flatMap((peerId) => {
    const link = linkTo(state, datapathId, peerId, network.id)
    if (link === undefined) return []
    const byWire = link.kind === 'wire'
    const port = byWire
      ? portOn(state, link.interfaceId, datapathId)
      : tunnelPortOf(state, datapathId, network)
    return [{ ...link, peerId, port }]
  })
}

/** Only what carries the peer's address and a network that it has comes out of the tunnel. */
const fromTunnel = (key: number, { peerId, port, localAddress, peerAddress }: ReadyPeer): Flow =>
  pipeline.flow('tunnel', {
    cookie: cookieOf(features.peer, peerId),
    priority: 100,
    match: { in_port: port, vlan_vid: vlanNone, tunnel_id: key, tun_src: peerAddress, tun_dst: localAddress },
    steps: [
      { set: 'network', to: key },
      { set: 'origin', to: 'peerByTunnel' },
    ],
    goto: 'destination',
  })

/** What packets carry in every tunnel of the network. */
const encapsulated = (key: number, { localAddress }: Link) => [
  { set: 'tunnel_id', to: key } as const,
  { set: 'tun_src', to: localAddress } as const,
]

/** Over the wire with the interface's own MAC: physical switches see it at one port. */
const toPeer = (key: number, peer: ReadyPeer): Flow =>
  pipeline.flow('toPeer', {
    cookie: cookieOf(features.peer, peer.peerId),
    priority: 100,
    match: { network: key, origin: 'local', peer: peer.peerId },
    steps:
      peer.kind === 'wire'
        ? [{ output: peer.port }]
        : [...encapsulated(key, peer), { set: 'tun_dst', to: peer.peerAddress }, { output: peer.port }],
  })

/**
 * A router interface is on every datapath: over the wire, what was routed has the MAC of this datapath's relation to the
 * network instead, by which the peer knows the network.
 */
const routedToPeer = (key: number, peer: ReadyPeer): Flow =>
  pipeline.flow('toPeer', {
    cookie: cookieOf(features.peer, peer.peerId),
    priority: 110,
    match: { network: key, origin: 'local', peer: peer.peerId, routed: 'yes' },
    steps: [{ set: 'eth_src', to: peer.localMac }, { output: peer.port }],
  })

/** The router interface that packets of a kind come into a network by. */
interface RouterMac {
  readonly mac: number
  readonly eth_type: number
}

/** Those of a network: for IPv4, for IPv6. */
function routerMacsOf(state: State, networkId: number): RouterMac[] {
  const ipv4 = egressRoutesInto(state, networkId)[0]?.router.addresses[0]?.mac
  const ipv6 = egressIpv6RoutesInto(state, networkId)[0]?.macs[0]
  return [
    ...(ipv4 === undefined ? [] : [{ mac: ipv4, eth_type: etherType.ipv4 }]),
    ...(ipv6 === undefined ? [] : [{ mac: ipv6, eth_type: etherType.ipv6 }]),
  ]
}

/** What a peer has routed comes under its MAC, and goes on under the router interface's. */
const routedFromWire = (key: number, peer: Peer, { mac, eth_type }: RouterMac): Flow =>
  pipeline.flow('wire', {
    cookie: cookieOf(features.peer, peer.peerId),
    priority: 100,
    match: { inInterface: peer.interfaceId, vlan_vid: vlanNone, eth_src: peer.peerMac, eth_type },
    steps: [
      { set: 'network', to: key },
      { set: 'origin', to: 'peerByWire' },
      { set: 'eth_src', to: mac },
    ],
    goto: 'destination',
  })

/** A broadcast has a flow for so many peers: 40 bytes each, of the 65,535 that an OpenFlow message has. */
const peersPerPage = 1_000

/** Copies of a broadcast: encapsulated, or over the wire under the MAC that the network's broadcasts have at the peer. */
const copies = (key: number, peers: readonly ReadyPeer[]) => [
  ...peers
    .filter(({ kind }) => kind === 'tunnel')
    .flatMap((peer, i) => [
      ...(i === 0 ? encapsulated(key, peer) : []),
      { set: 'tun_dst', to: peer.peerAddress } as const,
      { output: peer.port },
    ]),
  ...peers
    .filter(({ kind }) => kind === 'wire')
    .flatMap(({ peerMac, port }) => [{ set: 'eth_dst', to: peerMac } as const, { output: port }]),
]

/** A copy for every peer. Tunnels first, since the copies for the wire change the destination. */
function toEveryPeer(
  networkId: number,
  key: number,
  tunnels: readonly ReadyPeer[],
  wires: readonly ReadyPeer[],
): Flow[] {
  const all = [...tunnels, ...wires]
  const pages = Array.from({ length: Math.ceil(all.length / peersPerPage) }, (_, page) =>
    copies(key, all.slice(page * peersPerPage, (page + 1) * peersPerPage)),
  )
  const head = { cookie: cookieOf(features.flood, networkId), priority: 1 }
  const match = { network: key, origin: 'local' } as const
  const [first, second] = pages
  if (first === undefined) return []
  if (second === undefined) return [pipeline.flow('floodPeers', { ...head, match, steps: first })]
  const toPages = pages.flatMap((_, page) => [
    { set: 'floodPage', to: page } as const,
    { resubmit: 'floodPeerPages' } as const,
  ])
  return [
    pipeline.flow('floodPeers', { ...head, match, steps: toPages }),
    ...pages.map((steps, floodPage) =>
      pipeline.flow('floodPeerPages', { ...head, match: { network: key, floodPage }, steps }),
    ),
  ]
}

/** One for each address: two datapaths that claim the same one cannot be told apart. */
const byAddress = (tunnels: readonly ReadyPeer[]) => [
  ...new Map(tunnels.toReversed().map((peer) => [peer.peerAddress, peer])).values(),
]

/** The others that have the network. */
const havingDatapaths = (state: State, datapathId: number, networkId: number) =>
  state.activeNetworks
    .many('network', networkId)
    .flatMap((row) => (row.datapath_id === datapathId ? [] : [row.datapath_id]))

/** The others that route into it; who has it and routes is among both. */
const routingDatapaths = (state: State, datapathId: number, networkId: number) =>
  state.datapathNetworks.many('network', networkId).flatMap(({ datapath_id: id }) => {
    const routes =
      id !== datapathId && (routesInto(state, id, networkId) || routesIpv6Into(state, id, networkId))
    return routes ? [id] : []
  })

/** What comes from peers: of those that have the network, and of those that route into it. */
function arrivals(
  key: number,
  having: readonly ReadyPeer[],
  routing: readonly ReadyPeer[],
  routerMacs: readonly RouterMac[],
): Flow[] {
  const senders = new Map([...having, ...routing].map((peer) => [peer.peerId, peer]))
  const tunnels = byAddress([...senders.values()].filter(({ kind }) => kind === 'tunnel'))
  const wires = routing.filter(({ kind }) => kind === 'wire')
  return [
    ...tunnels.map((peer) => fromTunnel(key, peer)),
    ...routerMacs.flatMap((router) => wires.map((peer) => routedFromWire(key, peer, router))),
  ]
}

/** The object is the network. */
export const peers: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const network = state.networks.get(networkId)
  if (network === undefined) return { flows: [] }
  const key = network.tunnel_key_id
  const isHere = isActiveOn(state, networkId, datapathId)
  const routers = routerMacsOf(state, networkId)
  const having = peersOf(state, datapathId, network, havingDatapaths(state, datapathId, networkId))
  const routing =
    isHere && routers.length > 0
      ? peersOf(state, datapathId, network, routingDatapaths(state, datapathId, networkId))
      : []
  const ready = having.filter(isReady)
  const tunnels = byAddress(ready.filter(({ kind }) => kind === 'tunnel'))
  const wires = ready.filter(({ kind }) => kind === 'wire')
  const usesTunnel = [...having, ...routing].some(({ kind }) => kind === 'tunnel')
  return {
    flows: [
      ...ready.map((peer) => toPeer(key, peer)),
      ...(routers.length === 0 ? [] : wires.map((peer) => routedToPeer(key, peer))),
      ...(isHere ? arrivals(key, ready, routing.filter(isReady), routers) : []),
      ...(isHere ? toEveryPeer(networkId, key, tunnels, wires) : []),
    ],
    children: usesTunnel ? [tunnelUnit(datapathId, network)] : [],
  }
}
