/** MAC range groups: the addresses that interfaces, and what topologies make, are given at random. */
import { parameter } from 'openvnet'
import { type RangeKind, rangeGroups } from '../ranges/operations.ts'
import { macRange, macRangeGroup } from './present.ts'

const { described, mac, optional, text } = parameter

export const macRanges: RangeKind = {
  word: 'mac',
  name: 'MAC',
  groups: 'macRangeGroups',
  ranges: 'macRanges',
  address: 'mac_address',
  allocation: described(
    optional(text),
    'any text, random by default; addresses are given at random whatever it says',
  ),
  bounds: {
    begin_mac_address: described(mac, 'its first address, xx:xx:xx:xx:xx:xx'),
    end_mac_address: described(mac, 'its last address, xx:xx:xx:xx:xx:xx'),
  },
  answers: { group: macRangeGroup, range: macRange },
  summaries: {
    remove: 'Deletes a group of MAC ranges; what is leased of it stays.',
    addRange: 'Adds a range to a group.',
  },
}

export const macRangeGroups = rangeGroups(macRanges)
