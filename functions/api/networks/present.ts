/** Networks as the API answers them. */
import { answer, encapsulations, networkModes, type Row } from 'openvnet'
import { encapsulationOf } from '../../state/encapsulation.ts'
import { identity, times } from '../common/fields.ts'

const { from, id, integer, ipv4, ipv4Integer, ipv6, nullable, oneOf, optional, shape, text } = answer

const fieldsWith = <F extends answer.AnyField>(ipv4_network: F) => ({
  ...identity('networks'),
  display_name: text('a name for people'),
  ipv4_network,
  ipv4_prefix: integer(1, 32, 'how many bits of the address are the network'),
  ipv6_network: from(
    optional(ipv6('its IPv6 address; left out where it has none')),
    (row: Row<'networks'>) => row.ipv6_network ?? undefined,
  ),
  ipv6_prefix: from(
    optional(integer(1, 128, 'how many bits of the IPv6 address are the network')),
    (row: Row<'networks'>) => row.ipv6_prefix ?? undefined,
  ),
  mode: nullable(oneOf(networkModes, 'null counts as virtual')),
  domain_name: text('the domain of its members, for DHCP and DNS'),
  ...times,
  segment_id: nullable(id('the segment that it lies on')),
})

export const network = shape('Network', 'A network: an IPv4 subnet.', {
  ...fieldsWith(ipv4('its address')),
  encapsulation: from(
    oneOf(encapsulations, 'how its packets cross from one physical network to another'),
    (row: Row<'networks'>) => encapsulationOf(row),
  ),
})

export const embeddedNetwork = shape(
  'EmbeddedNetwork',
  'A network within another object: its address is an integer there.',
  fieldsWith(ipv4Integer('its address')),
)
