/** Groups of IP ranges as the API answers them. */
import { answer, ipAllocationTypes } from 'openvnet'
import { identity, times } from '../common/fields.ts'

const { id, ipv4Integer, oneOf, shape } = answer

export const ipRangeGroup = shape(
  'IpRangeGroup',
  'A group of IP ranges, which lease policies give addresses of.',
  {
    ...identity('ipRangeGroups'),
    allocation_type: oneOf(ipAllocationTypes, 'which free address is given next'),
    ...times,
  },
)

export const ipRange = shape('IpRange', 'A range of IP addresses.', {
  ...identity('ipRanges'),
  ip_range_group_id: id('the group that it is in'),
  begin_ipv4_address: ipv4Integer('its first address'),
  end_ipv4_address: ipv4Integer('its last address'),
  ...times,
})
