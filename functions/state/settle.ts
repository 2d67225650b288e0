/**
 * Which networks and segments an interface is in follows from its leases, from the lease that it waits for, from its
 * VLANs if it is a trunk port, and from associations that are static. Whatever writes one of those settles the interfaces that it touched.
 */
import type { Draft } from 'openvnet'
import { deriveActive } from './active.ts'
import { isFiltered } from './filtering.ts'
import { hostNameOf } from './names.ts'
import { networksOfEdge } from './vlans.ts'
import { waitingFor } from './waiting.ts'

function wantedBy(draft: Draft, interfaceId: number) {
  const networkIds = new Set(draft.ipLeases.many('interface', interfaceId).map((lease) => lease.network_id))
  const waiting = waitingFor(draft, interfaceId)
  if (waiting !== undefined) networkIds.add(waiting.from.network_id)
  for (const networkId of networksOfEdge(draft, interfaceId)) networkIds.add(networkId)
  const segmentIds = new Set(
    draft.macLeases.many('interface', interfaceId).flatMap((lease) => lease.segment_id ?? []),
  )
  return { networkIds, segmentIds }
}

/** Returns the networks that the interface left. */
function settleNetworks(draft: Draft, interface_id: number, wanted: ReadonlySet<number>): number[] {
  const left: number[] = []
  const owner = draft.interfaces.get(interface_id)
  const interface_mode = owner?.mode ?? 'vif'
  const host_name = hostNameOf(owner?.display_name ?? null)
  const filtered = owner !== undefined && isFiltered(owner)
  for (const row of [...draft.interfaceNetworks.many('interface', interface_id)])
    if (!row.static && !wanted.has(row.network_id)) {
      draft.interfaceNetworks.delete(row.id)
      left.push(row.network_id)
    }
  for (const network_id of wanted)
    if (draft.interfaceNetworks.one('pair', interface_id, network_id) === undefined)
      draft.interfaceNetworks.insert({
        interface_id,
        network_id,
        interface_mode,
        host_name,
        filtered,
        static: false,
      })
  return left
}

/** Returns the segments that the interface left. */
function settleSegments(draft: Draft, interface_id: number, wanted: ReadonlySet<number>): number[] {
  const left: number[] = []
  for (const row of [...draft.interfaceSegments.many('interface', interface_id)])
    if (!row.static && !wanted.has(row.segment_id)) {
      draft.interfaceSegments.delete(row.id)
      left.push(row.segment_id)
    }
  for (const segment_id of wanted)
    if (draft.interfaceSegments.one('pair', interface_id, segment_id) === undefined)
      draft.interfaceSegments.insert({ interface_id, segment_id, static: false })
  return left
}

/** Brings the associations of interfaces in line with their leases, and what is active with both. */
export function settle(draft: Draft, interfaceIds: Iterable<number>): void {
  const touched = new Set(interfaceIds)
  const networkIds: number[] = []
  const segmentIds: number[] = []
  for (const id of touched) {
    const wanted = wantedBy(draft, id)
    networkIds.push(...settleNetworks(draft, id, wanted.networkIds))
    segmentIds.push(...settleSegments(draft, id, wanted.segmentIds))
  }
  deriveActive(draft, { interfaceIds: touched, networkIds, segmentIds })
}
