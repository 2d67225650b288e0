/** Addresses beyond their leases that interfaces may have: those of virtual routers, and what is behind appliances. */
import { type Draft, maskOf, type Row, type State } from 'openvnet'

export type AllowedAddress = Pick<Row<'allowedAddresses'>, 'ipv4_network' | 'ipv4_prefix' | 'mac_address'>
export type Holder = Row<'addressHolders'>

/** Of one interface. */
export const allowedAddressesMax = 64
/** Allowed addresses that one interface has at once. */
export const heldAddressesMax = 64

/** MAC addresses of virtual routers, which are not leased: several networks may have the same one (RFC 5798, 7.3). */
export const virtualRouterMacs = { network: 0x0000_5e00_0100, mask: 0xffff_ffff_ff00 } as const
export const isVirtualRouterMac = (mac: number) =>
  mac - (mac % 0x100) === virtualRouterMacs.network && mac % 0x100 !== 0

export const isWithin = (address: number, { ipv4_network, ipv4_prefix }: AllowedAddress) =>
  (address & maskOf(ipv4_prefix)) >>> 0 === ipv4_network

/** Whether an interface may have an address under one of its MACs, or under a virtual router's. */
export const mayHold = (state: State, interfaceId: number, address: number, mac: number): boolean =>
  state.allowedAddresses
    .many('interface', interfaceId)
    .some(
      (allowed) => isWithin(address, allowed) && (!isVirtualRouterMac(mac) || allowed.mac_address === mac),
    )

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
        mayHold(state, interfaceId, holder.ipv4_address, holder.mac_address) &&
        state.ipLeases.one('address', networkId, holder.ipv4_address) === undefined,
    )

/** It may have these from now on; what it has beyond them, it has no more. */
export function allow(draft: Draft, interface_id: number, allowed: readonly AllowedAddress[]): void {
  for (const row of [...draft.allowedAddresses.many('interface', interface_id)])
    draft.allowedAddresses.delete(row.id)
  for (const one of allowed) draft.allowedAddresses.insert({ interface_id, ...one })
  for (const { id, ipv4_address, mac_address } of [...draft.addressHolders.many('interface', interface_id)])
    if (!mayHold(draft, interface_id, ipv4_address, mac_address)) draft.addressHolders.delete(id)
}
