/** How networks cross the physical network: what is on the wire, how much of it, and whether streams of bytes survive. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import type { Machine } from '../../cli/lab/machine.ts'
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { reaches } from '../support/reach.ts'
import { type NetworkPlan, networkRequests } from '../support/requests.ts'
import { transfer } from '../support/tcp.ts'
import { arriving, type Place } from '../support/wire.ts'
import { planOf } from './flows/plan.ts'

const kinds: readonly (NetworkPlan & { mtu: number; filter: string; key: RegExp })[] = [
  { name: 'plain', number: 1, mtu: 1458, filter: 'ip proto 47', key: /^.{68}20006558(.{8})/ },
  {
    name: 'gre',
    number: 2,
    encapsulation: 'gre',
    mtu: 1458,
    filter: 'ip proto 47',
    key: /^.{68}20006558(.{8})/,
  },
  {
    name: 'vxlan',
    number: 3,
    encapsulation: 'vxlan',
    mtu: 1450,
    filter: 'udp dst port 4789',
    key: /^.{84}08000000(.{6})00/,
  },
  {
    name: 'geneve',
    number: 4,
    encapsulation: 'geneve',
    mtu: 1450,
    filter: 'udp dst port 6081',
    key: /^.{84}00006558(.{6})00/,
  },
]
const names = kinds.map(({ name }) => name)
const plan = planOf({
  node1: names.map((name) => `${name}1`),
  node2: ['plain2', 'vxlan2'],
  node3: names.map((name) => `${name}3`),
})
const megabytes = 16

let network: Network
const machine = (name: string) => network.lab.machine(name)
const addresses = new Map<string, string>()
const addressOf = (name: string) => addresses.get(name)!
/** What node 1 puts onto the physical network. */
const wire = (): Place & { name: 'wire' } => ({ name: 'wire', netns: network.lab.fabric, device: 'node1' })
const macHex = ({ mac }: Machine) => mac.replaceAll(':', '')

/** A ping that may not be fragmented, of so many bytes of IP in all. */
const wholePing = (from: Machine, to: string, bytes: number) =>
  from.exec('ping', '-n', '-c', '1', '-W', '0.5', '-M', 'do', '-s', `${bytes - 28}`, to).then(
    () => true,
    () => false,
  )

beforeAll(async () => {
  network = await startNetwork(plan, [
    ...physicalRequests(plan),
    ...kinds.flatMap((kind) => networkRequests(plan, kind)),
  ])
  await Promise.all(
    network.lab.machines.map(async (one) => addresses.set(one.name, (await one.dhcp()).address)),
  )
}, 60_000)
afterAll(() => network?.stop())
afterEach(() => network.check())

describe.each(kinds)('$name', ({ name, mtu, filter, key }) => {
  test('is what the packets are in that cross the router, and the whole packet fits', async () => {
    const [one, three] = [machine(`${name}1`), machine(`${name}3`)]
    const target = addressOf(three.name)
    await reaches(one, target)
    const mtuOf = await one.exec('cat', '/sys/class/net/eth0/mtu')
    expect(Number(mtuOf)).toBe(mtu)
    const { wire: frames } = await arriving([wire()], '', async () => {
      expect(await wholePing(one, target, mtu)).toBe(true)
    })
    const own = frames!.filter((frame) => frame.includes(macHex(one)))
    expect(own).toHaveLength(1)
    expect(key.exec(own[0]!)).not.toBeNull()
    // The outer packet fills what the physical network carries.
    expect(own[0]!.length / 2).toBe(14 + 1500)
    const { wire: again } = await arriving([wire()], filter, () => reaches(one, target))
    expect(again!.filter((frame) => frame.includes(macHex(one)))).toHaveLength(1)
  })

  test('carries not a byte more than was announced', async () => {
    const [one, three] = [machine(`${name}1`), machine(`${name}3`)]
    for (const { netns } of [one, three])
      Bun.spawnSync(['ip', '-n', netns, 'link', 'set', 'eth0', 'mtu', '1500'])
    try {
      expect(await wholePing(one, addressOf(three.name), mtu + 1)).toBe(false)
      expect(await wholePing(one, addressOf(three.name), mtu)).toBe(true)
    } finally {
      for (const { netns } of [one, three])
        Bun.spawnSync(['ip', '-n', netns, 'link', 'set', 'eth0', 'mtu', `${mtu}`])
    }
  })

  test('carries a stream of bytes across the router', async () => {
    const [one, three] = [machine(`${name}1`), machine(`${name}3`)]
    const { ms } = await transfer(one, three, addressOf(three.name), megabytes * 1e6)
    expect(ms).toBeLessThan(20_000)
  }, 40_000)
})

describe.each(['plain', 'vxlan'])('%s on one physical network', (name) => {
  test('is carried as it is', async () => {
    const [one, two] = [machine(`${name}1`), machine(`${name}2`)]
    await reaches(one, addressOf(two.name))
    const { wire: frames } = await arriving([wire()], '', () => reaches(one, addressOf(two.name)))
    const own = frames!.filter((frame) => frame.includes(macHex(one)))
    expect(own).toHaveLength(1)
    expect(own[0]!.startsWith(macHex(two) + macHex(one))).toBe(true)
    await transfer(one, two, addressOf(two.name), megabytes * 1e6)
  }, 40_000)
})

test('each network has a key of its own', async () => {
  const keys = new Set<number>()
  for (const { name, key } of kinds) {
    const { wire: frames } = await arriving([wire()], '', () =>
      reaches(machine(`${name}1`), addressOf(`${name}3`)),
    )
    const found = frames!.flatMap((frame) => key.exec(frame)?.[1] ?? [])
    expect(new Set(found).size).toBe(1)
    keys.add(Number.parseInt(found[0]!, 16))
  }
  expect(keys.size).toBe(kinds.length)
}, 30_000)
