/** A network that IPv6 is routed to from here: who has its addresses, and under which MAC packets leave to it. */
import { cookieOf, etherType, type Flow, type FlowFunction, type State } from 'openvnet'
import { egressIpv6RoutesInto } from '../../state/ipv6-routing.ts'
import { hasPeers, type Network } from '../../state/networks.ts'
import { features, pipeline } from '../pipeline.ts'
import { addressesIn } from '../places.ts'
import { ipv6HopsOf } from '../routers/hops.ts'
import { found, foundByClaims, isReached } from '../routers/neighbour.ts'
import { macOfGateway, routedMembers } from '../routers/routed-network.ts'

const eth_type = etherType.ipv6
const echoRequest = 128
const echoReply = 129
const hopLimit = 64

/** Gateways that are interfaces; who is none is nobody. */
function gatewayFlows(state: State, datapathId: number, network: Network): Flow[] {
  const named = ipv6HopsOf(egressIpv6RoutesInto(state, network.id)).filter(({ gateway }) => gateway !== null)
  if (named.length === 0) return []
  const cookie = cookieOf(features.ipv6Gateway, network.id)
  const match = { network: network.tunnel_key_id, viaGateway: 'yes', eth_type } as const
  return [
    ...named.flatMap(({ id: nextHop, gateway }): Flow[] => {
      const mac = macOfGateway(state, datapathId, network, gateway!)
      if (mac === undefined) return []
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
    pipeline.flow('neighbour', {
      cookie,
      priority: 140,
      match,
      steps: [{ set: 'icmpError', to: 'hostUnreachable' }],
      goto: 'icmp',
    }),
  ]
}

/** The object is the network. */
export const ipv6RoutedNetwork: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const network = state.networks.get(networkId)
  if (network === undefined) return { flows: [] }
  return {
    flows: gatewayFlows(state, datapathId, network),
    children: hasPeers(network) ? [{ feature: 'peers', datapathId, objectId: networkId }] : [],
    lists: routedMembers(state, datapathId, networkId, 'ipv6Neighbour'),
  }
}

/** The object is the membership of a router interface in a network that packets leave to by it. */
export const ipv6RouterPort: FlowFunction = ({ objectId: memberId }, state) => {
  const member = state.interfaceNetworks.get(memberId)
  const address =
    member && addressesIn(state, member.interface_id, member.network_id).find(({ ipv6s }) => ipv6s.length > 0)
  if (address === undefined) return { flows: [] }
  return {
    flows: [
      pipeline.flow('departure', {
        cookie: cookieOf(features.ipv6RouterPort, memberId),
        priority: 100,
        match: { outRouter: memberId, eth_type },
        steps: [
          { set: 'eth_src', to: address.mac.mac_address },
          { decrementTtl: true },
          { forgetPort: true },
          { set: 'routed', to: 'yes' },
        ],
        goto: 'destination',
      }),
    ],
  }
}

/** A simulated interface answers echo requests from afar as those from near; nothing else of it is there. */
const simulated = (cookie: bigint, network: number, ipv6_dst: string): Flow[] => [
  pipeline.flow('neighbour', {
    cookie,
    priority: 310,
    match: { network, ipv6_dst, icmpv6_type: echoRequest },
    steps: [
      { push: 'eth_dst' },
      { move: 'eth_src', to: 'eth_dst' },
      { pop: 'eth_src' },
      { move: 'ipv6_src', to: 'ipv6_dst' },
      { set: 'ipv6_src', to: ipv6_dst },
      { set: 'nw_ttl', to: hopLimit },
      { set: 'icmpv6_type', to: echoReply },
      { output: 'in_port' },
    ],
  }),
  pipeline.flow('neighbour', {
    cookie,
    priority: 300,
    match: { network, ipv6_dst },
    steps: [{ set: 'icmpError', to: 'portUnreachable' }],
    goto: 'icmp',
  }),
]

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
    return { flows: addresses().flatMap(({ ipv6s }) => ipv6s.flatMap((ip) => simulated(cookie, key, ip))) }
  if (!isReached(state, datapathId, network, interface_id)) return { flows: [] }
  return {
    flows: [
      ...addresses().flatMap(({ mac, ipv6s }) => ipv6s.map((ip) => found(cookie, key, ip, mac.mac_address))),
      ...foundByClaims(state, cookie, network, interface_id, 'ipv6'),
    ],
  }
}
