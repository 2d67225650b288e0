/** MAC leases: the hardware addresses of interfaces. */
import { answer, operation, parameter, resource } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { macLease } from './present.ts'

const { page } = answer
const { described, mac, optional, paging } = parameter
const keys = { uuid: uuidOf('macLeases') }

export const macLeases = resource('mac_leases', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Leases a MAC address to an interface.',
    parameters: {
      uuid: newUuidOf('macLeases'),
      interface_uuid: described(uuidOf('interfaces'), 'the interface that gets it'),
      mac_address: described(mac, 'the address, xx:xx:xx:xx:xx:xx; used nowhere else'),
      segment_uuid: described(optional(uuidOf('segments')), 'the segment that the address is in'),
    },
    answers: macLease,
    refusals: ['AddressInUse'],
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists MAC leases.',
    parameters: paging,
    answers: page(macLease),
  }),
  show: operation({ method: 'GET', path: '/:uuid', summary: 'Shows a MAC lease.', keys, answers: macLease }),
  update: operation({
    method: 'PUT',
    path: '/:uuid',
    summary: 'Moves a MAC lease, with its IP leases, to another interface.',
    keys,
    parameters: {
      interface_uuid: described(optional(uuidOf('interfaces')), 'the interface that it moves to'),
    },
    answers: macLease,
    refusals: ['AddressInUse'],
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a MAC lease, with its IP leases.',
    keys,
    answers: removed('macLeases'),
  }),
})
