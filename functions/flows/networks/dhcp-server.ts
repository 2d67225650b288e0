/**
 * A machine that may answer DHCP clients, since a rule of its groups or filters names their port: from everyone else such
 * answers are dropped. What it says is held against its rules like anything else.
 */
import { cookieOf, dhcpClientPort, type FlowFunction } from 'openvnet'
import { isFiltered } from '../../state/filtering.ts'
import { features, pipeline } from '../pipeline.ts'
import { addressesIn, portOn } from '../places.ts'

/** The object is the interface. */
export const dhcpServer: FlowFunction = ({ datapathId, objectId: interfaceId }, state) => {
  const owner = state.interfaces.get(interfaceId)
  if (owner === undefined || !isFiltered(owner)) return { flows: [] }
  if (portOn(state, interfaceId, datapathId) === undefined) return { flows: [] }
  return {
    flows: state.interfaceNetworks.many('interface', interfaceId).flatMap(({ network_id: networkId }) =>
      addressesIn(state, interfaceId, networkId).flatMap(({ mac, ips }) =>
        ips.map((ipv4_src) =>
          pipeline.flow('antiSpoof', {
            cookie: cookieOf(features.dhcpServer, interfaceId),
            priority: 210,
            match: {
              inInterface: interfaceId,
              eth_src: mac.mac_address,
              ipv4_src,
              udp_dst: dhcpClientPort,
            },
            steps: [{ set: 'network', to: state.networks.get(networkId)!.tunnel_key_id }],
            goto: 'fromInterface',
          }),
        ),
      ),
    ),
  }
}
