import type { Row, State } from 'openvnet'
import { times } from '../common/present.ts'

/** A datapath as the API answers it. */
export const presentDatapath = (row: Row<'datapaths'>) => ({
  id: row.id,
  uuid: row.uuid,
  display_name: row.display_name,
  dpid: row.dpid,
  node_id: row.node_id,
  ...times(row),
  enable_ovs_learn_action: row.enable_ovs_learn_action,
  trusted_fail_mode: row.trusted_fail_mode,
})

type Carried = Row<'datapathNetworks'> | Row<'datapathSegments'> | Row<'datapathRouteLinks'>

function carriedId(row: Carried) {
  if ('network_id' in row) return { network_id: row.network_id }
  return 'segment_id' in row ? { segment_id: row.segment_id } : { route_link_id: row.route_link_id }
}

function carriedUuid(state: State, row: Carried) {
  if ('network_id' in row) return { network_uuid: state.networks.get(row.network_id)!.uuid }
  return 'segment_id' in row
    ? { segment_uuid: state.segments.get(row.segment_id)!.uuid }
    : { route_link_uuid: state.routeLinks.get(row.route_link_id)!.uuid }
}

/** A network, segment or route link of a datapath. What topologies would have made is null: there are none. */
export const presentCarried = (state: State, row: Carried) => ({
  id: row.id,
  datapath_id: row.datapath_id,
  ...carriedId(row),
  interface_id: row.interface_id,
  mac_address_id: row.id,
  ip_lease_id: row.ip_lease_id,
  topology_id: null,
  topology_layer_id: null,
  topology_mac_range_group_id: null,
  ...times(row),
  mac_address: row.mac_address,
  datapath_uuid: state.datapaths.get(row.datapath_id)!.uuid,
  ...carriedUuid(state, row),
  interface_uuid: row.interface_id === null ? null : (state.interfaces.get(row.interface_id)?.uuid ?? null),
})
