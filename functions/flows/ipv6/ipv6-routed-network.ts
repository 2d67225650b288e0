/** A network that IPv6 is routed to from here: who has its addresses, and under which MAC packets leave to it. */
import { cookieOf, etherType, type Flow, type FlowFunction, type State } from 'openvnet'
import { egressIpv6RoutesInto } from '../../state/ipv6-routing.ts'
import { hasPeers, isPhysical, type Network } from '../../state/networks.ts'
import { features, pipeline } from '../pipeline.ts'
import { addressesIn } from '../places.ts'
import { ipv6HopsOf } from '../routers/hops.ts'
import { found, foundByClaims, isReached } from '../routers/neighbour.ts'
import { departsAs, macOfGateway, routedMembers } from '../routers/routed-network.ts'
import { isSharedSpeaker, speech } from '../routers/speakers.ts'
import { simulatedIpv6Far } from './ipv6-far.ts'
import { soughtIpv6 } from './ipv6-seeking.ts'
import { lookUpGateway } from './ipv6-way-out.ts'

const eth_type = etherType.ipv6

/** Gateways that are interfaces. Who is none in a physical network is asked for, in any other nobody. */
function gatewayFlows(state: State, datapathId: number, network: Network): Flow[] {
  const named = ipv6HopsOf(egressIpv6RoutesInto(state, network.id)).filter(({ gateway }) => gateway !== null)
  if (named.length === 0) return []
  const cookie = cookieOf(features.ipv6Gateway, network.id)
  const match = { network: network.tunnel_key_id, viaGateway: 'yes', eth_type } as const
  return [
    ...named.flatMap(({ id: nextHop, gateway }): Flow[] => {
      const mac = macOfGateway(state, datapathId, network, gateway!)
      if (mac === undefined) return isPhysical(network) ? [lookUpGateway(network, nextHop, gateway!)] : []
      return [
        pipeline.flow('neighbour', {
          cookie,
          priority: 145,
          match: { ...match, nextHop },
          steps: [{ set: 'eth_dst', to: mac }],
          goto: 'departure',
        }),
      ]
    }),
    ...(isPhysical(network)
      ? []
      : [
          pipeline.flow('neighbour', {
            cookie,
            priority: 140,
            match,
            steps: [{ set: 'icmpError', to: 'hostUnreachable' }],
            goto: 'icmp',
          }),
        ]),
  ]
}

/** The object is the network. */
export const ipv6RoutedNetwork: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const network = state.networks.get(networkId)
  if (network === undefined) return { flows: [] }
  const unit = (feature: string) => ({ feature, datapathId, objectId: networkId })
  return {
    flows: gatewayFlows(state, datapathId, network),
    children: [
      ...(hasPeers(network) ? [unit('peers')] : []),
      ...(isPhysical(network) ? [unit('ipv6WayOut')] : []),
      ...(soughtIpv6(state, datapathId, networkId) === undefined ? [] : [unit('ipv6Seeking')]),
    ],
    lists: routedMembers(state, datapathId, networkId, 'ipv6Neighbour'),
  }
}

/** The object is the membership of a router interface in a network that packets leave to by it. */
export const ipv6RouterPort: FlowFunction = ({ datapathId, objectId: memberId }, state) => {
  const mac = departsAs(state, datapathId, memberId, ({ ipv6s }) => ipv6s.length > 0)
  const member = state.interfaceNetworks.get(memberId)
  if (mac === undefined || member === undefined) return { flows: [] }
  const isShared = isSharedSpeaker(state, datapathId, member)
  const seeks = soughtIpv6(state, datapathId, member.network_id)?.seekerId === datapathId
  return {
    flows: [
      pipeline.flow('departure', {
        cookie: cookieOf(features.ipv6RouterPort, memberId),
        priority: 100,
        match: { outRouter: memberId, eth_type },
        steps: [
          { set: 'eth_src', to: mac },
          { decrementTtl: true },
          { forgetPort: true },
          { set: 'routed', to: 'yes' },
          // What another datapath sent here for that may go to the one where its machine is.
          ...(seeks ? [{ set: 'origin', to: 'local' } as const] : []),
          ...(isShared ? [{ resubmit: 'speakers' } as const] : []),
        ],
        goto: isShared ? 'speech' : 'destination',
      }),
      ...(isShared ? speech(state, datapathId, member, eth_type, 'destination') : []),
    ],
  }
}

/** The object is the interface's membership in the network. */
export const ipv6Neighbour: FlowFunction = ({ datapathId, objectId: memberId }, state) => {
  const member = state.interfaceNetworks.get(memberId)
  const network = member && state.networks.get(member.network_id)
  if (network === undefined) return { flows: [] }
  const { interface_id } = member!
  const cookie = cookieOf(features.ipv6Neighbour, memberId)
  const key = network.tunnel_key_id
  const addresses = () => addressesIn(state, interface_id, network.id)
  if (state.interfaces.get(interface_id)?.mode === 'simulated')
    return {
      flows: addresses().flatMap(({ ipv6s }) =>
        ipv6s.flatMap((ip) => simulatedIpv6Far('neighbour', cookie, key, ip)),
      ),
    }
  if (!isReached(state, datapathId, network, interface_id)) return { flows: [] }
  return {
    flows: [
      ...addresses().flatMap(({ mac, ipv6s }) => ipv6s.map((ip) => found(cookie, key, ip, mac.mac_address))),
      ...foundByClaims(state, cookie, network, interface_id, 'ipv6'),
    ],
  }
}
