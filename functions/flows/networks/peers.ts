/**
 * The other datapaths that have a network: the way to each, what may come from it, and its copy of a broadcast. Where the
 * network is only routed to from here, there is the way to each and nothing else; and such datapaths are peers that
 * only send.
 */
import { cookieOf, etherType, type Flow, type FlowFunction, type State } from 'openvnet'
import { activeDatapaths, hasStrangers, networkDomain } from '../../state/domains.ts'
import { egressIpv6RoutesInto, routesIpv6Into } from '../../state/ipv6-routing.ts'
import { isActiveOn } from '../../state/networks.ts'
import { egressRoutesInto, routesInto } from '../../state/routing.ts'
import { features, pipeline } from '../pipeline.ts'
import { vlanNone } from '../places.ts'
import { tunnelUnit } from '../tunnel.ts'
import { fromTunnels, toPeers } from './peer-flows.ts'
import { isWirePeer, type Peer, peersOf, type WirePeer } from './peer-links.ts'

/**
 * A router interface is on every datapath: over the wire, what was routed has the MAC of this datapath's relation to the
 * network instead, by which the peer knows the network.
 */
const routedToPeer = (key: number, peer: WirePeer): Flow =>
  pipeline.flow('toPeer', {
    cookie: cookieOf(features.peer, peer.peerId),
    priority: 110,
    match: { network: key, origin: 'local', peer: peer.peerId, routed: 'yes' },
    steps: [{ set: 'eth_src', to: peer.localMac }, { output: peer.wirePort }],
  })

/** The router interface that packets of a kind come into a network by. */
interface RouterMac {
  readonly mac: number
  readonly eth_type: number
}

/** Those of a network: for IPv4, for IPv6. */
function routerMacsOf(state: State, networkId: number): RouterMac[] {
  const ipv4 = egressRoutesInto(state, networkId)[0]?.router.addresses[0]?.mac
  const ipv6 = egressIpv6RoutesInto(state, networkId)[0]?.router.addresses[0]?.mac
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

/** The others that route into it; who has it and routes is among both. */
const routingDatapaths = (state: State, datapathId: number, networkId: number) =>
  state.datapathNetworks.many('network', networkId).flatMap(({ datapath_id: id }) => {
    const routes =
      id !== datapathId && (routesInto(state, id, networkId) || routesIpv6Into(state, id, networkId))
    return routes ? [id] : []
  })

/** The object is the network. */
export const peers: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const network = state.networks.get(networkId)
  if (network === undefined) return { flows: [] }
  const plain = networkDomain(network)
  const strangers = hasStrangers(state, plain)
  const domain = { ...plain, strangers, mixed: strangers }
  const { key } = domain
  const isHere = isActiveOn(state, networkId, datapathId)
  const routers = routerMacsOf(state, networkId)
  const others = activeDatapaths(state, domain).filter((id) => id !== datapathId)
  const having = peersOf(state, datapathId, domain, others, domain.mixed)
  const routing =
    isHere && routers.length > 0
      ? peersOf(state, datapathId, domain, routingDatapaths(state, datapathId, networkId), domain.mixed)
      : []
  const senders = [...new Map([...having, ...routing].map((peer) => [peer.peerId, peer])).values()]
  const usesTunnel = senders.some(({ kind }) => kind === 'tunnel' || domain.mixed)
  return {
    flows: [
      ...toPeers(domain, having, isHere),
      ...(routers.length === 0 ? [] : having.filter(isWirePeer).map((peer) => routedToPeer(key, peer))),
      ...(isHere ? fromTunnels(domain, senders) : []),
      ...routers.flatMap((router) =>
        routing.filter(isWirePeer).map((peer) => routedFromWire(key, peer, router)),
      ),
    ],
    children: usesTunnel ? [tunnelUnit(datapathId, domain)] : [],
  }
}
