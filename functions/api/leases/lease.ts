/** Leases of addresses to interfaces. */

import { type ApiEnvironment, ApiError, argumentError, type Draft, formatIpv4, type Row } from 'openvnet'
import { freeUuid } from '../common/find.ts'
import { checkIpv4, checkIpv6, checkMac, checkMayHaveIpv6 } from './addresses.ts'

interface MacRequest {
  readonly uuid?: string | undefined
  readonly mac_address: number
  readonly segment: Row<'segments'> | undefined
}

/** Leases a MAC address to an interface. */
export function leaseMac(
  environment: ApiEnvironment,
  owner: Row<'interfaces'>,
  { uuid, mac_address, segment }: MacRequest,
): Row<'macLeases'> {
  const { state } = environment
  checkMac(state, mac_address)
  return state.macLeases.insert({
    uuid: freeUuid(environment, 'macLeases', uuid),
    interface_id: owner.id,
    mac_address,
    segment_id: segment?.id ?? null,
  })
}

/** The address of another host interface: tunnels would end in two places. */
function checkTunnelEnd(draft: Draft, owner: Row<'interfaces'>, address: number): void {
  if (address === 0) return
  for (const other of draft.interfaces.many('mode', 'host'))
    if (other.id !== owner.id)
      for (const lease of draft.ipLeases.many('interface', other.id))
        if (lease.ipv4_address === address)
          throw new ApiError(
            'AddressInUse',
            `ipv4_address: ${formatIpv4(address)} is that of the host interface ${other.uuid} already`,
          )
}

/** A host interface is the hypervisor's own, on the wire: it has no place in an overlay, and an address of its own. */
export function checkHost(
  draft: Draft,
  owner: Row<'interfaces'>,
  network: Row<'networks'>,
  address: number,
): void {
  if (owner.mode !== 'host') return
  if (network.mode !== 'physical')
    throw argumentError(
      `network_uuid: ${owner.uuid} is a host interface, so its network must be physical; ${network.uuid} is ${network.mode ?? 'virtual'}`,
    )
  checkTunnelEnd(draft, owner, address)
}

/** A MAC lease has one segment: that of its networks. Returns the lease in it. */
export function joinSegment(
  draft: Draft,
  lease: Row<'macLeases'>,
  network: Row<'networks'>,
): Row<'macLeases'> {
  if (network.segment_id === null || network.segment_id === lease.segment_id) return lease
  if (lease.segment_id !== null)
    throw new ApiError(
      'InvalidID',
      `network_uuid: ${network.uuid} lies on another segment than the MAC lease ${lease.uuid}`,
    )
  return draft.macLeases.update(lease.id, { segment_id: network.segment_id })
}

interface IpRequest {
  readonly uuid?: string | undefined
  readonly network: Row<'networks'>
  readonly ipv4_address?: number | undefined
  readonly ipv6_address?: string | undefined
  readonly enable_routing?: boolean | undefined
}

/** Leases addresses, to a MAC lease (and so to its interface) or to nobody yet. */
export function leaseIp(
  environment: ApiEnvironment,
  to: Row<'macLeases'> | undefined,
  { uuid, network, ipv4_address, ipv6_address, enable_routing = false }: IpRequest,
): Row<'ipLeases'> {
  const { state } = environment
  if (ipv4_address !== undefined) checkIpv4(state, network, ipv4_address)
  if (ipv6_address !== undefined) {
    checkIpv6(state, network, ipv6_address)
    const owner = to?.interface_id == null ? undefined : state.interfaces.get(to.interface_id)
    if (owner !== undefined) checkMayHaveIpv6(owner, network)
  }
  return state.ipLeases.insert({
    uuid: freeUuid(environment, 'ipLeases', uuid),
    interface_id: to?.interface_id ?? null,
    mac_lease_id: to?.id ?? null,
    network_id: network.id,
    ipv4_address: ipv4_address ?? 0,
    ipv6_address: ipv6_address ?? null,
    enable_routing,
  })
}
