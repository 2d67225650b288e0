/** The addresses that may be given from a range group in a network, and the next free one of them. */
import { broadcastOf, type Row } from 'openvnet'

interface Range {
  readonly begin: number
  /** Belongs to the range. */
  readonly end: number
}

/** Ranges that do not overlap, ascending. */
export interface Pool {
  readonly ranges: readonly Range[]
  /** How many addresses there are in all. */
  readonly size: number
}

export type Order = Row<'ipRangeGroups'>['allocation_type']

/** Of a pool that is too large to be looked through, so many addresses are tried at random. */
const randomLookUpsMax = 512
/** Networks of more bits have neither a network nor a broadcast address (RFC 3021). */
const hostsOnlyPrefix = 31

/** What a network has for hosts: never its own address, its broadcast, or 0.0.0.0. */
function hostsOf({ ipv4_network, ipv4_prefix }: Row<'networks'>): Range {
  const last = broadcastOf(ipv4_network, ipv4_prefix)
  if (ipv4_prefix >= hostsOnlyPrefix) return { begin: Math.max(ipv4_network, 1), end: last }
  return { begin: ipv4_network + 1, end: last - 1 }
}

/** What the ranges have within the network; where they overlap, an address counts once. */
export function poolOf(network: Row<'networks'>, ranges: readonly Row<'ipRanges'>[]): Pool {
  const hosts = hostsOf(network)
  const within = ranges
    .map(({ begin_ipv4_address, end_ipv4_address }) => ({
      begin: Math.max(begin_ipv4_address, hosts.begin),
      end: Math.min(end_ipv4_address, hosts.end),
    }))
    .filter(({ begin, end }) => begin <= end)
    .sort((a, b) => a.begin - b.begin)
  const merged: { begin: number; end: number }[] = []
  for (const range of within) {
    const last = merged.at(-1)
    if (last === undefined || range.begin > last.end + 1) merged.push(range)
    else last.end = Math.max(last.end, range.end)
  }
  return { ranges: merged, size: merged.reduce((sum, { begin, end }) => sum + end - begin + 1, 0) }
}

/** The address at a place in the pool, from 0 up to its size. */
function addressAt({ ranges }: Pool, place: number): number {
  let left = place
  for (const { begin, end } of ranges) {
    if (left <= end - begin) return begin + left
    left -= end - begin + 1
  }
  throw new RangeError(`${place} is beyond the pool`)
}

/** How many addresses of the pool are at or below one. */
const countUpTo = ({ ranges }: Pool, address: number) =>
  ranges.reduce((sum, { begin, end }) => sum + Math.max(0, Math.min(end, address) - begin + 1), 0)

export interface Wish {
  readonly pool: Pool
  readonly order: Order
  /** The address that was given last, from where incremental and decremental go on, around the end of the pool. */
  readonly last: number | undefined
  /** Addresses that are looked at, one after the other. A thousand take a fifth of a millisecond, and some the first time. */
  readonly lookUpsMax: number
  isTaken(address: number): boolean
  /** A number from 0 up to 1. */
  random(): number
}

/** Where the search begins. */
function firstPlace({ pool, order, last, random }: Wish): number {
  if (order === 'random') return Math.floor(random() * pool.size)
  if (order === 'incremental') return last === undefined ? 0 : countUpTo(pool, last)
  return last === undefined ? pool.size - 1 : countUpTo(pool, last - 1) - 1
}

/** A free address; undefined: all are taken, or of a large pool so many that none was found. */
export function freeAddress(wish: Wish): number | undefined {
  const { pool, order, isTaken, lookUpsMax, random } = wish
  if (pool.size === 0) return undefined
  const step = order === 'decremental' ? -1 : 1
  let place = firstPlace(wish)
  for (let count = Math.min(pool.size, lookUpsMax); count > 0; count--, place += step) {
    const address = addressAt(pool, (place + pool.size) % pool.size)
    if (!isTaken(address)) return address
  }
  if (pool.size <= lookUpsMax) return undefined
  for (let count = 0; count < randomLookUpsMax; count++) {
    const address = addressAt(pool, Math.floor(random() * pool.size))
    if (!isTaken(address)) return address
  }
  return undefined
}
