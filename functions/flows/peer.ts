/** Another datapath that has the network: the way to it, and what may come from it. */
import { cookieOf, type Flow, type FlowFunction } from 'openvnet'
import { features, pipeline } from './pipeline.ts'
import { type Network, portOn, vlanNone } from './places.ts'
import { tunnelPortOf, tunnelUnit } from './tunnel.ts'
import { type Link, linkTo } from './underlay.ts'

function byWire(cookie: bigint, network: Network, peerId: number, port: number): Flow[] {
  return [
    pipeline.flow('toPeer', {
      cookie,
      priority: 100,
      match: { network: network.tunnel_key_id, origin: 'local', peer: peerId },
      steps: [{ output: port }],
    }),
  ]
}

/** Only what carries the peer's address and a network that it has comes out of the tunnel. */
function byTunnel(cookie: bigint, network: Network, peerId: number, port: number, link: Link): Flow[] {
  const key = network.tunnel_key_id
  return [
    pipeline.flow('tunnel', {
      cookie,
      priority: 100,
      match: {
        in_port: port,
        vlan_vid: vlanNone,
        tunnel_id: key,
        tun_src: link.peerAddress,
        tun_dst: link.localAddress,
      },
      steps: [
        { set: 'network', to: key },
        { set: 'origin', to: 'peerByTunnel' },
      ],
      goto: 'destination',
    }),
    pipeline.flow('toPeer', {
      cookie,
      priority: 100,
      match: { network: key, origin: 'local', peer: peerId },
      steps: [
        { set: 'tunnel_id', to: key },
        { set: 'tun_src', to: link.localAddress },
        { set: 'tun_dst', to: link.peerAddress },
        { output: port },
      ],
    }),
  ]
}

/** The object is a row of `active_networks`. */
export const peer: FlowFunction = ({ datapathId, objectId }, state) => {
  const place = state.activeNetworks.get(objectId)
  const network = place && state.networks.get(place.network_id)
  const link = network && linkTo(state, datapathId, place.datapath_id, network.id)
  if (link === undefined) return { flows: [] }
  const cookie = cookieOf(features.peer, place!.datapath_id)
  if (link.kind === 'wire') {
    const port = portOn(state, link.interfaceId, datapathId)
    return { flows: port === undefined ? [] : byWire(cookie, network!, place!.datapath_id, port) }
  }
  const port = tunnelPortOf(state, datapathId, network!)
  return {
    flows: port === undefined ? [] : byTunnel(cookie, network!, place!.datapath_id, port, link),
    children: [tunnelUnit(datapathId, network!)],
  }
}
