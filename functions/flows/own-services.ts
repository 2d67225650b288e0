/** What interfaces of a network may ask of the network itself, whatever their groups let them say. */
import { cookieOf, dnsPort, type FlowFunction } from 'openvnet'
import { serversIn } from '../state/services.ts'
import { known } from './filtering.ts'
import { features, pipeline } from './pipeline.ts'
import { addressesIn } from './places.ts'

const ipv4 = 0x0800
const [tcp, udp] = [6, 17]

/** The object is the network. Its DHCP server is answered for wherever it is, and asked by everyone. */
export const ownServices: FlowFunction = ({ objectId: networkId }, state) => {
  const network = state.networks.get(networkId)
  if (network === undefined) return { flows: [] }
  const servers = serversIn(state, networkId, 'dns').flatMap((id) =>
    addressesIn(state, id, networkId).flatMap(({ ips }) => ips),
  )
  return {
    flows: [...new Set(servers)].flatMap((ct_nw_dst) =>
      [tcp, udp].map((ct_nw_proto) =>
        pipeline.flow('egressRules', {
          cookie: cookieOf(features.ownServices, networkId),
          priority: 410,
          match: {
            network: network.tunnel_key_id,
            eth_type: ipv4,
            ct_state: known,
            ct_nw_proto: ct_nw_proto!,
            ct_nw_dst,
            ct_tp_dst: dnsPort,
          },
          steps: [{ set: 'permitted', to: 'yes' }],
        }),
      ),
    ),
  }
}
