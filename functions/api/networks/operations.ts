/** Networks: IPv4 subnets, and IPv6 beside it, physical (as cabled), virtual (isolated, on every datapath) or internal (one datapath). */
import { answer, encapsulations, networkModes, operation, parameter, resource } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { network } from './present.ts'

const { page } = answer
const { described, integer, ipv4Network, ipv6Network, ipv6NetworkOrNone, oneOf, optional, paging, text } =
  parameter

const modes = oneOf(networkModes)
const displayName = 'a name for people'
const domainName = 'the domain of its members, for DHCP and DNS; by default the uuid without its prefix'
const encapsulation = described(
  optional(oneOf(encapsulations)),
  'how its packets cross from one physical network to another; gre where nothing is said',
)
const ipv6 = {
  ipv6_network: described(
    optional(ipv6Network),
    'its IPv6 addresses beside those of IPv4, in virtual and internal networks: as 2001:db8:0:1:: or 2001:db8:0:1::/64',
  ),
  ipv6_prefix: described(
    optional(integer(1, 128)),
    'how many bits of the IPv6 address are the network; 64 where neither says it',
  ),
}
const keys = { uuid: uuidOf('networks') }

export const networks = resource('networks', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Adds a network.',
    parameters: {
      uuid: newUuidOf('networks'),
      display_name: described(optional(text, ''), displayName),
      domain_name: described(optional(text), domainName),
      segment_uuid: described(optional(uuidOf('segments')), 'the segment that the network lies on'),
      topology_uuid: described(optional(uuidOf('topologies')), 'the topology that it is put into'),
      mode: described(
        optional(modes),
        'physical: as cabled; virtual, and where nothing is said: its own, on every datapath that it spans; internal: its own, on each datapath',
      ),
      network_mode: described(optional(modes), 'another name of mode, and the one that counts'),
      ipv4_network: ipv4Network,
      ipv4_prefix: described(
        optional(integer(1, 32)),
        'how many bits of the address are the network; 24 where neither says it',
      ),
      ...ipv6,
      encapsulation,
    },
    answers: network,
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists networks.',
    parameters: paging,
    answers: page(network),
  }),
  show: operation({ method: 'GET', path: '/:uuid', summary: 'Shows a network.', keys, answers: network }),
  update: operation({
    method: 'PUT',
    path: '/:uuid',
    summary: 'Changes a network.',
    keys,
    parameters: {
      display_name: described(optional(text), displayName),
      domain_name: described(optional(text), domainName),
      ...ipv6,
      ipv6_network: described(
        optional(ipv6NetworkOrNone),
        'its IPv6 addresses beside those of IPv4; empty: it has none any more',
      ),
      encapsulation,
    },
    answers: network,
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a network, with its addresses and all that belongs to it.',
    keys,
    answers: removed('networks'),
  }),
})
