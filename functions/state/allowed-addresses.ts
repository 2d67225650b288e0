/** Addresses beyond their leases that interfaces may have: those of virtual routers, and what is behind appliances. */
import { type Draft, linkLocalIpv6, type Row, type State } from 'openvnet'
import { contains, type IpAddress, isIpv4, overlapOf, type Prefix, prefixOf, subnetsOf } from './prefixes.ts'

export type AllowedAddress = Pick<
  Row<'allowedAddresses'>,
  'ipv4_network' | 'ipv4_prefix' | 'ipv6_network' | 'ipv6_prefix' | 'mac_address'
>
export type Holder = Row<'addressHolders'>

/** Of one interface. */
export const allowedAddressesMax = 64
/** Allowed addresses that one interface has at once. */
export const heldAddressesMax = 64

/**
 * MAC addresses of virtual routers, which are not leased: several networks may have the same one. Those of IPv4 and of
 * IPv6 differ (RFC 5798, 7.3).
 */
const virtualRouterMacs = { ipv4: 0x0000_5e00_0100, ipv6: 0x0000_5e00_0200 } as const
export const isVirtualRouterMac = (mac: number, families: readonly ('ipv4' | 'ipv6')[] = ['ipv4', 'ipv6']) =>
  families.some((family) => mac - (mac % 0x100) === virtualRouterMacs[family]) && mac % 0x100 !== 0

/** The address of a holder. */
export const heldAddressOf = ({ ipv4_address, ipv6_address }: Holder): IpAddress =>
  ipv6_address ?? ipv4_address!

/** Who has an address of a network by what is allowed. */
export const holderOf = (state: State, networkId: number, address: IpAddress): Holder | undefined =>
  isIpv4(address)
    ? state.addressHolders.one('address', networkId, address)
    : state.addressHolders.one('ipv6Address', networkId, address)

/** The lease of an address of a network. */
export const leaseOf = (state: State, networkId: number, address: IpAddress): Row<'ipLeases'> | undefined =>
  isIpv4(address)
    ? state.ipLeases.one('address', networkId, address)
    : state.ipLeases.one('ipv6Address', networkId, address)

/** Whether an interface may have an address under one of its MACs, or under a virtual router's. */
export const mayHold = (state: State, interfaceId: number, address: IpAddress, mac: number): boolean =>
  state.allowedAddresses
    .many('interface', interfaceId)
    .some(
      (allowed) =>
        contains(prefixOf(allowed), address) && (!isVirtualRouterMac(mac) || allowed.mac_address === mac),
    )

const linkLocal: Prefix = { network: linkLocalIpv6.network, bits: linkLocalIpv6.prefix }

/**
 * What of an allowed prefix is of a network, so that its machines are told where it is: of its subnets; and link-local
 * addresses, where these are what is allowed, and not some among all others.
 */
export function claimableIn(network: Row<'networks'>, allowed: AllowedAddress): Prefix[] {
  const prefix = prefixOf(allowed)
  const all = prefix.bits >= linkLocal.bits ? [...subnetsOf(network), linkLocal] : subnetsOf(network)
  return all.flatMap((subnet) => overlapOf(prefix, subnet))
}

/** A virtual router's MAC address is with the first that has it in a network; leased, it is an interface's own. */
const hasVirtualMac = (state: State, { network_id, mac_address, interface_id }: Holder) =>
  isVirtualRouterMac(mac_address) &&
  state.macLeases.one('macAddress', mac_address) === undefined &&
  state.addressHolders.many('mac', network_id, mac_address)[0]?.interface_id === interface_id

/** What an interface has in a network of what it may have, under its own MAC address or a virtual router's. Leases come before. */
export const heldIn = (state: State, interfaceId: number, networkId: number, mac: number): Holder[] =>
  state.addressHolders
    .many('interface', interfaceId)
    .filter(
      (holder) =>
        holder.network_id === networkId &&
        (holder.mac_address === mac || hasVirtualMac(state, holder)) &&
        mayHold(state, interfaceId, heldAddressOf(holder), holder.mac_address) &&
        leaseOf(state, networkId, heldAddressOf(holder)) === undefined,
    )

/** It may have these from now on; what it has beyond them, it has no more. */
export function allow(draft: Draft, interface_id: number, allowed: readonly AllowedAddress[]): void {
  for (const row of [...draft.allowedAddresses.many('interface', interface_id)])
    draft.allowedAddresses.delete(row.id)
  for (const one of allowed) draft.allowedAddresses.insert({ interface_id, ...one })
  for (const holder of [...draft.addressHolders.many('interface', interface_id)])
    if (!mayHold(draft, interface_id, heldAddressOf(holder), holder.mac_address))
      draft.addressHolders.delete(holder.id)
}
