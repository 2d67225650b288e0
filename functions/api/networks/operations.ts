/** Networks: IPv4 subnets, physical (as cabled), virtual (isolated, on every datapath) or internal (one datapath). */
import { operation, parameter, resource } from 'openvnet'
import { newUuidOf, uuidOf, uuidOfTopology } from '../common/models.ts'

const { described, integer, ipv4, oneOf, optional, paging, text } = parameter

const modes = oneOf(['physical', 'virtual', 'internal'])
const encapsulation = described(
  optional(oneOf(['gre', 'vxlan', 'geneve'])),
  'how its packets cross from one physical network to another; gre where nothing is said',
)
const keys = { uuid: uuidOf('networks') }

export const networks = resource('networks', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Adds a network.',
    parameters: {
      uuid: newUuidOf('networks'),
      display_name: optional(text, ''),
      domain_name: described(
        optional(text),
        'of its members, for DHCP and DNS; by default the uuid without its prefix',
      ),
      segment_uuid: described(optional(uuidOf('segments')), 'the segment that the network lies on'),
      topology_uuid: optional(uuidOfTopology),
      mode: optional(modes),
      network_mode: described(optional(modes), 'another name of mode, and the one that counts'),
      ipv4_network: described(ipv4, 'the address of the network, a.b.c.d'),
      ipv4_prefix: optional(integer(1, 32), 24),
      encapsulation,
    },
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists networks.',
    parameters: paging,
    answers: 'list',
  }),
  show: operation({ method: 'GET', path: '/:uuid', summary: 'Shows a network.', keys }),
  update: operation({
    method: 'PUT',
    path: '/:uuid',
    summary: 'Changes a network.',
    keys,
    parameters: { display_name: optional(text), domain_name: optional(text), encapsulation },
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a network, with its addresses and all that belongs to it.',
    keys,
    answers: 'array',
  }),
})
