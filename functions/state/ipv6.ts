/** IPv6 on a network: who advertises it, who serves DHCPv6, and which addresses interfaces have. */
import { autoconfiguredIpv6, linkLocalOf, type Row, type State } from 'openvnet'
import { hasIpv6, type Network } from './networks.ts'
import { serversIn } from './services.ts'

/** A simulated interface that speaks IPv6 in a network. */
export interface Speaker {
  readonly interfaceId: number
  readonly mac: number
  /** Made of its MAC: what neighbours know it by. */
  readonly linkLocal: string
  /** As leased there, the oldest first. */
  readonly addresses: readonly string[]
}

/** The leases of an interface in a network. */
const leasesIn = (state: State, interfaceId: number, networkId: number): Row<'ipLeases'>[] =>
  state.ipLeases.many('interface', interfaceId).filter(({ network_id }) => network_id === networkId)

/** The IPv6 addresses of an interface in a network, the oldest first. */
export const ipv6AddressesOf = (state: State, interfaceId: number, networkId: number): string[] =>
  leasesIn(state, interfaceId, networkId).flatMap(({ ipv6_address }) => ipv6_address ?? [])

/** The interface that has an IPv6 address in a network. */
export const ipv6OwnerOf = (state: State, networkId: number, address: string): number | undefined =>
  state.ipLeases.one('ipv6Address', networkId, address)?.interface_id ?? undefined

function speakerOf(state: State, interfaceId: number, networkId: number): Speaker | undefined {
  for (const { mac_lease_id } of leasesIn(state, interfaceId, networkId)) {
    const mac = mac_lease_id === null ? undefined : state.macLeases.get(mac_lease_id)?.mac_address
    if (mac === undefined) continue
    const addresses = ipv6AddressesOf(state, interfaceId, networkId)
    return { interfaceId, mac, linkLocal: linkLocalOf(mac), addresses }
  }
  return undefined
}

const firstSpeaker = (state: State, interfaceIds: readonly number[], networkId: number) => {
  for (const id of interfaceIds) {
    const speaker = speakerOf(state, id, networkId)
    if (speaker !== undefined) return speaker
  }
  return undefined
}

/** Whether a simulated interface routes IPv6 in a network: it has an address there. */
export const isIpv6Router = (state: State, interfaceId: number, networkId: number): boolean =>
  state.interfaces.get(interfaceId)?.enable_routing === true &&
  ipv6AddressesOf(state, interfaceId, networkId).length > 0

/** The router of a network: its first simulated interface that routes and has an IPv6 address there. */
export function ipv6RouterOf(state: State, network: Network): Speaker | undefined {
  const simulated = state.interfaceNetworks.many('networkMode', network.id, 'simulated')
  const routers = simulated.flatMap(({ interface_id: id }) =>
    isIpv6Router(state, id, network.id) ? [id] : [],
  )
  return firstSpeaker(state, routers, network.id)
}

/** Who answers DHCPv6 clients in a network: whoever answers those of DHCP. */
export const dhcpv6ServerOf = (state: State, network: Network): Speaker | undefined =>
  firstSpeaker(state, serversIn(state, network.id, 'dhcp'), network.id)

/** Who tells machines of the network's prefix: its router, or where there is none its DHCP server. Undefined: nobody. */
export const advertiserOf = (state: State, network: Network): Speaker | undefined =>
  hasIpv6(network) ? (ipv6RouterOf(state, network) ?? dhcpv6ServerOf(state, network)) : undefined

/** A machine with what it has in a network: leased IPv6 addresses under one MAC. */
export const leasedTo = (state: State, mac: Row<'macLeases'>, networkId: number): Row<'ipLeases'>[] =>
  state.ipLeases
    .many('macLease', mac.id)
    .filter((lease) => lease.network_id === networkId && lease.ipv6_address !== null)

/** Machines make addresses of prefixes of this length only (RFC 4862, 5.5.3; RFC 2464, 4). */
const autonomousPrefix = 64

export const isAutonomousNetwork = ({ ipv6_network, ipv6_prefix }: Network): boolean =>
  ipv6_network !== null && ipv6_prefix === autonomousPrefix

/** The address that a machine would make of its MAC in a network; null: machines make none there. */
export const ownIpv6Of = (network: Network, mac: number): string | null =>
  isAutonomousNetwork(network) ? autoconfiguredIpv6(network.ipv6_network!, mac) : null

/** As many name servers as a machine is told. */
const dnsServersMax = 3

/** The IPv6 addresses of the DNS servers of a network, the oldest first. */
export const ipv6DnsServersOf = (state: State, network: Network): readonly string[] =>
  serversIn(state, network.id, 'dns')
    .flatMap((id) => ipv6AddressesOf(state, id, network.id))
    .slice(0, dnsServersMax)
