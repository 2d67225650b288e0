/**
 * Next hops in a physical network: learned, asked for again, followed when they move, given up; and what neither guests nor
 * physical machines can make of that.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { arp, broadcast, datagram, ethernet } from '../support/frames.ts'
import { whereTheyArrive } from '../support/marked.ts'
import { eventually } from '../support/open-vswitch.ts'
import { reaches } from '../support/reach.ts'
import { routerMac } from '../support/requests.ts'
import {
  farAway,
  type OutNetwork,
  outside,
  type Red,
  red,
  redAddress,
  serverAddress,
  startOutNetwork,
} from '../support/routed-out.ts'
import { arriving, sendFrames } from '../support/wire.ts'

let network: OutNetwork
const machine = (name: Red) => network.lab.machine(name)
const openVswitch = (name: string) => network.lab.hypervisor(name).openVswitch
const ping = (name: Red, ...options: string[]) =>
  machine(name)
    .exec('ping', '-n', '-W', '5', ...options)
    .catch((error: Error) => error.message)
const learned = async (node = 'node1') =>
  (await openVswitch(node).ofctl('dump-flows', 'br0', 'table=53'))
    .split('\n')
    .filter((l) => l.includes('reg14'))
const serverKey = '0xc0a80a32'
/** As after 30 s: it is known, but not for sure. */
const age = (node = 'node1') =>
  openVswitch(node).ofctl(
    '--strict',
    'del-flows',
    'br0',
    `table=53,priority=110,reg0=1/0xffffff,reg14=${serverKey}`,
  )
const isFresh = async () =>
  (await learned()).some((line) => line.includes('priority=110') && line.includes(serverKey))

beforeAll(async () => {
  network = await startOutNetwork()
  for (const name of ['red1', 'red2', 'red3'] as const) await reaches(machine(name), serverAddress)
}, 60_000)
afterAll(() => network?.stop())
afterEach(() => network.check())

test('one that was learned a while ago serves on while it is asked for again', async () => {
  expect(await isFresh()).toBe(true)
  const asked = await arriving([network.server], `arp and arp[24:4] == ${serverKey}`, async () => {
    await age()
    expect(await isFresh()).toBe(false)
    expect(await ping('red1', '-c', '20', '-i', '0.02', serverAddress)).toContain('20 received')
  })
  expect(asked['server']!.length).toBeGreaterThan(0)
  expect(asked['server']!.length).toBeLessThan(4)
  expect(await isFresh()).toBe(true)
}, 60_000)

test('one that moves to another MAC address and says so is followed at once', async () => {
  const { server } = network
  const mac = '52:54:00:99:00:51'
  await server.exec('ip', 'link', 'set', 'eth0', 'address', mac)
  await server.exec('ip', 'route', 'replace', '10.1.0.0/24', 'via', outside.address)
  const say = ethernet(broadcast, mac, 0x0806, arp({ sha: mac, spa: serverAddress, tpa: serverAddress }))
  await sendFrames(server, [say])
  for (const name of ['red1', 'red2', 'red3'] as const)
    await eventually(`${name} to follow`, async () => (await machine(name).ping(serverAddress)) !== null)
  // What others say of addresses that nobody sends to is nothing to learn.
  const count = (await learned()).length
  await sendFrames(
    server,
    Array.from({ length: 50 }, (_, n) => {
      const spa = `192.168.10.${100 + n}`
      return ethernet(broadcast, mac, 0x0806, arp({ sha: mac, spa, tpa: spa }))
    }),
  )
  expect((await learned()).length).toBe(count)
}, 60_000)

test('a physical machine poses neither as a machine of a virtual network nor as the router', async () => {
  const { server } = network
  const to = (source: string) => (mark: string) =>
    datagram([outside.mac, server.mac], source, redAddress.red1, [7777, 7777], mark)
  expect(
    await whereTheyArrive(server, [machine('red1')], {
      own: to(serverAddress),
      far: to(farAway),
      red2: to(redAddress.red2),
      router: to(outside.address),
    }),
  ).toEqual({ own: ['red1'], far: ['red1'], red2: [], router: [] })
}, 60_000)

test('a guest that scans a physical network makes few questions, and keeps nobody waiting', async () => {
  const frames = Array.from({ length: 200 }, (_, n) =>
    datagram(
      [routerMac(red.number), machine('red1').mac],
      redAddress.red1,
      `192.168.10.${n < 45 ? 2 + n : 55 + n}`.replace(/\.2[1-5]\d$/, '.60'),
    ),
  )
  const wire = { name: 'node1', netns: network.lab.fabric, device: 'node1' }
  const unheardOf = '192.168.10.51'
  await network.server.exec('ip', 'address', 'add', `${unheardOf}/24`, 'dev', 'eth0')
  // The first packet into a tunnel may be lost.
  await reaches(machine('red3'), farAway)
  const forMs = 3_000
  const seen = await arriving([wire], 'arp and arp[6:2] == 1', async () => {
    const scan = sendFrames(machine('red1'), frames, { forMs, perSecond: 1_000 })
    // By the same hypervisor, to what has to be asked for first: that may take a while, and ping waits for no stragglers.
    expect(await ping('red3', '-c', '2', '-i', '1.5', unheardOf)).toContain(' 0% packet loss')
    expect(await ping('red2', '-c', '3', '-i', '0.2', serverAddress)).toContain(' 0% packet loss')
    await scan
  })
  // 20 a second and 40 at once, asked three times each.
  expect(seen['node1']!.length).toBeLessThan(3 * (40 + 20 * 4))
  expect((await learned()).length).toBeLessThan(200)
}, 60_000)

test('with the host dead, known ones serve on; a host that begins anew asks for others', async () => {
  await reaches(machine('red1'), serverAddress)
  await network.host.kill9()
  await age()
  expect(await ping('red1', '-c', '20', '-i', '0.05', serverAddress)).toContain('20 received')
  await network.host.start()
  await eventually('the host to ask', async () => {
    await machine('red1').ping(serverAddress)
    return isFresh()
  })
}, 60_000)

test('an interface that has an owner routes there alone', async () => {
  const { host } = network
  await host.api('PUT', '/interfaces/if-out?wait=applied', { owner_datapath_uuid: 'dp-node2' })
  const wires = ['node1', 'node2'].map((name) => ({ name, netns: network.lab.fabric, device: name }))
  const filter = `icmp[icmptype] == icmp-echo and dst ${serverAddress}`
  for (const name of ['red1', 'red2', 'red3'] as const) {
    await reaches(machine(name), serverAddress)
    const seen = await arriving(wires, filter, () => reaches(machine(name), serverAddress))
    expect({ name, at: [seen['node1']!.length, seen['node2']!.length] }).toEqual({ name, at: [0, 1] })
    expect(seen['node2']![0]!.slice(12, 24)).toBe(outside.mac.replaceAll(':', ''))
  }
  await machine('red1').exec('ip', 'link', 'set', 'eth0', 'mtu', '1500')
  const text = await ping('red1', '-c', '1', '-M', 'do', '-s', '1440', serverAddress)
  expect(text).toContain('Frag needed and DF set (mtu = 1458)')
  expect(await ping('red3', '-c', '1', '192.168.10.98')).toContain('Destination Host Unreachable')
  expect(await ping('red3', '-c', '1', '-t', '1', serverAddress)).toContain('Time to live exceeded')
}, 60_000)

test('one that answers no more is given up while its sender goes on, and found again', async () => {
  const { server } = network
  await server.exec('ip', 'link', 'set', 'eth0', 'arp', 'off')
  await age('node2')
  // Asked three times in three seconds, and then nobody waits for it.
  const text = await ping('red2', '-c', '50', '-i', '0.1', '-W', '1', serverAddress)
  expect(text).toContain('Destination Host Unreachable')
  const { server: seen } = await arriving([server], 'icmp', () =>
    ping('red2', '-c', '3', '-i', '0.1', '-W', '1', serverAddress),
  )
  expect(seen).toEqual([])
  await server.exec('ip', 'link', 'set', 'eth0', 'arp', 'on')
  await server.exec('ip', 'route', 'replace', '10.1.0.0/24', 'via', outside.address)
  await reaches(machine('red2'), serverAddress)
}, 60_000)
