/** An interface in a network that is routed to: a flow for each of its addresses, from which it gets its MAC. */
import { cookieOf, etherType, type Flow, type FlowFunction, type State } from 'openvnet'
import { heldAddressOf, heldIn } from '../../state/allowed-addresses.ts'
import { type Domain, networkDomain, segmentDomain } from '../../state/domains.ts'
import { isEndpoint } from '../../state/interfaces.ts'
import { hasPeers, isActiveOn, isPhysical, liesOn, type Network } from '../../state/networks.ts'
import { type IpAddress, isIpv4 } from '../../state/prefixes.ts'
import { echoReply, echoRequest } from '../icmp-types.ts'
import { features, pipeline } from '../pipeline.ts'
import { addressesIn, elsewhere, homeIn, portOn } from '../places.ts'
import { matchOfAddress } from '../prefix-match.ts'
import { linkIn } from '../underlay.ts'
import { portOfLegacy } from '../vlans/legacy-member.ts'

const ttl = 64

/** Who has an address is sent to under its MAC. */
export const found = (cookie: bigint, network: number, address: IpAddress, mac: number): Flow =>
  pipeline.flow('neighbour', {
    cookie,
    priority: 100,
    match: { network, ...matchOfAddress('destination', address) },
    steps: [{ set: 'eth_dst', to: mac }],
    goto: 'departure',
  })

/** A simulated interface answers echo requests from afar as those from near; nothing else of it is there. */
export const simulated = (
  table: 'neighbour' | 'toExit',
  cookie: bigint,
  network: number,
  ipv4_dst: number,
): Flow[] => [
  pipeline.flow(table, {
    cookie,
    priority: 310,
    match: { network, ipv4_dst, icmpv4_type: echoRequest },
    steps: [
      { push: 'eth_dst' },
      { move: 'eth_src', to: 'eth_dst' },
      { pop: 'eth_src' },
      { move: 'ipv4_src', to: 'ipv4_dst' },
      { set: 'ipv4_src', to: ipv4_dst },
      { set: 'nw_ttl', to: ttl },
      { set: 'icmpv4_type', to: echoReply },
      { output: 'in_port' },
    ],
  }),
  pipeline.flow(table, {
    cookie,
    priority: 300,
    match: { network, eth_type: etherType.ipv4, ipv4_dst },
    steps: [{ set: 'icmpError', to: 'portUnreachable' }],
    goto: 'icmp',
  }),
]

/** What carries its packets from here: the segment that it lies on, where it is here. */
const carryingDomain = (state: State, datapathId: number, network: Network): Domain =>
  liesOn(network) && isActiveOn(state, network.id, datapathId)
    ? segmentDomain(state.segments.get(network.segment_id)!)
    : networkDomain(network)

/** Whether packets get from here to an interface that has a port. */
export function isReached(state: State, datapathId: number, network: Network, interfaceId: number): boolean {
  const mode = state.interfaces.get(interfaceId)?.mode
  const isHere = portOn(state, interfaceId, datapathId) !== undefined
  // A hypervisor is a machine of its physical network, and of no other.
  if (mode === 'host') return isHere && isPhysical(network)
  if (portOfLegacy(state, network, interfaceId) !== undefined) return true
  if (mode === undefined || !(isEndpoint(mode) || mode === 'remote')) return false
  if (isHere) return true
  const peerId = hasPeers(network) ? elsewhere(state, interfaceId, datapathId) : undefined
  if (peerId === undefined) return false
  return linkIn(state, datapathId, peerId, carryingDomain(state, datapathId, network)) !== undefined
}

/** What an interface has of one family beyond its leases: under its own MAC address, whatever it has them under. */
export function foundByClaims(
  state: State,
  cookie: bigint,
  network: Network,
  interfaceId: number,
  family: 'ipv4' | 'ipv6',
): Flow[] {
  if (state.addressHolders.many('interface', interfaceId).length === 0) return []
  const home = homeIn(state, interfaceId, network.id)?.mac.mac_address
  if (home === undefined) return []
  return heldIn(state, interfaceId, network.id, home)
    .map(heldAddressOf)
    .filter((address) => isIpv4(address) === (family === 'ipv4'))
    .map((address) => found(cookie, network.tunnel_key_id, address, home))
}

/** The object is the interface's membership in the network. */
export const neighbour: FlowFunction = ({ datapathId, objectId: memberId }, state) => {
  const member = state.interfaceNetworks.get(memberId)
  const network = member && state.networks.get(member.network_id)
  if (network === undefined) return { flows: [] }
  const { interface_id } = member!
  const cookie = cookieOf(features.neighbour, memberId)
  const key = network.tunnel_key_id
  const addresses = () => addressesIn(state, interface_id, network.id)
  if (state.interfaces.get(interface_id)?.mode === 'simulated')
    return {
      flows: addresses().flatMap(({ ips }) => ips.flatMap((ip) => simulated('neighbour', cookie, key, ip))),
    }
  if (!isReached(state, datapathId, network, interface_id)) return { flows: [] }
  return {
    flows: [
      ...addresses().flatMap(({ mac, ips }) => ips.map((ip) => found(cookie, key, ip, mac.mac_address))),
      ...foundByClaims(state, cookie, network, interface_id, 'ipv4'),
    ],
  }
}
