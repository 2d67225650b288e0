import { expect, test } from 'bun:test'
import { parseIpv4, type Row } from '../../runtime/openvnet.ts'
import { freeAddress, type Order, type Pool, poolOf } from './pool.ts'

const ip = (text: string) => parseIpv4(text)!
const network = (text: string, ipv4_prefix: number) =>
  ({ ipv4_network: ip(text), ipv4_prefix }) as Row<'networks'>
const range = (begin: number, end: number) =>
  ({ begin_ipv4_address: begin, end_ipv4_address: end }) as Row<'ipRanges'>
const lookUpsMax = 2_048
const orders: readonly Order[] = ['incremental', 'decremental', 'random']

/** The same numbers in every run with the same seed. */
function randomFrom(seed: number) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Every address of a pool, the plain way. */
const membersOf = ({ ranges }: Pool) =>
  ranges.flatMap(({ begin, end }) => Array.from({ length: end - begin + 1 }, (_, at) => begin + at))

function randomPool(random: () => number) {
  const below = (count: number) => Math.floor(random() * count)
  const prefix = 24 + below(9)
  const base = ip('10.0.0.0')
  const size = 2 ** (32 - prefix)
  // Some of the ranges begin before the network, overlap, or end after it.
  const ranges = Array.from({ length: below(5) }, () => {
    const begin = base - 4 + below(size + 8)
    return range(begin, begin + below(size))
  })
  return { base, size, prefix, ranges, pool: poolOf(network('10.0.0.0', prefix), ranges) }
}

test('a pool is what the ranges and the hosts of the network have in common, each once', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const { base, size, prefix, ranges, pool } = randomPool(randomFrom(seed))
    const reserved = prefix < 31 ? [base, base + size - 1] : []
    const expected = Array.from({ length: size }, (_, at) => base + at).filter(
      (address) =>
        !reserved.includes(address) &&
        ranges.some((one) => one.begin_ipv4_address <= address && address <= one.end_ipv4_address),
    )
    expect([seed, membersOf(pool)]).toEqual([seed, expected])
    expect(pool.size).toBe(expected.length)
  }
})

test.each(orders)('%s gives every address once, and then none, whatever is taken before', (order) => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = randomFrom(seed)
    const { pool } = randomPool(random)
    const members = membersOf(pool)
    const taken = new Set(members.filter(() => random() < 0.3))
    const expected = members.filter((address) => !taken.has(address))
    const given: number[] = []
    let last: number | undefined
    for (;;) {
      const address = freeAddress({ pool, order, last, isTaken: (one) => taken.has(one), lookUpsMax, random })
      if (address === undefined) break
      expect(taken.has(address)).toBe(false)
      taken.add(address)
      given.push(address)
      last = address
    }
    expect([seed, given.toSorted((a, b) => a - b)]).toEqual([seed, expected])
    if (order === 'incremental') expect(given).toEqual(expected)
    if (order === 'decremental') expect(given).toEqual(expected.toReversed())
  }
})

test('the next address is the one after the last, around the end, and not the one that was freed', () => {
  const pool = poolOf(network('10.0.0.0', 24), [range(ip('10.0.0.10'), ip('10.0.0.13'))])
  const next = (order: Order, last: string, ...taken: string[]) =>
    freeAddress({
      pool,
      order,
      last: ip(last),
      isTaken: (one) => taken.map(ip).includes(one),
      lookUpsMax,
      random: () => 0,
    })
  expect(next('incremental', '10.0.0.11', '10.0.0.11')).toBe(ip('10.0.0.12'))
  expect(next('incremental', '10.0.0.13', '10.0.0.13')).toBe(ip('10.0.0.10'))
  expect(next('incremental', '10.0.0.99')).toBe(ip('10.0.0.10'))
  expect(next('incremental', '10.0.0.1')).toBe(ip('10.0.0.10'))
  expect(next('decremental', '10.0.0.11', '10.0.0.11')).toBe(ip('10.0.0.10'))
  expect(next('decremental', '10.0.0.10', '10.0.0.10')).toBe(ip('10.0.0.13'))
  expect(next('decremental', '10.0.0.1')).toBe(ip('10.0.0.13'))
  expect(next('decremental', '10.0.0.99')).toBe(ip('10.0.0.13'))
})

test('random addresses are spread over the pool', () => {
  const pool = poolOf(network('10.0.0.0', 24), [range(ip('10.0.0.1'), ip('10.0.0.254'))])
  const random = randomFrom(7)
  const given = Array.from({ length: 200 }, () =>
    freeAddress({ pool, order: 'random', last: undefined, isTaken: () => false, lookUpsMax, random }),
  )
  expect(new Set(given).size).toBeGreaterThan(100)
})

test('a pool of millions is found an address in, in few look-ups, unless nearly all are taken', () => {
  const pool = poolOf(network('10.0.0.0', 8), [range(ip('10.0.0.0'), ip('10.255.255.255'))])
  expect(pool.size).toBe(2 ** 24 - 2)
  let lookUps = 0
  const below = (text: string) => (address: number) => ++lookUps > 0 && address < ip(text)
  const find = (order: Order, isTaken: (address: number) => boolean) =>
    freeAddress({ pool, order, last: undefined, isTaken, lookUpsMax, random: randomFrom(3) })
  expect(find('incremental', below('10.1.0.0'))).toBeGreaterThanOrEqual(ip('10.1.0.0'))
  expect(find('random', below('10.240.0.0'))).toBeGreaterThanOrEqual(ip('10.240.0.0'))
  lookUps = 0
  expect(find('decremental', below('11.0.0.0'))).toBeUndefined()
  expect(lookUps).toBeLessThan(2 * lookUpsMax)
})
