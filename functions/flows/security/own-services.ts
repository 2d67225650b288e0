/** What interfaces of a network may ask of its name servers, whatever their groups let them say; and hear, since those answer by themselves. */
import { cookieOf, dnsPort, type FlowFunction } from 'openvnet'
import { serversIn } from '../../state/services.ts'
import { features, pipeline } from '../pipeline.ts'
import { addressesIn } from '../places.ts'

/** The object is the network. Its DHCP server is asked by everyone, wherever that is answered. */
export const ownServices: FlowFunction = ({ objectId: networkId }, state) => {
  const network = state.networks.get(networkId)
  if (network === undefined) return { flows: [] }
  const servers = serversIn(state, networkId, 'dns').flatMap((id) =>
    addressesIn(state, id, networkId).flatMap(({ ips }) => ips),
  )
  return {
    flows: [...new Set(servers)].flatMap((ipv4_dst) =>
      [{ udp_dst: dnsPort }, { tcp_dst: dnsPort }].map((port) =>
        pipeline.flow('fromInterface', {
          cookie: cookieOf(features.ownServices, networkId),
          priority: 100,
          match: { network: network.tunnel_key_id, ipv4_dst, ...port },
          goto: 'service',
        }),
      ),
    ),
  }
}
