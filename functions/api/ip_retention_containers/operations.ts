/** IP retention containers: how long the IP leases that lease policies give last, and how long their addresses stay reserved. */
import { answer, operation, parameter, resource } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
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
  listIpRetentions: operation({
    method: 'GET',
    path: '/:uuid/ip_retentions',
    summary: 'Lists when the IP leases in a container were leased and released.',
    keys,
    parameters: paging,
    answers: page(ipRetention),
  }),
})
