/**
 * Interfaces at which something decides what passes: filters, or security groups. What follows from that is written where
 * flows look for it: a mark at their memberships in networks, and zones to track connections in.
 */
import type { Draft, Row, State } from 'openvnet'
import { remembersConnections } from './filters.ts'
import { isEndpoint } from './interfaces.ts'
import { takeZone, type ZoneOwner } from './zones.ts'

type Interface = Row<'interfaces'>

export const isFiltered = ({ mode, enable_filtering, ingress_filtering_enabled }: Interface): boolean =>
  isEndpoint(mode) && (enable_filtering || ingress_filtering_enabled)

/** Connections have to be known for security groups, and for filters that let answers pass. */
export const isTracked = (state: State, owner: Interface): boolean =>
  owner.ingress_filtering_enabled || (owner.enable_filtering && remembersConnections(state, owner.id))

/** Such an interface has a zone wherever it is plugged in, in each of its networks. */
const zonesOf = (draft: Draft, interfaceId: number): ZoneOwner[] =>
  draft.activeInterfaces
    .many('interface', interfaceId)
    .flatMap(({ datapath_id: datapathId }) =>
      draft.interfaceNetworks
        .many('interface', interfaceId)
        .map(({ network_id: networkId }) => ({ datapathId, purpose: 'filtering', interfaceId, networkId })),
    )

function settleZones(draft: Draft, interfaceId: number, wanted: readonly ZoneOwner[]): void {
  for (const row of [...draft.conntrackZones.many('interface', interfaceId)]) {
    const isWanted = wanted.some(
      ({ datapathId, networkId }) => row.datapath_id === datapathId && row.network_id === networkId,
    )
    if (row.purpose === 'filtering' && !isWanted) draft.conntrackZones.delete(row.id)
  }
  for (const owner of wanted) takeZone(draft, owner)
}

/** Brings marks and zones of an interface in line with where it is, what it is in and whether it is filtered. */
export function settleFiltering(draft: Draft, interfaceId: number): void {
  const row = draft.interfaces.get(interfaceId)
  const filtered = row !== undefined && isFiltered(row)
  for (const { id, filtered: marked } of [...draft.interfaceNetworks.many('interface', interfaceId)])
    if (marked !== filtered) draft.interfaceNetworks.update(id, { filtered })
  settleZones(draft, interfaceId, filtered ? zonesOf(draft, interfaceId) : [])
}
