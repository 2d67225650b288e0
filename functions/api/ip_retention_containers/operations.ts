/** IP retention containers: how long the IP leases that lease policies give last, and how long their addresses stay reserved. */
import { answer, operation, parameter, resource } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { namedOperations, relation } from '../common/relation.ts'
import { ipRetention, ipRetentionContainer } from './present.ts'

const { page } = answer
const { described, integer, optional, paging } = parameter
const keys = { uuid: uuidOf('ipRetentionContainers') }

/** 68 years; DHCP counts in 32 bits, and takes the largest number for ever. */
const secondsMax = 2 ** 31 - 1
const timesOfRetention = {
  lease_time: described(
    optional(integer(1, secondsMax)),
    'seconds after which a lease is taken off its interface; never where it is not given. DHCP clients renew it',
  ),
  grace_time: described(
    optional(integer(0, secondsMax)),
    'seconds after that until the lease is deleted and its address free again; never where it is not given',
  ),
}

export const retainedLeases = relation({
  ...{ of: 'ipRetentionContainers', to: 'ipLeases', name: 'ip_retentions', key: 'ip_lease_uuid' },
  ...{ parameters: {}, answers: ipRetention, items: ipRetention },
  summaries: {
    add: 'Lets an IP lease last, from now, as long as a container says, as lease policies do with those that they give.',
    list: 'Lists when the IP leases in a container were leased and released.',
    remove: 'Takes an IP lease out of a container: it lasts for ever, unless another says otherwise.',
  },
})

export const ipRetentionContainers = resource('ip_retention_containers', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Adds a container of IP retentions.',
    parameters: { uuid: newUuidOf('ipRetentionContainers'), ...timesOfRetention },
    answers: ipRetentionContainer,
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists containers of IP retentions.',
    parameters: paging,
    answers: page(ipRetentionContainer),
  }),
  show: operation({
    method: 'GET',
    path: '/:uuid',
    summary: 'Shows a container of IP retentions.',
    keys,
    answers: ipRetentionContainer,
  }),
  update: operation({
    method: 'PUT',
    path: '/:uuid',
    summary: 'Changes how long leases last, those that there are too.',
    keys,
    parameters: timesOfRetention,
    answers: ipRetentionContainer,
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a container; the IP leases in it stay for ever.',
    keys,
    answers: removed('ipRetentionContainers'),
  }),
  ...namedOperations({ ip_retention: retainedLeases }),
})
