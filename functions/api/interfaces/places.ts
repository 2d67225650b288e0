/** Where interfaces may be plugged in, and what they are in, as the API answers it. */
import { answer, interfaceModes, type Row } from 'openvnet'
import { times, timesOfEnding, uuidField } from '../common/fields.ts'

const { flag, from, id, nullable, oneOf, shape, text } = answer

type Port = Row<'interfacePorts'>

export const interfacePort = shape('InterfacePort', 'Where an interface may be plugged in.', {
  id: id('its number'),
  interface_id: id('the interface'),
  datapath_id: nullable(id('the datapath; null: any')),
  port_name: nullable(
    text("the name of the port in Open vSwitch, or the iface-id in the port's external_ids"),
  ),
  singular: nullable(flag('true: active in one place at most; null: in many')),
  interface_mode: oneOf(interfaceModes, "a copy of the interface's mode"),
  ...times,
  interface_uuid: from(
    uuidField('interfaces', 'the interface'),
    (row: Port, state) => state.interfaces.get(row.interface_id)!.uuid,
  ),
  datapath_uuid: from(
    nullable(uuidField('datapaths', 'the datapath; null: any')),
    ({ datapath_id }: Port, state) => (datapath_id === null ? null : state.datapaths.get(datapath_id)!.uuid),
  ),
})

const membershipFields = { id: id('its number'), interface_id: id('the interface') }
const isStatic = flag('true: a member even without a lease or route; false: a member by those')

export const interfaceNetwork = shape('InterfaceNetwork', 'That an interface is in a network.', {
  ...membershipFields,
  network_id: id('the network'),
  static: isStatic,
  ...timesOfEnding,
  network_uuid: from(
    uuidField('networks', 'the network'),
    (row: { readonly network_id: number }, state) => state.networks.get(row.network_id)!.uuid,
  ),
})

export const interfaceSegment = shape('InterfaceSegment', 'That an interface is in a segment.', {
  ...membershipFields,
  segment_id: id('the segment'),
  static: isStatic,
  ...timesOfEnding,
  segment_uuid: from(
    uuidField('segments', 'the segment'),
    (row: { readonly segment_id: number }, state) => state.segments.get(row.segment_id)!.uuid,
  ),
})

export const interfaceRouteLink = shape('InterfaceRouteLink', 'That an interface is in a route link.', {
  ...membershipFields,
  route_link_id: id('the route link'),
  static: isStatic,
  ...timesOfEnding,
  route_link_uuid: from(
    uuidField('routeLinks', 'the route link'),
    (row: { readonly route_link_id: number }, state) => state.routeLinks.get(row.route_link_id)!.uuid,
  ),
})
