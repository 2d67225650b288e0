/** The way to and from other datapaths, in a network or a segment: frames for one of them, frames from them, copies for all. */
import { cookieOf, type Flow } from 'openvnet'
import type { Domain } from '../../state/domains.ts'
import { features, pipeline } from '../pipeline.ts'
import { vlanNone } from '../places.ts'
import {
  byAddress,
  isTunnelPeer,
  isWirePeer,
  type Peer,
  type TunnelPeer,
  type WirePeer,
} from './peer-links.ts'

/** A domain as its peers see it. */
export interface PeerDomain extends Domain {
  /** Some frames go encapsulated to peers on the same wire, too. */
  readonly mixed: boolean
  /** There may be machines in it that the state does not know. */
  readonly strangers: boolean
}

const peerCookie = ({ peerId }: Peer) => cookieOf(features.peer, peerId)

/** What packets carry in every tunnel of the domain. */
const encapsulated = (key: number, { localAddress }: Peer) => [
  { set: 'tunnel_id', to: key } as const,
  { set: 'tun_src', to: localAddress } as const,
]

/** Into the tunnel to one peer. */
const throughTunnel = (key: number, peer: TunnelPeer) => [
  ...encapsulated(key, peer),
  { set: 'tun_dst', to: peer.peerAddress } as const,
  { output: peer.tunnelPort },
]

/** Over the wire with the interface's own MAC: physical switches see it at one port. */
function toPeer({ key }: PeerDomain, peer: Peer): Flow[] {
  const match = { network: key, origin: 'local', peer: peer.peerId } as const
  const flow = (
    priority: number,
    steps: ReturnType<typeof throughTunnel> | [{ output: number }],
    more = {},
  ) => pipeline.flow('toPeer', { cookie: peerCookie(peer), priority, match: { ...match, ...more }, steps })
  const tunnel = isTunnelPeer(peer) ? throughTunnel(key, peer) : undefined
  if (!isWirePeer(peer)) return tunnel === undefined ? [] : [flow(100, tunnel)]
  const wire = flow(100, [{ output: peer.wirePort }])
  return tunnel === undefined ? [wire] : [wire, flow(120, tunnel, { encapsulate: 'yes' })]
}

/** Only what carries the peer's address and a domain that it has comes out of the tunnel. */
function fromTunnel({ kind, key, strangers }: PeerDomain, peer: TunnelPeer): Flow {
  const { tunnelPort, localAddress, peerAddress, peerId } = peer
  const steps = [{ set: 'network', to: key } as const, { set: 'origin', to: 'peerByTunnel' } as const]
  return pipeline.flow('tunnel', {
    cookie: peerCookie(peer),
    priority: 100,
    match: {
      in_port: tunnelPort,
      vlan_vid: vlanNone,
      tunnel_id: key,
      tun_src: peerAddress,
      tun_dst: localAddress,
    },
    ...(strangers
      ? { steps: [...steps, { set: 'peer', to: peerId } as const], goto: 'sender' }
      : { steps, goto: kind === 'segment' ? 'segment' : 'destination' }),
  })
}

/** What peers send, encapsulated. */
export const fromTunnels = (domain: PeerDomain, peers: readonly Peer[]): Flow[] =>
  byAddress(peers.filter(isTunnelPeer)).map((peer) => fromTunnel(domain, peer))

/** A broadcast has a flow for so many peers: 40 bytes each, of the 65,535 that an OpenFlow message has. */
const peersPerPage = 1_000

const tunnelCopies = (key: number, peers: readonly TunnelPeer[]) =>
  peers.flatMap((peer, i) => [
    ...(i === 0 ? encapsulated(key, peer) : []),
    { set: 'tun_dst', to: peer.peerAddress } as const,
    { output: peer.tunnelPort },
  ])

/** Over the wire a copy has the MAC that the domain's broadcasts have at the peer. */
const wireCopies = (peers: readonly WirePeer[]) =>
  peers.flatMap(({ peerMac, wirePort }) => [{ set: 'eth_dst', to: peerMac } as const, { output: wirePort }])

type Copy = ReturnType<typeof tunnelCopies>[number] | ReturnType<typeof wireCopies>[number]

/** All of it in one flow, or page by page. */
function paged(
  head: { readonly cookie: bigint; readonly priority: number },
  key: number,
  pages: readonly (readonly Copy[])[],
  more: { readonly encapsulate?: 'yes' } = {},
): Flow[] {
  const match = { network: key, origin: 'local', ...more } as const
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
      pipeline.flow('floodPeerPages', { ...head, match: { network: key, floodPage, ...more }, steps }),
    ),
  ]
}

const pagesOf = <T>(all: readonly T[]): (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / peersPerPage) }, (_, page) =>
    all.slice(page * peersPerPage, (page + 1) * peersPerPage),
  )

/** A copy for every peer. Tunnels first, since the copies for the wire change the destination. */
function toEveryPeer({ kind, id, key, mixed }: PeerDomain, peers: readonly Peer[]): Flow[] {
  const cookie = cookieOf(kind === 'segment' ? features.segment : features.flood, id)
  const tunnels = byAddress(peers.filter(isTunnelPeer))
  const wires = peers.filter(isWirePeer)
  const apart = tunnels.filter((peer) => peer.kind === 'tunnel')
  const pages = pagesOf<WirePeer | TunnelPeer>([...apart, ...wires]).map((page) => [
    ...tunnelCopies(
      key,
      page.filter((peer): peer is TunnelPeer => peer.kind === 'tunnel'),
    ),
    ...wireCopies(page.filter(isWirePeer)),
  ])
  const all = mixed && wires.length > 0 ? pagesOf(tunnels).map((page) => tunnelCopies(key, page)) : []
  return [
    ...paged({ cookie, priority: 1 }, key, pages),
    ...paged({ cookie, priority: 2 }, key, all, { encapsulate: 'yes' }),
  ]
}

/** What has been announced to every peer by a copy has reached those that it is for by that. */
function announced({ kind, id, key }: PeerDomain): Flow[] {
  const cookie = cookieOf(kind === 'segment' ? features.segment : features.network, id)
  const rest = { cookie, priority: 130, match: { network: key, announce: 'done' }, drop: true } as const
  return [pipeline.flow('toPeer', rest), pipeline.flow('floodPeers', rest)]
}

/** To each peer, and where the domain is here, to all of them. */
export const toPeers = (domain: PeerDomain, peers: readonly Peer[], isHere: boolean): Flow[] => [
  ...peers.flatMap((peer) => toPeer(domain, peer)),
  ...(isHere ? toEveryPeer(domain, peers) : []),
  ...(isHere && domain.strangers ? announced(domain) : []),
]
