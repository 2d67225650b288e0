/** Interfaces, their ports and what they are in, as the API answers them. */
import { answer, interfaceModes, type Row } from 'openvnet'
import { times, timesOfEnding, uuidField } from '../common/fields.ts'
import { interfaceIpLease, interfaceMacLease } from '../leases/present.ts'
import { interfaceFields } from './embedded.ts'

const { again, flag, from, id, ipv4, list, mac, nullable, oneOf, optional, shape, text } = answer

type Interface = Row<'interfaces'>
type Port = Row<'interfacePorts'>

interface WithLeases {
  readonly mac_leases: readonly answer.Answer<typeof interfaceMacLease>[]
}

/** The first addresses, for clients that know of one each; and the leases of the last MAC address, as in OpenVNet. */
const addresses = {
  mac_address: again(
    optional(mac('the address of its first MAC lease')),
    ({ mac_leases: [first] }: WithLeases) => first?.mac_address,
  ),
  network_uuid: again(
    optional(uuidField('networks', 'the network of its first IP lease')),
    ({ mac_leases: [first] }: WithLeases) => first?.ip_leases[0]?.network_uuid,
  ),
  ipv4_address: again(
    optional(ipv4('the address of its first IP lease')),
    ({ mac_leases: [first] }: WithLeases) => first?.ip_leases[0]?.ipv4_address,
  ),
  ip_leases: again(
    optional(list(interfaceIpLease)),
    ({ mac_leases }: WithLeases) => mac_leases.at(-1)?.ip_leases,
  ),
}

const places = {
  port_name: from(
    nullable(text('the name of its first port')),
    (row: Interface, state) => state.interfacePorts.many('interface', row.id)[0]?.port_name ?? null,
  ),
  active_datapath_uuids: from(
    list(uuidField('datapaths', 'a datapath where it is plugged in at this moment')),
    (row: Interface, state) =>
      state.activeInterfaces
        .many('interface', row.id)
        .map(({ datapath_id }) => state.datapaths.get(datapath_id)!.uuid),
  ),
}

export const networkInterface = shape('Interface', 'An interface, with its leases.', {
  ...interfaceFields,
  mac_leases: from(list(interfaceMacLease), ({ id }: Interface, state) =>
    state.macLeases.many('interface', id),
  ),
  ...addresses,
  ...places,
})

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
const isStatic = flag('true: a member even without a lease; false: a member by its leases')

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
