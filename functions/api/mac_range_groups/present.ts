/** Groups of MAC ranges as the API answers them. */
import { answer } from 'openvnet'
import { identity, times } from '../common/fields.ts'

const { id, macInteger, shape, text } = answer

export const macRangeGroup = shape(
  'MacRangeGroup',
  'A group of MAC ranges, which interfaces get addresses of.',
  {
    ...identity('macRangeGroups'),
    allocation_type: text('any text; addresses are given at random whatever it says'),
    ...times,
  },
)

export const macRange = shape('MacRange', 'A range of MAC addresses.', {
  ...identity('macRanges'),
  mac_range_group_id: id('the group that it is in'),
  begin_mac_address: macInteger('its first address'),
  end_mac_address: macInteger('its last address'),
  ...times,
})
