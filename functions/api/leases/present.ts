/** Leases as the API answers them. An address has no row of its own here: its id is that of its lease. */
import { answer, type Row, type State } from 'openvnet'
import { identity, times, uuidField } from '../common/fields.ts'
import { embeddedInterface, ownerOf } from '../interfaces/embedded.ts'
import { embeddedNetwork } from '../networks/present.ts'

const { described, flag, from, id, ipv4, ipv4Integer, list, mac, macInteger, nullable, optional, shape } =
  answer

type MacLease = Row<'macLeases'>
type IpLease = Row<'ipLeases'>

const networkOf = (row: IpLease, state: State) => state.networks.get(row.network_id)!
const macLeaseOf = (row: IpLease, state: State) =>
  (row.mac_lease_id === null ? undefined : state.macLeases.get(row.mac_lease_id)) ?? null

/** The interface of a row, and its uuid, which is left out where there is none. */
export const ownInterface = from(
  described(nullable(embeddedInterface), 'the interface that has it; null where none has'),
  ownerOf,
)
export const interfaceUuid = from(
  optional(uuidField('interfaces', 'the interface that has it; left out where none has')),
  (row: { readonly interface_id: number | null }, state) => ownerOf(row, state)?.uuid,
)

const macLeaseFields = <F extends answer.AnyField>(mac_address: F) => ({
  ...identity('macLeases'),
  interface_id: nullable(id('the interface that has it')),
  mac_address_id: from(id('of its address: its own number'), (row: MacLease) => row.id),
  ...times,
  mac_address,
  segment_id: nullable(id('the segment that the address is in')),
})
const embeddedMacLease = shape(
  'EmbeddedMacLease',
  'A MAC lease within an IP lease: its address is an integer there.',
  macLeaseFields(macInteger('the address')),
)

export const macLease = shape('MacLease', 'A MAC address that is leased to an interface.', {
  ...macLeaseFields(mac('the address')),
  interface: ownInterface,
  interface_uuid: interfaceUuid,
})

const ipAddress = shape('IpAddress', 'The address of an IP lease, and its network.', {
  id: id('its number: that of its lease'),
  network_id: id('the network'),
  ipv4_address: ipv4Integer('the address'),
  ...times,
  network: from(embeddedNetwork, networkOf),
})
const ipAddressOfLease = from(ipAddress, (row: IpLease) => row)

const ipLeaseFields = {
  ...identity('ipLeases'),
  interface_id: nullable(id('the interface that has it')),
  mac_lease_id: nullable(id('the MAC lease that it is attached to')),
  ip_address_id: from(id('of its address: its own number'), (row: IpLease) => row.id),
  enable_routing: flag('packets to the address go through the router too'),
  ...times,
  network_id: id('the network that the address is in'),
  ipv4_address: ipv4('the address'),
}
const relatedUuids = {
  interface_uuid: interfaceUuid,
  mac_lease_uuid: from(
    optional(uuidField('macLeases', 'the MAC lease that it is attached to; left out where there is none')),
    (row: IpLease, state) => macLeaseOf(row, state)?.uuid,
  ),
  network_uuid: from(
    uuidField('networks', 'the network that the address is in'),
    (row: IpLease, state) => networkOf(row, state).uuid,
  ),
}

export const ipLease = shape(
  'IpLease',
  'An address of a network that is leased, with the objects around it.',
  {
    ...ipLeaseFields,
    mac_lease: from(described(nullable(embeddedMacLease), 'what it is attached to'), macLeaseOf),
    interface: ownInterface,
    ip_address: ipAddressOfLease,
    ...relatedUuids,
  },
)

export const briefIpLease = shape('BriefIpLease', 'An IP lease without the objects around it.', {
  ...ipLeaseFields,
  ...relatedUuids,
})

export const interfaceIpLease = shape('InterfaceIpLease', 'An IP lease within its interface.', {
  ...ipLeaseFields,
  ip_address: ipAddressOfLease,
  ...relatedUuids,
})

export const interfaceMacLease = shape('InterfaceMacLease', 'A MAC lease within its interface.', {
  ...macLeaseFields(mac('the address')),
  ip_leases: from(list(interfaceIpLease), (row: MacLease, state) => state.ipLeases.many('macLease', row.id)),
  interface_uuid: interfaceUuid,
})
