/** How long leases last: retentions count from the lease of an address, and then from its release. */
import type { Draft, Row, State } from 'openvnet'
import { forgetFound } from './found-machines.ts'
import { settle } from './settle.ts'

type IpLease = Row<'ipLeases'>
type Retention = Row<'ipRetentions'>

const second = 1_000
/** Of a lease's time: a client that renews again and again causes no more writes than that. */
const renewalShare = 1 / 16

const containerOf = (state: State, row: Retention) =>
  state.ipRetentionContainers.get(row.ip_retention_container_id)

/** When the lease is released for its age, in ms since 1970; undefined: never, or it is released already. */
export function releaseTimeOf(state: State, row: Retention): number | undefined {
  const time = row.released_at === null ? containerOf(state, row)?.lease_time : undefined
  return time == null ? undefined : row.leased_at + time * second
}

/** When the lease is deleted, in ms since 1970; undefined: never, or it is leased still. */
export function deletionTimeOf(state: State, row: Retention): number | undefined {
  const time = row.released_at === null ? undefined : containerOf(state, row)?.grace_time
  return time == null ? undefined : row.released_at! + time * second
}

/** The first release of all retentions of a lease. */
export const firstReleaseOf = (state: State, ipLeaseId: number): number | undefined =>
  state.ipRetentions
    .many('ipLease', ipLeaseId)
    .map((row) => releaseTimeOf(state, row))
    .filter((time) => time !== undefined)
    .sort((a, b) => a - b)[0]

/** The lease is somebody's from now on. */
export function retainFrom(draft: Draft, lease: IpLease, now: number): void {
  for (const { id } of draft.ipRetentions.many('ipLease', lease.id))
    draft.ipRetentions.update(id, { leased_at: now, released_at: null, released_mac_lease_id: null })
}

/** Whether enough of a lease's time is over for its client's renewal to be worth a write. */
export const isRenewalDue = (state: State, ipLeaseId: number, now: number): boolean =>
  state.ipRetentions.many('ipLease', ipLeaseId).some((row) => {
    const until = releaseTimeOf(state, row)
    return until !== undefined && now - row.leased_at > (until - row.leased_at) * renewalShare
  })

/** Takes a lease off its interface. Its address stays reserved for the grace time of its retentions. */
export function releaseLease(draft: Draft, lease: IpLease, now: number): IpLease {
  const { interface_id, mac_lease_id } = lease
  const released =
    mac_lease_id === null && interface_id === null
      ? lease
      : draft.ipLeases.update(lease.id, { mac_lease_id: null, interface_id: null })
  for (const { id, released_at } of draft.ipRetentions.many('ipLease', lease.id))
    if (released_at === null)
      draft.ipRetentions.update(id, { released_at: now, released_mac_lease_id: mac_lease_id })
  if (interface_id !== null) settle(draft, [interface_id])
  return released
}

/** Who has a lease, or has had it before it was released. */
function macLeaseOf(draft: Draft, { id, mac_lease_id }: IpLease): Row<'macLeases'> | undefined {
  const retentions = draft.ipRetentions.many('ipLease', id)
  const released = retentions.find(({ released_mac_lease_id }) => released_mac_lease_id !== null)
  const macLeaseId = mac_lease_id ?? released?.released_mac_lease_id ?? undefined
  return macLeaseId === undefined ? undefined : draft.macLeases.get(macLeaseId)
}

/** Frees the address of a lease. */
export function deleteLease(draft: Draft, lease: IpLease): void {
  const macLease = macLeaseOf(draft, lease)
  draft.ipLeases.delete(lease.id)
  if (lease.interface_id !== null) settle(draft, [lease.interface_id])
  forgetFound(draft, macLease)
}

/** What a MAC has had in a network, and may have again within the grace time. */
export const formerLeaseOf = (draft: Draft, macLeaseId: number, networkId: number): IpLease | undefined =>
  draft.ipRetentions
    .many('releasedMacLease', macLeaseId)
    .map((row) => draft.ipLeases.get(row.ip_lease_id))
    .find((lease) => lease?.network_id === networkId && lease.mac_lease_id === null)
