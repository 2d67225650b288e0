/** Gives addresses by lease policies, within one draft: two that want the same address never both commit. */
import type { Draft, Row } from 'openvnet'
import { ownIpv6Of } from './ipv6.ts'
import { hasIpv6 } from './networks.ts'
import { freeAddress, type Pool, poolOf } from './pool.ts'
import { formerLeaseOf, retainFrom } from './retention.ts'
import { settle } from './settle.ts'
import { randomUuid } from './uuids.ts'

type PolicyNetwork = Row<'leasePolicyNetworks'>
type MacLease = Row<'macLeases'>

/** What a grant is made with. */
export interface Means {
  readonly state: Draft
  readonly now: number
  random(): number
  /** Addresses that are looked at before a pool counts as full; default: all of a million. */
  readonly lookUpsMax?: number
}

const lookUpsMaxDefault = 1_000_000

export interface Request {
  /** The policy's network, and the range group that its addresses come from. */
  readonly from: PolicyNetwork
  /** Who gets it; undefined: nobody yet. */
  readonly to: MacLease | undefined
  readonly label: string | null
  /** Of the lease; made up where it is not given. */
  readonly uuid?: string
}

/** What a policy can give of a network. */
export function poolOfPolicy(draft: Draft, from: PolicyNetwork): Pool {
  const network = draft.networks.get(from.network_id)!
  return poolOf(network, draft.ipRanges.many('group', from.ip_range_group_id))
}

/** Only what was found is read: what others take or free elsewhere is no reason to run again. */
function nextAddress(
  { state, random, lookUpsMax = lookUpsMaxDefault }: Means,
  from: PolicyNetwork,
): number | undefined {
  const order = state.ipRangeGroups.get(from.ip_range_group_id)!.allocation_type
  const cursor = order === 'random' ? undefined : state.leasePolicyCursors.one('policyNetwork', from.id)
  const found = freeAddress({
    pool: poolOfPolicy(state, from),
    order,
    last: cursor?.ipv4_address,
    lookUpsMax,
    isTaken: (address) => state.ipLeases.glance('address', from.network_id, address) !== undefined,
    random: () => random(),
  })
  if (found === undefined) return undefined
  state.ipLeases.one('address', from.network_id, found)
  if (order === 'random') return found
  if (cursor !== undefined) state.leasePolicyCursors.update(cursor.id, { ipv4_address: found })
  else state.leasePolicyCursors.insert({ lease_policy_network_id: from.id, ipv4_address: found })
  return found
}

/**
 * What a MAC gets of IPv6 beside that: the address that its machine would make of it, which nobody else would. Null where
 * machines make none, or somebody has it.
 */
function ipv6For(draft: Draft, network: Row<'networks'>, to: MacLease | undefined): string | null {
  const own = to === undefined || !hasIpv6(network) ? null : ownIpv6Of(network, to.mac_address)
  return own === null || draft.ipLeases.one('ipv6Address', network.id, own) !== undefined ? null : own
}

/** A label chooses among the policy's containers; without one the lease is in all of them. */
function contain(draft: Draft, leaseId: number, { from, label }: Request): void {
  for (const row of draft.leasePolicyIpLeaseContainers.many('policy', from.lease_policy_id))
    if (label === null || row.label === label)
      draft.ipLeaseContainerIpLeases.insert({
        ip_lease_container_id: row.ip_lease_container_id,
        ip_lease_id: leaseId,
      })
}

function retain(draft: Draft, leaseId: number, { from }: Request, now: number): void {
  for (const row of draft.leasePolicyIpRetentionContainers.many('policy', from.lease_policy_id))
    draft.ipRetentions.insert({
      ip_lease_id: leaseId,
      ip_retention_container_id: row.ip_retention_container_id,
      leased_at: now,
    })
}

/** Puts a MAC into the segment that its network lies on. */
function joinSegment(draft: Draft, { id, segment_id }: MacLease, network: Row<'networks'>): void {
  if (network.segment_id !== null && segment_id === null)
    draft.macLeases.update(id, { segment_id: network.segment_id })
}

/** Gives the next free address of a policy. Undefined: it has none. */
export function grant(means: Means, request: Request): Row<'ipLeases'> | undefined {
  const { state, now, random } = means
  const { from, to } = request
  const address = nextAddress(means, from)
  if (address === undefined) return undefined
  const network = state.networks.get(from.network_id)!
  if (to !== undefined) joinSegment(state, to, network)
  const lease = state.ipLeases.insert({
    uuid: request.uuid ?? randomUuid('il', () => random()),
    interface_id: to?.interface_id ?? null,
    mac_lease_id: to?.id ?? null,
    network_id: from.network_id,
    ipv4_address: address,
    ipv6_address: ipv6For(state, network, to),
  })
  contain(state, lease.id, request)
  retain(state, lease.id, request, now)
  if (lease.interface_id !== null) settle(state, [lease.interface_id])
  return lease
}

/** Gives a lease another address, the next free one. Its old one is free. Undefined: there is no other. */
export function moveOn(means: Means, from: PolicyNetwork, lease: Row<'ipLeases'>) {
  const ipv4_address = nextAddress(means, from)
  return ipv4_address === undefined ? undefined : means.state.ipLeases.update(lease.id, { ipv4_address })
}

/**
 * Gives a MAC again what it has had within the grace time, if there is such a lease.
 * @param address the only one that will do; any where it is not given
 */
export function grantAgain({ state, now }: Means, to: MacLease, networkId: number, address?: number) {
  const former = formerLeaseOf(state, to.id, networkId)
  if (former === undefined || (address !== undefined && former.ipv4_address !== address)) return undefined
  const { interface_id } = to
  const lease = state.ipLeases.update(former.id, { mac_lease_id: to.id, interface_id })
  retainFrom(state, lease, now)
  if (interface_id !== null) settle(state, [interface_id])
  return lease
}
