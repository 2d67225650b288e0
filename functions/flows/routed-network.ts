/**
 * A network that is routed to from here, whether an interface of it is here or not: who has its addresses, and the way to
 * the other datapaths that have it.
 */
import { cookieOf, type FlowFunction } from 'openvnet'
import { hasPeers, isActiveOn } from '../state/networks.ts'
import { translates } from '../state/translation.ts'
import { features, pipeline } from './pipeline.ts'
import { addressesIn } from './places.ts'

const ipv4 = 0x0800

/** The object is the network. */
export const routedNetwork: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const network = state.networks.get(networkId)
  if (network === undefined) return { flows: [] }
  const unit = (feature: string, objectId: number) => ({ feature, datapathId, objectId })
  const members = state.interfaceNetworks.many('network', networkId)
  return {
    flows: [],
    children: [
      ...members.map(({ id }) => unit('neighbour', id)),
      // Where the network is active they are its own already.
      ...(isActiveOn(state, networkId, datapathId) ? [] : members.map(({ id }) => unit('member', id))),
      ...(hasPeers(network) ? [unit('peers', networkId)] : []),
    ],
  }
}

/** The object is the membership of a router interface in a network that packets leave to by it. */
export const routerPort: FlowFunction = ({ objectId: memberId }, state) => {
  const member = state.interfaceNetworks.get(memberId)
  const address = member && addressesIn(state, member.interface_id, member.network_id)[0]
  if (address === undefined) return { flows: [] }
  return {
    flows: [
      pipeline.flow('departure', {
        cookie: cookieOf(features.routerPort, memberId),
        priority: 100,
        match: { outRouter: memberId, eth_type: ipv4 },
        steps: [
          { set: 'eth_src', to: address.mac.mac_address },
          { decrementTtl: true },
          { set: 'routed', to: 'yes' },
        ],
        goto: translates(state, member!.interface_id) ? 'translateOutward' : 'destination',
      }),
    ],
  }
}
