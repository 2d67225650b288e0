/** IP range groups: the addresses that lease policies give, and in which order. */
import { ipAllocationTypes, parameter } from 'openvnet'
import { type RangeKind, rangeGroups } from '../ranges/operations.ts'
import { ipRange, ipRangeGroup } from './present.ts'

const { described, ipv4, oneOf, optional } = parameter

export const ipRanges: RangeKind = {
  word: 'ip',
  name: 'IP',
  groups: 'ipRangeGroups',
  ranges: 'ipRanges',
  address: 'ipv4_address',
  allocation: described(
    optional(oneOf(ipAllocationTypes)),
    'which free address is given next: the one after the last, the one before it, or any; incremental by default',
  ),
  bounds: {
    begin_ipv4_address: described(ipv4, 'its first address, a.b.c.d'),
    end_ipv4_address: described(ipv4, 'its last address, a.b.c.d'),
  },
  answers: { group: ipRangeGroup, range: ipRange },
  summaries: {
    remove: 'Deletes a group of IP ranges; lease policies give no more of it, what is leased stays.',
    addRange:
      'Adds a range to a group. What a network has no hosts for is left out when addresses are given.',
  },
}

export const ipRangeGroups = rangeGroups(ipRanges)
