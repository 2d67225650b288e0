/** The other datapaths that have a network: the way to each, what may come from it, and its copy of a broadcast. */
import { cookieOf, type Flow, type FlowFunction, type State } from 'openvnet'
import type { Network } from '../state/networks.ts'
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

function peersOf(state: State, datapathId: number, network: Network): Peer[] {
  return state.activeNetworks.many('network', network.id).flatMap(({ datapath_id: peerId }) => {
    const link = peerId === datapathId ? undefined : linkTo(state, datapathId, peerId, network.id)
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

/** The object is the network. */
export const peers: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const network = state.networks.get(networkId)
  if (network === undefined) return { flows: [] }
  const all = peersOf(state, datapathId, network)
  const ready = all.filter(isReady)
  const tunnels = byAddress(ready.filter(({ kind }) => kind === 'tunnel'))
  const wires = ready.filter(({ kind }) => kind === 'wire')
  const key = network.tunnel_key_id
  return {
    flows: [
      ...ready.map((peer) => toPeer(key, peer)),
      ...tunnels.map((peer) => fromTunnel(key, peer)),
      ...toEveryPeer(networkId, key, tunnels, wires),
    ],
    children: all.some(({ kind }) => kind === 'tunnel') ? [tunnelUnit(datapathId, network)] : [],
  }
}
