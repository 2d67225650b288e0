/** What interfaces of a network may ask of the network itself, whatever their groups let them say. */
import { cookieOf, dnsPort, etherType, type FlowFunction, ipProtocol } from 'openvnet'
import { serversIn } from '../state/services.ts'
import { known } from './filtering.ts'
import { features, pipeline } from './pipeline.ts'
import { addressesIn } from './places.ts'

/** The object is the network. Its DHCP server is answered for wherever it is, and asked by everyone. */
export const ownServices: FlowFunction = ({ objectId: networkId }, state) => {
  const network = state.networks.get(networkId)
  if (network === undefined) return { flows: [] }
  const servers = serversIn(state, networkId, 'dns').flatMap((id) => addressesIn(state, id, networkId))
  const match = { network: network.tunnel_key_id, ct_state: known, ct_tp_dst: dnsPort }
  const destinations = [
    ...new Set(servers.flatMap(({ ips }) => ips)),
    ...new Set(servers.flatMap(({ ipv6s }) => ipv6s)),
  ].map((address) =>
    typeof address === 'string'
      ? { eth_type: etherType.ipv6, ct_ipv6_dst: address }
      : { eth_type: etherType.ipv4, ct_nw_dst: address },
  )
  return {
    flows: destinations.flatMap((destination) =>
      [ipProtocol.tcp, ipProtocol.udp].map((ct_nw_proto) =>
        pipeline.flow('egressRules', {
          cookie: cookieOf(features.ownServices, networkId),
          priority: 410,
          match: { ...match, ...destination, ct_nw_proto },
          steps: [{ set: 'permitted', to: 'yes' }],
        }),
      ),
    ),
  }
}
