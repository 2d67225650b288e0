/** MAC addresses that are given from range groups. */
import { ApiError, argumentError, type Draft, type Row } from 'openvnet'
import { freeMacOfGroup, sizeOfMacGroup } from '../../state/macs.ts'

/** A free address of a group. */
export function macOfGroup(
  draft: Draft,
  group: Row<'macRangeGroups'>,
  random: () => number,
  parameter = 'mac_range_group_uuid',
): number {
  const address = freeMacOfGroup(draft, group.id, random)
  if (address !== undefined) return address
  const size = sizeOfMacGroup(draft, group.id)
  if (size === 0) throw argumentError(`${parameter}: ${group.uuid} has no range`)
  throw new ApiError('AddressInUse', `${parameter}: of the ${size} addresses of ${group.uuid} none is free`)
}
