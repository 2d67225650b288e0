/** IP range groups: the addresses that lease policies give, and in which order. */
import { answer, ipAllocationTypes, operation, parameter, resource } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { ipRange, ipRangeGroup } from './present.ts'

const { page } = answer
const { described, ipv4, oneOf, optional, paging } = parameter
const keys = { uuid: uuidOf('ipRangeGroups') }
/** By another name where `uuid` is the range's own. */
const ofGroup = { ip_range_group_uuid: uuidOf('ipRangeGroups') }
const allocationType = described(
  optional(oneOf(ipAllocationTypes)),
  'which free address is given next: the one after the last, the one before it, or any; incremental by default',
)

export const ipRangeGroups = resource('ip_range_groups', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Adds a group of IP ranges.',
    parameters: { uuid: newUuidOf('ipRangeGroups'), allocation_type: allocationType },
    answers: ipRangeGroup,
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists groups of IP ranges.',
    parameters: paging,
    answers: page(ipRangeGroup),
  }),
  show: operation({
    method: 'GET',
    path: '/:uuid',
    summary: 'Shows a group of IP ranges.',
    keys,
    answers: ipRangeGroup,
  }),
  update: operation({
    method: 'PUT',
    path: '/:uuid',
    summary: 'Changes a group of IP ranges; addresses that are leased stay.',
    keys,
    parameters: { allocation_type: allocationType },
    answers: ipRangeGroup,
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a group of IP ranges; lease policies give no more of it, what is leased stays.',
    keys,
    answers: removed('ipRangeGroups'),
  }),
  addRange: operation({
    method: 'POST',
    path: '/:ip_range_group_uuid/ip_ranges',
    summary: 'Adds a range to a group. What a network has no hosts for is left out when addresses are given.',
    keys: ofGroup,
    parameters: {
      uuid: newUuidOf('ipRanges'),
      begin_ipv4_address: described(ipv4, 'its first address, a.b.c.d'),
      end_ipv4_address: described(ipv4, 'its last address, a.b.c.d'),
    },
    answers: ipRange,
  }),
  listRanges: operation({
    method: 'GET',
    path: '/:ip_range_group_uuid/ip_ranges',
    summary: 'Lists the ranges of a group.',
    keys: ofGroup,
    parameters: paging,
    answers: page(ipRange),
  }),
  removeRange: operation({
    method: 'DELETE',
    path: '/:ip_range_group_uuid/ip_ranges/:ip_range_uuid',
    summary: 'Takes a range off its group; what is leased of it stays.',
    keys: { ...ofGroup, ip_range_uuid: uuidOf('ipRanges') },
    answers: removed('ipRanges'),
  }),
})
