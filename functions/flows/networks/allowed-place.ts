/** Interfaces that may have more addresses than their leases, where they have them: in the network of their first address. */
import { cookieOf, linkLocalIpv6, type Row, type State } from 'openvnet'
import {
  type AllowedAddress,
  claimableIn,
  type Holder,
  heldAddressOf,
  heldIn,
} from '../../state/allowed-addresses.ts'
import { isFiltered } from '../../state/filtering.ts'
import { hasIpv6, isPhysical, type Network } from '../../state/networks.ts'
import {
  distinctPrefixes,
  type IpAddress,
  isIpv4,
  only,
  type Prefix,
  prefixOf,
} from '../../state/prefixes.ts'
import { features } from '../pipeline.ts'
import { type Address, homeIn } from '../places.ts'

export interface Place {
  readonly network: Network
  readonly iface: Row<'interfaces'>
  readonly cookie: bigint
  /** What it has leased in the network, under its own MAC address. */
  readonly address: Address
  readonly mac: number
  readonly allowed: readonly AllowedAddress[]
  readonly held: readonly Held[]
}

export interface Held {
  readonly ip: IpAddress
  /** The MAC address that it has it under. */
  readonly mac: number
}

const speaks = (network: Network, address: IpAddress) => isIpv4(address) || hasIpv6(network)
const heldOf = (holder: Holder): Held => ({ ip: heldAddressOf(holder), mac: holder.mac_address })

/** The object is the interface's membership in a network. */
export function placeOf(state: State, memberId: number): Place | undefined {
  const member = state.interfaceNetworks.get(memberId)
  const network = member && state.networks.get(member.network_id)
  const iface = member && state.interfaces.get(member.interface_id)
  if (network === undefined || iface === undefined) return undefined
  const address = homeIn(state, iface.id, network.id)
  if (address === undefined) return undefined
  const { mac_address: mac } = address.mac
  return {
    ...{ network, iface, address, mac, cookie: cookieOf(features.allowed, memberId) },
    allowed: state.allowedAddresses
      .many('interface', iface.id)
      .filter((one) => speaks(network, prefixOf(one).network)),
    held: heldIn(state, iface.id, network.id, mac)
      .map(heldOf)
      .filter(({ ip }) => speaks(network, ip)),
  }
}

/** MAC addresses of virtual routers that it may have addresses under. */
export const virtualMacsOf = ({ mac, allowed }: Place): number[] => [
  ...new Set(
    allowed.flatMap(({ mac_address }) => (mac_address === null || mac_address === mac ? [] : mac_address)),
  ),
]

/** Its own, and those. */
export const macsOf = (place: Place): number[] => [place.mac, ...virtualMacsOf(place)]

const under = ({ mac, allowed }: Place, eth_src: number) =>
  allowed.filter(({ mac_address }) => eth_src === mac || mac_address === eth_src)

const linkLocal: Prefix = { network: linkLocalIpv6.network, bits: linkLocalIpv6.prefix }

/**
 * What it may send from under one of them, each prefix once: what is allowed; under a virtual router's MAC address as it
 * advertises itself, too, which is from its leases, or a link-local address.
 */
export function sourcesUnder(place: Place, eth_src: number): Prefix[] {
  const { mac, address } = place
  const leases = [...address.ips, ...address.ipv6s].map(only)
  const own = [...leases, ...(address.hasLinkLocal ? [linkLocal] : [])]
  return distinctPrefixes([...(eth_src === mac ? [] : own), ...under(place, eth_src).map(prefixOf)])
}

/** What of it neighbours are told by itself, and so may be taken to be there. */
export const claimableUnder = (place: Place, eth_src: number): Prefix[] =>
  distinctPrefixes(under(place, eth_src).flatMap((one) => claimableIn(place.network, one)))

type Step =
  | { readonly set: 'eth_src'; readonly to: number }
  | { readonly set: 'network'; readonly to: number }

/** Into the network, under its own MAC address. In a physical one there is one of each, and it stays. */
export const enter = ({ mac, network }: Place, eth_src: number): Step[] => [
  { set: 'network', to: network.tunnel_key_id },
  ...(eth_src === mac || isPhysical(network) ? [] : [{ set: 'eth_src', to: mac } as const]),
]

type Next<A extends IpAddress> = 'fromInterface' | (A extends number ? 'service' : 'solicitation')

/** Where packets go on from there, by the family of an address. */
export const onwards = <A extends IpAddress>({ iface }: Place, address: A) =>
  (isFiltered(iface) ? 'fromInterface' : isIpv4(address) ? 'service' : 'solicitation') as Next<A>
