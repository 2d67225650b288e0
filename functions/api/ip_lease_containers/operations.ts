/** IP lease containers: the IP leases that lease policies have given, together. */
import { answer, operation, parameter, resource } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { ipLease } from '../ip_leases/present.ts'
import { ipLeaseContainer } from './present.ts'

const keys = { uuid: uuidOf('ipLeaseContainers') }

export const ipLeaseContainers = resource('ip_lease_containers', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Adds a container of IP leases.',
    parameters: { uuid: newUuidOf('ipLeaseContainers') },
    answers: ipLeaseContainer,
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists containers of IP leases.',
    parameters: parameter.paging,
    answers: answer.page(ipLeaseContainer),
  }),
  show: operation({
    method: 'GET',
    path: '/:uuid',
    summary: 'Shows a container of IP leases.',
    keys,
    answers: ipLeaseContainer,
  }),
  update: operation({
    method: 'PUT',
    path: '/:uuid',
    summary: 'Changes a container of IP leases: there is nothing to change.',
    keys,
    answers: ipLeaseContainer,
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a container; the IP leases in it stay.',
    keys,
    answers: removed('ipLeaseContainers'),
  }),
  listIpLeases: operation({
    method: 'GET',
    path: '/:uuid/ip_leases',
    summary: 'Lists the IP leases in a container.',
    keys,
    parameters: parameter.paging,
    answers: answer.page(ipLease),
  }),
})
