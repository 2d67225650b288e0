/** Topologies, and what is in them, as the API answers them. */
import { answer, type Row, topologyModes } from 'openvnet'
import { identity, times, uuidField } from '../common/fields.ts'
import type { ModelTable } from '../common/models.ts'

const { from, id, nullable, oneOf, shape } = answer

export const topology = shape('Topology', 'Which networks, segments and route links span which datapaths.', {
  ...identity('topologies'),
  mode: oneOf(
    topologyModes,
    'simple_underlay: it has datapaths; simple_overlay: those of the underlays that it lies on',
  ),
  ...times,
})

const head = { id: id('its number'), topology_id: id('the topology') }
const topologyUuid = from(
  uuidField('topologies', 'the topology'),
  (row: { readonly topology_id: number }, state) => state.topologies.get(row.topology_id)!.uuid,
)

export const topologyDatapath = shape('TopologyDatapath', 'That a topology has a datapath.', {
  ...head,
  datapath_id: id('the datapath'),
  interface_id: id('the host interface that carries what is in the topology'),
  ip_lease_id: nullable(id('the IP lease of the host interface; null: its first')),
  ...times,
  topology_uuid: topologyUuid,
  datapath_uuid: from(
    uuidField('datapaths', 'the datapath'),
    (row: Row<'topologyDatapaths'>, state) => state.datapaths.get(row.datapath_id)!.uuid,
  ),
  interface_uuid: from(
    uuidField('interfaces', 'the host interface'),
    (row: Row<'topologyDatapaths'>, state) => state.interfaces.get(row.interface_id)!.uuid,
  ),
})

interface Named {
  readonly uuid: string
}
const uuidOfRow =
  <C extends string>(table: ModelTable, column: C) =>
  (row: Readonly<Record<C, number>>, state: { readonly [T in ModelTable]: object }) =>
    (state[table] as { get(id: number): Named | undefined }).get(row[column])!.uuid

export const topologyNetwork = shape('TopologyNetwork', 'That a network is in a topology.', {
  ...head,
  network_id: id('the network'),
  ...times,
  topology_uuid: topologyUuid,
  network_uuid: from(uuidField('networks', 'the network'), uuidOfRow('networks', 'network_id')),
})

export const topologySegment = shape('TopologySegment', 'That a segment is in a topology.', {
  ...head,
  segment_id: id('the segment'),
  ...times,
  topology_uuid: topologyUuid,
  segment_uuid: from(uuidField('segments', 'the segment'), uuidOfRow('segments', 'segment_id')),
})

export const topologyRouteLink = shape('TopologyRouteLink', 'That a route link is in a topology.', {
  ...head,
  route_link_id: id('the route link'),
  ...times,
  topology_uuid: topologyUuid,
  route_link_uuid: from(uuidField('routeLinks', 'the route link'), uuidOfRow('routeLinks', 'route_link_id')),
})

export const topologyMacRangeGroup = shape(
  'TopologyMacRangeGroup',
  'That what a topology makes gets MAC addresses of a group.',
  {
    ...head,
    mac_range_group_id: id('the group of MAC ranges'),
    ...times,
    topology_uuid: topologyUuid,
    mac_range_group_uuid: from(
      uuidField('macRangeGroups', 'the group'),
      uuidOfRow('macRangeGroups', 'mac_range_group_id'),
    ),
  },
)

export const topologyLayer = shape('TopologyLayer', 'That an overlay lies on an underlay.', {
  id: id('its number'),
  overlay_id: id('the topology that lies on the other'),
  underlay_id: id('the topology that it lies on'),
  ...times,
  overlay_uuid: from(uuidField('topologies', 'the overlay'), uuidOfRow('topologies', 'overlay_id')),
  underlay_uuid: from(uuidField('topologies', 'the underlay'), uuidOfRow('topologies', 'underlay_id')),
})
