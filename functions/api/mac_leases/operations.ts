/** MAC leases: the hardware addresses of interfaces. */
import { operation, parameter, resource } from 'openvnet'
import { newUuidOf, uuidOf } from '../common/models.ts'

const { described, mac, optional, paging } = parameter
const keys = { uuid: uuidOf('macLeases') }

export const macLeases = resource('mac_leases', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Leases a MAC address to an interface.',
    parameters: {
      uuid: newUuidOf('macLeases'),
      interface_uuid: uuidOf('interfaces'),
      mac_address: mac,
      segment_uuid: described(optional(uuidOf('segments')), 'the segment that the address is in'),
    },
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists MAC leases.',
    parameters: paging,
    answers: 'list',
  }),
  show: operation({ method: 'GET', path: '/:uuid', summary: 'Shows a MAC lease.', keys }),
  update: operation({
    method: 'PUT',
    path: '/:uuid',
    summary: 'Moves a MAC lease, with its IP leases, to another interface.',
    keys,
    parameters: { interface_uuid: optional(uuidOf('interfaces')) },
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a MAC lease, with its IP leases.',
    keys,
    answers: 'array',
  }),
})
