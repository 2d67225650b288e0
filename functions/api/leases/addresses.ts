/** Which addresses may be leased. */
import {
  ApiError,
  argumentError,
  broadcastOf,
  contains,
  containsIpv6,
  type Draft,
  formatIpv4,
  formatMac,
  isMulticastMac,
  type Row,
} from 'openvnet'
import { isEndpoint } from '../../state/interfaces.ts'
import { isInfrastructureMac } from '../../state/macs.ts'
import { isPhysical } from '../../state/networks.ts'

/** Networks of more than this many bits have neither a network nor a broadcast address (RFC 3021). */
const hostsOnlyPrefix = 31

/** Refuses an address that the network does not have, or keeps for itself, or has given away. */
export function checkIpv4(draft: Draft, network: Row<'networks'>, address: number): void {
  const { ipv4_network, ipv4_prefix, uuid } = network
  const text = formatIpv4(address)
  if (address !== 0) {
    // OpenVNet's message, to the letter.
    if (!contains(ipv4_network, ipv4_prefix, address))
      throw argumentError(`IP Address ${text} not in subnet ${formatIpv4(ipv4_network)}.`)
    if (ipv4_prefix < hostsOnlyPrefix && address === ipv4_network)
      throw argumentError(`ipv4_address: ${text} is the address of the network ${uuid} itself`)
    if (ipv4_prefix < hostsOnlyPrefix && address === broadcastOf(ipv4_network, ipv4_prefix))
      throw argumentError(`ipv4_address: ${text} is the broadcast address of ${uuid}`)
  }
  // A lease of an IPv6 address alone has 0 here, and is not in the way of an address that is not known.
  const taken =
    address === 0
      ? draft.ipLeases.many('address', network.id, 0).find(({ ipv6_address }) => ipv6_address === null)
      : draft.ipLeases.one('address', network.id, address)
  if (taken !== undefined)
    throw new ApiError('AddressInUse', `ipv4_address: ${text} is leased in ${uuid} already, by ${taken.uuid}`)
}

/** In a physical network IPv6 is what routers lead to; machines there that are interfaces have none. */
export function checkMayHaveIpv6({ mode, uuid }: Row<'interfaces'>, network: Row<'networks'>): void {
  if (isPhysical(network) && isEndpoint(mode))
    throw argumentError(
      `ipv6_address: ${network.uuid} is a physical network, where only simulated and host interfaces have IPv6 addresses; ${uuid} is of mode ${mode}`,
    )
}

/** Prefixes of more than this many bits have no address for all routers (RFC 6164). */
const routersPrefix = 126

/** The same of an IPv6 address. */
export function checkIpv6(draft: Draft, network: Row<'networks'>, address: string): void {
  const { ipv6_network, ipv6_prefix, uuid } = network
  if (ipv6_network === null || ipv6_prefix === null)
    throw argumentError(`ipv6_address: ${uuid} has no ipv6_network; give it one first`)
  if (!containsIpv6(ipv6_network, ipv6_prefix, address))
    throw argumentError(`IP Address ${address} not in subnet ${ipv6_network}/${ipv6_prefix} of ${uuid}`)
  if (ipv6_prefix <= routersPrefix && address === ipv6_network)
    throw argumentError(`ipv6_address: ${address} stands for all routers of ${uuid} (RFC 4291, 2.6.1)`)
  const taken = draft.ipLeases.one('ipv6Address', network.id, address)
  if (taken !== undefined)
    throw new ApiError(
      'AddressInUse',
      `ipv6_address: ${address} is leased in ${uuid} already, by ${taken.uuid}`,
    )
}

/** Refuses a MAC address that is none of one station, or that is used anywhere: physical switches see them all. */
export function checkMac(draft: Draft, address: number): void {
  const text = formatMac(address)
  if (address === 0) throw argumentError(`mac_address: ${text} is no address of a station`)
  if (isMulticastMac(address))
    throw argumentError(`mac_address: ${text} is a group's; the lowest bit of the first octet must be 0`)
  const lease = draft.macLeases.one('macAddress', address)
  if (lease !== undefined)
    throw new ApiError('AddressInUse', `mac_address: ${text} is leased already, by ${lease.uuid}`)
  if (isInfrastructureMac(draft, address))
    throw new ApiError(
      'AddressInUse',
      `mac_address: ${text} is used by a route link, or by a network, segment or route link of a datapath`,
    )
}
