/** IP lease containers: the IP leases that lease policies have given, and others, together. */
import { answer, operation, parameter, resource } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { namedOperations, relation } from '../common/relation.ts'
import { ipLease } from '../ip_leases/present.ts'
import { ipLeaseContainer } from './present.ts'

const keys = { uuid: uuidOf('ipLeaseContainers') }

export const containedLeases = relation({
  ...{ of: 'ipLeaseContainers', to: 'ipLeases', name: 'ip_leases', key: 'ip_lease_uuid' },
  ...{ parameters: {}, answers: ipLease, items: ipLease },
  summaries: {
    add: 'Puts an IP lease into a container, as lease policies do with those that they give.',
    list: 'Lists the IP leases in a container.',
    remove: 'Takes an IP lease out of a container; the lease stays.',
  },
})

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
  ...namedOperations({ ip_lease: containedLeases }),
})
