/** IP leases as the API answers them. An address has no row of its own here: its id is that of its lease. */
import { answer, type Row, type State } from 'openvnet'
import { identity, times, uuidField } from '../common/fields.ts'
import { interfaceUuid, ownInterface } from '../interfaces/embedded.ts'
import { embeddedMacLease } from '../mac_leases/present.ts'
import { embeddedNetwork } from '../networks/present.ts'

const { described, flag, from, id, ipv4, ipv4Integer, ipv6, nullable, optional, shape } = answer

type IpLease = Row<'ipLeases'>

const networkOf = (row: IpLease, state: State) => state.networks.get(row.network_id)!
const macLeaseOf = (row: IpLease, state: State) =>
  (row.mac_lease_id === null ? undefined : state.macLeases.get(row.mac_lease_id)) ?? null

/** 0.0.0.0 is an address that is not known, of a lease that has no other. */
const ipv4Of = ({ ipv4_address, ipv6_address }: IpLease) =>
  ipv4_address === 0 && ipv6_address !== null ? null : ipv4_address
const ipv6Of = ({ ipv6_address }: IpLease) => ipv6_address ?? undefined

const ipAddress = shape('IpAddress', 'The address of an IP lease, and its network.', {
  id: id('its number: that of its lease'),
  network_id: id('the network'),
  ipv4_address: from(nullable(ipv4Integer('the address; null where it is of IPv6 alone')), ipv4Of),
  ipv6_address: from(optional(ipv6('its IPv6 address; left out where it has none')), ipv6Of),
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
  ipv4_address: from(nullable(ipv4('the address; null where it is of IPv6 alone')), ipv4Of),
  ipv6_address: from(optional(ipv6('its IPv6 address; left out where it has none')), ipv6Of),
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
