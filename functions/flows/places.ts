/** Look-ups that features share: where an interface is, which networks and addresses it has. */
import type { Row, State } from 'openvnet'
import { carriesIpv6, hasIpv6, liesOn, type Network } from '../state/networks.ts'
import { waitingFor } from '../state/waiting.ts'

export const vlanNone = 0
export const multicast = { value: 0x0100_0000_0000, mask: 0x0100_0000_0000 }

export type IpLease = Row<'ipLeases'>
export type MacLease = Row<'macLeases'>

/** The port where an interface is plugged in at a datapath. */
export const portOn = (state: State, interfaceId: number, datapathId: number) =>
  state.activeInterfaces.one('pair', interfaceId, datapathId)?.port_number ?? undefined

/** Another datapath where the interface is plugged in; the first, if there are several. */
export const elsewhere = (state: State, interfaceId: number, datapathId: number) =>
  state.activeInterfaces.many('interface', interfaceId).find((row) => row.datapath_id !== datapathId)
    ?.datapath_id

/** A MAC address of an interface with the addresses that it has in one network. */
export interface Address {
  readonly mac: MacLease
  /** In this network; 0.0.0.0 stands for an address that is not known and is left out. */
  readonly ips: readonly number[]
  /** The same of IPv6; none where the network has no IPv6. */
  readonly ipv6s: readonly string[]
  /** Its link-local addresses are in this network: the first of its networks that has IPv6. */
  readonly hasLinkLocal: boolean
  /** The network of the MAC's first lease: what a frame is in that names no address of its sender. */
  readonly isPrimary: boolean
}

/** An address in two networks under one MAC belongs to the older lease: a frame cannot say which it means. */
const isShadowed = (lease: IpLease, all: readonly IpLease[]) =>
  all.some((other) => other.id < lease.id && other.ipv4_address === lease.ipv4_address)

/** The IPv6 side of the leases of a MAC in a network. */
function ipv6In(state: State, all: readonly IpLease[], networkId: number) {
  if (!carriesIpv6(state.networks.get(networkId)!)) return { ipv6s: [], hasLinkLocal: false }
  const first = all.find((lease) => hasIpv6(state.networks.get(lease.network_id)!))
  const isOlder = ({ id, ipv6_address }: IpLease, other: IpLease) =>
    other.id < id && other.ipv6_address === ipv6_address
  const ipv6s = all.flatMap((lease) => {
    if (lease.network_id !== networkId || lease.ipv6_address === null) return []
    return all.some((other) => isOlder(lease, other)) ? [] : [lease.ipv6_address]
  })
  return { ipv6s, hasLinkLocal: first?.network_id === networkId }
}

/** A MAC that waits for an address of the network may ask for it there, and for nothing else. */
function waitingIn(state: State, mac: MacLease, networkId: number): Address[] {
  const waiting = mac.interface_id === null ? undefined : waitingFor(state, mac.interface_id)
  const isHere = waiting?.macLease.id === mac.id && waiting.from.network_id === networkId
  if (!isHere) return []
  return [{ mac, ips: [], ipv6s: [], hasLinkLocal: hasIpv6(state.networks.get(networkId)!), isPrimary: true }]
}

/** Of a MAC's networks on a segment the first: the one that speaks for the MAC in the segment. */
export const networkOnSegment = (state: State, mac: MacLease, segmentId: number): Network | undefined =>
  state.ipLeases
    .many('macLease', mac.id)
    .map((lease) => state.networks.get(lease.network_id)!)
    .find((network) => liesOn(network) && network.segment_id === segmentId)

/** Whether this is that one. */
export const isFirstOnSegment = (state: State, mac: MacLease, network: Network): boolean =>
  liesOn(network) && networkOnSegment(state, mac, network.segment_id)?.id === network.id

/**
 * The network of an interface's first MAC address is where it has what it may have beside its leases. Undefined: it is
 * not this one.
 */
export function homeIn(state: State, interfaceId: number, networkId: number): Address | undefined {
  const first = state.macLeases.many('interface', interfaceId)[0]
  return addressesIn(state, interfaceId, networkId).find(
    ({ mac, isPrimary }) => isPrimary && mac.id === first?.id,
  )
}

/** The addresses of an interface in a network, by MAC. */
export function addressesIn(state: State, interfaceId: number, networkId: number): Address[] {
  return state.macLeases.many('interface', interfaceId).flatMap((mac) => {
    const all = state.ipLeases.many('macLease', mac.id)
    if (all.length === 0) return waitingIn(state, mac, networkId)
    const here = all.filter((lease) => lease.network_id === networkId)
    if (here.length === 0) return []
    const ips = here.filter((lease) => lease.ipv4_address !== 0 && !isShadowed(lease, all))
    return [
      {
        mac,
        ips: ips.map((lease) => lease.ipv4_address),
        ...ipv6In(state, all, networkId),
        isPrimary: all[0]?.network_id === networkId,
      },
    ]
  })
}
