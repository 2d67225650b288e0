/** MAC addresses for what was given none: any that is free, or one of a range group. */
import { ApiError, type Draft, isMulticastMac, type Row } from 'openvnet'

/** Where MAC addresses are: physical switches see them all, so each is in one of these once. */
const tables = [
  'macLeases',
  'datapathNetworks',
  'datapathSegments',
  'datapathRouteLinks',
  'routeLinks',
] as const
type MacTable = (typeof tables)[number]

/** The one way in which all of them are read; the union of the tables' own types is too wide to call. */
const table = (draft: Draft, name: MacTable) =>
  draft[name] as unknown as Record<'one' | 'glance', (index: 'macAddress', address: number) => unknown>

/** Whether the system itself uses an address: for a route link, or for what spans a datapath. */
export const isInfrastructureMac = (draft: Draft, address: number): boolean =>
  tables.some((name) => name !== 'macLeases' && table(draft, name).one('macAddress', address) !== undefined)

const isFree = (draft: Draft, address: number) =>
  tables.every((name) => table(draft, name).one('macAddress', address) === undefined)

/** Whether an address is used anywhere. Looking alone does not guard the commit; whoever takes it checks it. */
const isSeenTaken = (draft: Draft, address: number) =>
  tables.some((name) => table(draft, name).glance('macAddress', address) !== undefined)

const attemptsMax = 20
/** The second bit of the first octet: an address that no vendor has given out. */
const locallyAdministered = 0x0200_0000_0000
const freeBits = 2 ** 40

/** A random MAC address, locally administered and used nowhere. */
export function freeMac(draft: Draft, random: () => number): number {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const address = locallyAdministered + Math.floor(random() * freeBits)
    if (isFree(draft, address)) return address
  }
  throw new ApiError('Unavailable', `no free MAC address was found in ${attemptsMax} attempts`)
}

/** Addresses of a group that are looked at, one by one from a random one on. */
const lookUpsMax = 65_536

type MacRange = Row<'macRanges'>
const sizeOf = ({ begin_mac_address, end_mac_address }: MacRange) => end_mac_address - begin_mac_address + 1

/** How many addresses a group has, free or not. */
export const sizeOfMacGroup = (draft: Draft, groupId: number): number =>
  draft.macRanges.many('group', groupId).reduce((sum, range) => sum + sizeOf(range), 0)

/** The address at a place among all of the ranges. */
function addressAt(ranges: readonly MacRange[], place: number): number {
  let left = place
  for (const range of ranges) {
    if (left < sizeOf(range)) return range.begin_mac_address + left
    left -= sizeOf(range)
  }
  throw new RangeError(`${place} is beyond the ranges`)
}

const isStation = (address: number) => address !== 0 && !isMulticastMac(address)

/** A free address of a group, looked for from a random one on; groups' addresses and zero are none of a station. Undefined: none is free. */
export function freeMacOfGroup(draft: Draft, groupId: number, random: () => number): number | undefined {
  const ranges = draft.macRanges.many('group', groupId)
  const size = sizeOfMacGroup(draft, groupId)
  let place = Math.floor(random() * size)
  for (let count = Math.min(size, lookUpsMax); count > 0; count--, place = (place + 1) % size) {
    const address = addressAt(ranges, place)
    if (isStation(address) && !isSeenTaken(draft, address) && isFree(draft, address)) return address
  }
  return undefined
}
