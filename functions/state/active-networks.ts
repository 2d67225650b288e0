/** `active_networks` and `active_segments`: where some active interface is in the network or segment. */
import type { Draft } from 'openvnet'

interface Moved {
  readonly interfaceIds: ReadonlySet<number>
  /** Datapaths that an interface has left. */
  readonly left: ReadonlySet<number>
  readonly networkIds: Iterable<number> | undefined
  readonly segmentIds: Iterable<number> | undefined
}

/** The pairs (network or segment, datapath) that active interfaces need. */
function* needed(
  draft: Draft,
  kind: 'network' | 'segment',
  interfaceIds: ReadonlySet<number>,
): Generator<[number, number]> {
  for (const id of interfaceIds) {
    const places = draft.activeInterfaces.many('interface', id)
    if (places.length === 0) continue
    const memberOf =
      kind === 'network'
        ? draft.interfaceNetworks.many('interface', id).map((row) => row.network_id)
        : draft.interfaceSegments.many('interface', id).map((row) => row.segment_id)
    for (const place of places) for (const objectId of memberOf) yield [objectId, place.datapath_id]
  }
}

const networkIsNeeded = (draft: Draft, networkId: number, datapathId: number) =>
  draft.interfaceNetworks
    .many('network', networkId)
    .some((member) => draft.activeInterfaces.one('pair', member.interface_id, datapathId) !== undefined)

const segmentIsNeeded = (draft: Draft, segmentId: number, datapathId: number) =>
  draft.interfaceSegments
    .many('segment', segmentId)
    .some((member) => draft.activeInterfaces.one('pair', member.interface_id, datapathId) !== undefined)

/**
 * Adds what is needed; looks for others that need it only where something left. Members of a network are not read
 * otherwise: whoever reads them would collide with everyone who adds an interface to that network.
 */
export function deriveActiveNetworks(draft: Draft, moved: Moved): void {
  const networkIds = new Set(moved.networkIds)
  const segmentIds = new Set(moved.segmentIds)
  for (const [network_id, datapath_id] of needed(draft, 'network', moved.interfaceIds))
    if (draft.activeNetworks.one('pair', network_id, datapath_id) === undefined)
      draft.activeNetworks.insert({ network_id, datapath_id })
  for (const [segment_id, datapath_id] of needed(draft, 'segment', moved.interfaceIds))
    if (draft.activeSegments.one('pair', segment_id, datapath_id) === undefined)
      draft.activeSegments.insert({ segment_id, datapath_id })
  if (moved.left.size > 0)
    for (const id of moved.interfaceIds) {
      for (const row of draft.interfaceNetworks.many('interface', id)) networkIds.add(row.network_id)
      for (const row of draft.interfaceSegments.many('interface', id)) segmentIds.add(row.segment_id)
    }
  for (const networkId of networkIds)
    for (const row of [...draft.activeNetworks.many('network', networkId)])
      if (!networkIsNeeded(draft, networkId, row.datapath_id)) draft.activeNetworks.delete(row.id)
  for (const segmentId of segmentIds)
    for (const row of [...draft.activeSegments.many('segment', segmentId)])
      if (!segmentIsNeeded(draft, segmentId, row.datapath_id)) draft.activeSegments.delete(row.id)
}
