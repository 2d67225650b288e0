/** Datapaths, and what they carry, as the API answers them. */
import { answer, type Row } from 'openvnet'
import { identity, times, uuidField } from '../common/fields.ts'

const { flag, from, id, macInteger, matching, nullable, shape, text } = answer

export const datapath = shape('Datapath', 'A datapath: a switch that carries networks.', {
  ...identity('datapaths'),
  display_name: text('a name for people'),
  dpid: matching(/^0x[0-9a-f]{16}$/, 'the datapath id of its switch, 16 hexadecimal digits'),
  node_id: text('the node that the switch is on'),
  ...times,
  enable_ovs_learn_action: flag('its switch may learn addresses by itself'),
  trusted_fail_mode: flag('it is served although its OVSDB is not reached'),
})

type Carried = Row<'datapathNetworks'> | Row<'datapathSegments'> | Row<'datapathRouteLinks'>

/** What all kinds begin with, before and after the id of what is carried. */
const head = { id: id('its number'), datapath_id: id('the datapath') }
const carrier = {
  interface_id: nullable(id('the host interface that carries it')),
  mac_address_id: from(id('of its address: its own number'), (row: Carried) => row.id),
  ip_lease_id: nullable(id('the IP lease of the host interface')),
  topology_id: nullable(id('the topology that made it; null: made by hand')),
  topology_layer_id: nullable(id('the layer that the topology has the datapath by, if it is an overlay')),
  topology_mac_range_group_id: nullable(id("the topology's relation to the group that its address is from")),
  ...times,
  mac_address: macInteger('the address of its broadcasts to the datapath where they are not encapsulated'),
  datapath_uuid: from(
    uuidField('datapaths', 'the datapath'),
    (row: Carried, state) => state.datapaths.get(row.datapath_id)!.uuid,
  ),
}
const carrierUuid = from(
  nullable(uuidField('interfaces', 'the host interface that carries it')),
  (row: Carried, state) =>
    row.interface_id === null ? null : (state.interfaces.get(row.interface_id)?.uuid ?? null),
)

export const datapathNetwork = shape('DatapathNetwork', 'A network that spans a datapath.', {
  ...head,
  network_id: id('the network'),
  ...carrier,
  network_uuid: from(
    uuidField('networks', 'the network'),
    (row: Row<'datapathNetworks'>, state) => state.networks.get(row.network_id)!.uuid,
  ),
  interface_uuid: carrierUuid,
})

export const datapathSegment = shape('DatapathSegment', 'A segment that spans a datapath.', {
  ...head,
  segment_id: id('the segment'),
  ...carrier,
  segment_uuid: from(
    uuidField('segments', 'the segment'),
    (row: Row<'datapathSegments'>, state) => state.segments.get(row.segment_id)!.uuid,
  ),
  interface_uuid: carrierUuid,
})

export const datapathRouteLink = shape('DatapathRouteLink', 'A route link that spans a datapath.', {
  ...head,
  route_link_id: id('the route link'),
  ...carrier,
  route_link_uuid: from(
    uuidField('routeLinks', 'the route link'),
    (row: Row<'datapathRouteLinks'>, state) => state.routeLinks.get(row.route_link_id)!.uuid,
  ),
  interface_uuid: carrierUuid,
})
