/** MAC addresses that are given from range groups. */
import { ApiError, argumentError, type Draft, isMulticastMac, type Row } from 'openvnet'
import { isMacTaken } from './addresses.ts'

/** Addresses that are looked at, one by one from a random one on. */
const lookUpsMax = 65_536

const sizeOf = ({ begin_mac_address, end_mac_address }: Row<'macRanges'>) =>
  end_mac_address - begin_mac_address + 1

/** The address at a place among all of the ranges. */
function addressAt(ranges: readonly Row<'macRanges'>[], place: number): number {
  let left = place
  for (const range of ranges) {
    if (left < sizeOf(range)) return range.begin_mac_address + left
    left -= sizeOf(range)
  }
  throw new RangeError(`${place} is beyond the ranges`)
}

const isStation = (address: number) => address !== 0 && !isMulticastMac(address)

/** A free address of a group, looked for from a random one on; groups' addresses and zero are none of a station. */
export function macOfGroup(
  draft: Draft,
  group: Row<'macRangeGroups'>,
  random: () => number,
  parameter = 'mac_range_group_uuid',
): number {
  const ranges = draft.macRanges.many('group', group.id)
  const size = ranges.reduce((sum, range) => sum + sizeOf(range), 0)
  if (size === 0) throw argumentError(`${parameter}: ${group.uuid} has no range`)
  let place = Math.floor(random() * size)
  for (let count = Math.min(size, lookUpsMax); count > 0; count--, place = (place + 1) % size) {
    const address = addressAt(ranges, place)
    if (isStation(address) && !isMacTaken(draft, address)) return address
  }
  throw new ApiError('AddressInUse', `${parameter}: of the ${size} addresses of ${group.uuid} none is free`)
}
