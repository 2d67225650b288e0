/** Interfaces as the API answers them. */
import { answer, type Row } from 'openvnet'
import { heldAddressOf } from '../../state/allowed-addresses.ts'
import { uuidField } from '../common/fields.ts'
import { interfaceIpLease } from '../ip_leases/present.ts'
import { macLeaseFields } from '../mac_leases/present.ts'
import { formatAddress, formatAllowed } from './allowed.ts'
import { interfaceFields, interfaceUuid } from './embedded.ts'
import { ageingTimes, learnedLimits } from './many-behind.ts'

const { again, flag, from, integer, ipv4, ipv6, list, mac, nullable, optional, shape, text } = answer

type Interface = Row<'interfaces'>
type MacLease = Row<'macLeases'>

const interfaceMacLease = shape('InterfaceMacLease', 'A MAC lease within its interface.', {
  ...macLeaseFields(mac('the address')),
  ip_leases: from(list(interfaceIpLease), (row: MacLease, state) => state.ipLeases.many('macLease', row.id)),
  interface_uuid: interfaceUuid,
})

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
    optional(nullable(ipv4('the address of its first IP lease of IPv4'))),
    ({ mac_leases: [first] }: WithLeases) => {
      const all = first?.ip_leases.map(({ ipv4_address }) => ipv4_address)
      return all?.find((address) => address !== null) ?? all?.[0]
    },
  ),
  ipv6_address: again(
    optional(ipv6('the first IPv6 address of its first MAC lease')),
    ({ mac_leases: [first] }: WithLeases) =>
      first?.ip_leases.find(({ ipv6_address }) => ipv6_address !== undefined)?.ipv6_address,
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
  allowed_addresses: from(
    list(text('an address or a prefix that it may send from beside its leases')),
    ({ id }: Interface, state) => state.allowedAddresses.many('interface', id).map(formatAllowed),
  ),
  held_addresses: from(
    list(text('an allowed address that it has now, as it said by ARP or neighbour discovery')),
    ({ id }: Interface, state) =>
      state.addressHolders.many('interface', id).map((holder) => formatAddress(heldAddressOf(holder))),
  ),
  mac_learning_limit: nullable(
    integer(
      learnedLimits.least,
      learnedLimits.most,
      'as many machines behind it are learned, in each network or segment; null: 1024',
    ),
  ),
  mac_ageing_time: nullable(
    integer(
      ageingTimes.least,
      ageingTimes.most,
      'the seconds after which a machine behind it that is not heard is forgotten; null: 300',
    ),
  ),
  lease_policy_uuid: from(
    nullable(
      uuidField(
        'leasePolicies',
        'the lease policy that made it for a machine that asked by DHCP behind an interface of that policy; null: it was described',
      ),
    ),
    ({ id }: Interface, state) => {
      const made = state.leasePolicyInterfaces.many('interface', id).find(({ found }) => found)
      return made === undefined ? null : state.leasePolicies.get(made.lease_policy_id)!.uuid
    },
  ),
  ingress_filtering_enabled: flag('its security groups decide what passes to it, and what it may send'),
})
