/** A copy of a broadcast for every other datapath that has the network; a copy that came from one goes to none. */
import { cookieOf, type FlowFunction, type State } from 'openvnet'
import { features, pipeline } from './pipeline.ts'
import { type Network, portOn } from './places.ts'
import { tunnelPortOf } from './tunnel.ts'
import { type Link, linkTo } from './underlay.ts'

function linksOf(state: State, datapathId: number, network: Network): Link[] {
  return state.activeNetworks
    .many('network', network.id)
    .filter((place) => place.datapath_id !== datapathId)
    .flatMap((place) => linkTo(state, datapathId, place.datapath_id, network.id) ?? [])
}

/** To each tunnel peer under its address. */
function tunnelSteps(links: readonly Link[], key: number, port: number | undefined) {
  if (links.length === 0 || port === undefined) return []
  return [
    { set: 'tunnel_id', to: key } as const,
    ...links.flatMap(({ localAddress, peerAddress }) => [
      { set: 'tun_src', to: localAddress } as const,
      { set: 'tun_dst', to: peerAddress } as const,
      { output: port },
    ]),
  ]
}

/** To each peer on the wire under the MAC that its broadcasts of this network have. */
const wireSteps = (state: State, datapathId: number, links: readonly Link[]) =>
  links.flatMap(({ interfaceId, peerMac }) => {
    const port = portOn(state, interfaceId, datapathId)
    return port === undefined ? [] : [{ set: 'eth_dst', to: peerMac } as const, { output: port }]
  })

export const floodPeers: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const network = state.networks.get(networkId)
  if (network === undefined) return { flows: [] }
  const links = linksOf(state, datapathId, network)
  const key = network.tunnel_key_id
  // Tunnels first: the copies for the wire change the destination.
  const steps = [
    ...tunnelSteps(
      links.filter(({ kind }) => kind === 'tunnel'),
      key,
      tunnelPortOf(state, datapathId, network),
    ),
    ...wireSteps(
      state,
      datapathId,
      links.filter(({ kind }) => kind === 'wire'),
    ),
  ]
  if (steps.length === 0) return { flows: [] }
  const cookie = cookieOf(features.flood, networkId)
  const match = { network: key, origin: 'local' } as const
  return { flows: [pipeline.flow('floodPeers', { cookie, priority: 1, match, steps })] }
}
