/** MAC range groups: the addresses that interfaces and datapaths get that name none. */
import { answer, operation, parameter, resource } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { macRange, macRangeGroup } from './present.ts'

const { page } = answer
const { described, mac, optional, paging, text } = parameter
const keys = { uuid: uuidOf('macRangeGroups') }
/** By another name where `uuid` is the range's own. */
const ofGroup = { mac_range_group_uuid: uuidOf('macRangeGroups') }
const allocationType = described(
  optional(text),
  'any text, random by default; addresses are given at random whatever it says',
)

export const macRangeGroups = resource('mac_range_groups', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Adds a group of MAC ranges.',
    parameters: { uuid: newUuidOf('macRangeGroups'), allocation_type: allocationType },
    answers: macRangeGroup,
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists groups of MAC ranges.',
    parameters: paging,
    answers: page(macRangeGroup),
  }),
  show: operation({
    method: 'GET',
    path: '/:uuid',
    summary: 'Shows a group of MAC ranges.',
    keys,
    answers: macRangeGroup,
  }),
  update: operation({
    method: 'PUT',
    path: '/:uuid',
    summary: 'Changes a group of MAC ranges; addresses that are leased stay.',
    keys,
    parameters: { allocation_type: allocationType },
    answers: macRangeGroup,
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a group of MAC ranges; what is leased of it stays.',
    keys,
    answers: removed('macRangeGroups'),
  }),
  addRange: operation({
    method: 'POST',
    path: '/:mac_range_group_uuid/mac_ranges',
    summary: 'Adds a range to a group.',
    keys: ofGroup,
    parameters: {
      uuid: newUuidOf('macRanges'),
      begin_mac_address: described(mac, 'its first address, xx:xx:xx:xx:xx:xx'),
      end_mac_address: described(mac, 'its last address, xx:xx:xx:xx:xx:xx'),
    },
    answers: macRange,
  }),
  listRanges: operation({
    method: 'GET',
    path: '/:mac_range_group_uuid/mac_ranges',
    summary: 'Lists the ranges of a group.',
    keys: ofGroup,
    parameters: paging,
    answers: page(macRange),
  }),
  removeRange: operation({
    method: 'DELETE',
    path: '/:mac_range_group_uuid/mac_ranges/:mac_range_uuid',
    summary: 'Takes a range off its group; what is leased of it stays.',
    keys: { ...ofGroup, mac_range_uuid: uuidOf('macRanges') },
    answers: removed('macRanges'),
  }),
})
