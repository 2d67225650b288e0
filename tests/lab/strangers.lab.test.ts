/**
 * Machines that the state does not know, and routers: red is VLAN 100 behind node 1, and later VLAN 200 behind node 3;
 * nobody else of it is anywhere. Node 2 is on the same wire as node 1, node 3 behind a router.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { main } from '../../cli/vnctl/main.ts'
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { agreedTrace } from '../support/agreed-trace.ts'
import { arp, broadcast, datagram, ethernet } from '../support/frames.ts'
import { type LegacySwitch, startLegacySwitch } from '../support/legacy-switch.ts'
import { whereTheyArrive } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { networkRequests, routerMac, routerRequests, trunkRequests } from '../support/requests.ts'
import { arriving, type Place, sendFrames } from '../support/wire.ts'
import { planOf } from './flows/plan.ts'

let network: Network
let [near, far]: LegacySwitch[] = []
const machine = (name: string) => network.lab.machine(name)
const plan = planOf({
  node1: ['red1', 'green1'],
  node2: ['green2', 'blue2'],
  node3: ['green3', 'blue3'],
})
const red = { name: 'red', number: 1, subnet: '10.1.0' }
const green = { name: 'green', number: 2, subnet: '10.2.0' }
const blue = { name: 'blue', number: 3, subnet: '10.3.0' }
const greens = ['green1', 'green2', 'green3'] as const
const oldMac = '00:1b:21:00:00:01'
const otherMac = '00:1b:21:00:00:02'
const newMac = '00:1b:21:00:00:05'

beforeAll(async () => {
  network = await startNetwork(plan, [
    ...physicalRequests(plan),
    ...networkRequests(plan, red),
    ...networkRequests(plan, green),
    ...networkRequests(plan, blue),
    ...routerRequests('one', [red, green]),
    ...trunkRequests('node1', 'trunk1', { 100: 'red' }),
  ])
  near = await startLegacySwitch('near', [
    { name: 'old', mac: oldMac, vlan: 100, address: '10.1.0.50/24' },
    { name: 'new', mac: newMac, vlan: 100 },
    { name: 'other', mac: otherMac, vlan: 100, address: '10.1.0.51/24' },
    { name: 'grey', mac: '00:1b:21:00:00:04', vlan: 300, address: '10.1.0.53/24' },
  ])
  far = await startLegacySwitch('far', [
    { name: 'distant', mac: '00:1b:21:00:00:03', vlan: 200, address: '10.1.0.52/24' },
  ])
  await near.trunk(network.lab.hypervisor('node1'), 'trunk1')
  await far.trunk(network.lab.hypervisor('node3'), 'trunk3')
  await Promise.all(network.lab.machines.map((one) => one.dhcp()))
  for (const one of ['old', 'other', 'grey'].map((name) => near!.machine(name)))
    await one.exec('ip', 'route', 'add', 'default', 'via', '10.1.0.1')
  await far.machine('distant').exec('ip', 'route', 'add', 'default', 'via', '10.1.0.1')
}, 60_000)
afterAll(async () => {
  await Promise.all([near, far].map((one) => one?.stop()))
  await network?.stop()
})
afterEach(() => network.check())

test('they are routed to and from other networks, wherever those are; others are not', async () => {
  for (const name of greens) {
    await reaches(machine(name), '10.1.0.50')
    await reaches(near!.machine('other'), `10.2.0.${11 + greens.indexOf(name)}`)
  }
  // A trace goes the same way: by way of the datapath that asks, and out of the trunk.
  const { hops } = await agreedTrace(network, 'if-green2', 'icmp,dst=10.1.0.50')
  expect(hops.map(({ datapath_uuid }) => datapath_uuid)).toEqual(['dp-node2', 'dp-node1'])
  // Behind another VLAN, and in a network that no router joins to this one.
  expect(await isSilent(machine('green2'), '10.1.0.53')).toBe(true)
  expect(await isSilent(machine('blue2'), '10.1.0.50')).toBe(true)
}, 60_000)

/** ARP requests that arrive at machines. */
const questionsAt = (places: readonly Place[], during: () => Promise<unknown>) =>
  arriving(places, 'arp[6:2] == 1 and ether src 02:00:00:01:01:01', during)

test('a hop is counted once, and each question and packet is where it belongs', async () => {
  const hops = (mark: string) =>
    datagram([routerMac(2), machine('green3').mac], '10.2.0.13', '10.1.0.50', [7777, 7777], mark)
  const places = [...network.lab.machines, ...['old', 'other', 'grey'].map((name) => near!.machine(name))]
  const seen = await arriving(places, 'udp port 7777', () =>
    sendFrames(machine('green3'), [hops('6d61726b0001')]),
  )
  const arrived = Object.entries(seen).filter(([, frames]) => frames.length > 0)
  expect(arrived.map(([name]) => name)).toEqual(['old'])
  const ttlAt = 2 * (14 + 8)
  expect(arrived[0]![1].map((frame) => frame.slice(ttlAt, ttlAt + 2))).toEqual(['3f'])
  const asked = await questionsAt(
    ['green1', 'green2', 'blue2', 'blue3'].map(machine).concat(near!.machine('other'), near!.machine('grey')),
    () =>
      machine('green2')
        .exec('ping', '-n', '-c', '1', '-W', '1', '10.1.0.99')
        .catch(() => {}),
  )
  expect({ ...asked, other: asked['other']!.length > 0 }).toEqual({
    ...{ green1: [], green2: [], blue2: [], blue3: [], grey: [] },
    other: true,
  })
}, 60_000)

test('who does not answer is told of, and asked for a few times only', async () => {
  const lost = async (name: string, address: string) =>
    machine(name).exec('ping', '-n', '-c', '1', '-W', '5', address).catch(String)
  const asked = await questionsAt([near!.machine('other')], async () => {
    for (const name of ['green1', 'green3'])
      expect(await lost(name, '10.1.0.98')).toContain('From 10.2.0.1 icmp_seq=1 Destination Host Unreachable')
  })
  expect(asked['other']!.filter((frame) => frame.includes('0a010062')).length).toBeLessThanOrEqual(3)
}, 60_000)

interface Interfaces {
  readonly items: readonly { readonly mac_address?: string }[]
}
const leased = async () =>
  ((await network.host.api('GET', '/interfaces?limit=100')) as Interfaces).items.find(
    ({ mac_address }) => mac_address === newMac,
  )

test('who asks by DHCP gets an address only where a lease policy has some for machines behind the port', async () => {
  const api = (path: string, body: object = {}) => network.host.api('POST', `${path}?wait=applied`, body)
  const newcomer = near!.machine('new')
  await reaches(near!.machine('other'), '10.1.0.11')
  const asked = newcomer.exec(
    'udhcpc',
    '-i',
    'eth0',
    '-f',
    '-n',
    '-q',
    '-s',
    '/bin/true',
    '-t',
    '2',
    '-T',
    '1',
  )
  await expect(asked).rejects.toThrow()
  await api('/ip_range_groups', { uuid: 'iprg-old' })
  await api('/ip_range_groups/iprg-old/ip_ranges', {
    begin_ipv4_address: '10.1.0.200',
    end_ipv4_address: '10.1.0.200',
  })
  await api('/lease_policies', { uuid: 'lp-old', timing: 'dhcp' })
  await api('/lease_policies/lp-old/networks/nw-red', { ip_range_group_uuid: 'iprg-old' })
  await api('/lease_policies/lp-old/interfaces/if-trunk1')
  await api('/ip_lease_containers', { uuid: 'ilc-old' })
  await api('/lease_policies/lp-old/ip_lease_containers/ilc-old')
  await api('/ip_retention_containers', { uuid: 'irc-old', lease_time: 3_600, grace_time: 60 })
  await api('/lease_policies/lp-old/ip_retention_containers/irc-old')
  const { address, options } = await newcomer.dhcp()
  expect([address, options['router']]).toEqual(['10.1.0.200', '10.1.0.1'])
  expect(await leased()).toMatchObject({ mode: 'vif', lease_policy_uuid: 'lp-old', ipv4_address: address })
  await newcomer.exec('ip', 'route', 'replace', 'default', 'via', '10.1.0.1')
  for (const name of greens) await reaches(machine(name), '10.1.0.200')
  await reaches(newcomer, '10.2.0.13')
  // It is nobody's to describe.
  let described = ''
  const out = {
    out: (text: string) => void (described += text),
    error: (text: string) => void (described += text),
  }
  expect(await main(['export', '--api', network.host.apiUrl], {}, false, out)).toBe(0)
  expect(described).toContain('if-trunk1')
  for (const unsaid of [newMac, 'ipv4_address: 10.1.0.200\n    mac', 'ip_leases:\n      - '])
    expect(described).not.toContain(unsaid)
  // The same again, and no other for anybody: there is one. What is leased is nobody else's.
  expect((await newcomer.dhcp()).address).toBe('10.1.0.200')
  const spoofed = (source: string) => (mark: string) =>
    datagram([machine('red1').mac, source], '10.1.0.200', '10.1.0.11', [7777, 7777], mark)
  expect(await whereTheyArrive(newcomer, [machine('red1')], { own: spoofed(newMac) })).toEqual({
    own: ['red1'],
  })
  expect(
    await whereTheyArrive(near!.machine('other'), [machine('red1')], { posing: spoofed(otherMac) }),
  ).toEqual({
    posing: [],
  })
}, 60_000)

test('behind a second edge, at another datapath, too; with the same machine there instead', async () => {
  expect(await isSilent(machine('green3'), '10.1.0.52')).toBe(true)
  for (const { method, path, body } of trunkRequests('node3', 'trunk3', { 200: 'red' }))
    await network.host.api(method, `${path}?wait=applied`, body)
  for (const name of greens) await reaches(machine(name), '10.1.0.52')
  await near!.move(near!.machine('old'), far!, 200)
  for (const name of greens) await reaches(machine(name), '10.1.0.50')
  await reaches(machine('green2'), '10.1.0.51')
}, 60_000)

test('who has another MAC address is found under it once that is said', async () => {
  const other = near!.machine('other')
  await other.exec('ip', 'link', 'set', 'eth0', 'address', '00:1b:21:00:00:12')
  await other.exec('ip', 'route', 'replace', 'default', 'via', '10.1.0.1')
  await sendFrames(other, [
    ethernet(
      broadcast,
      '00:1b:21:00:00:12',
      0x0806,
      arp({ sha: '00:1b:21:00:00:12', spa: '10.1.0.51', tpa: '10.1.0.51' }),
    ),
  ])
  for (const name of greens) await reaches(machine(name), '10.1.0.51')
}, 60_000)

test('with every host dead those who are known are routed to', async () => {
  await network.host.kill9()
  for (const name of greens) await reaches(machine(name), '10.1.0.51')
  await network.host.start()
}, 60_000)

test('without an edge nobody is asked, and senders are told at once', async () => {
  for (const port of ['trunk1', 'trunk3'])
    await network.host.api('DELETE', `/interfaces/if-${port}?wait=applied`)
  const asked = await questionsAt([machine('red1')], async () => {
    const lost = await machine('green3').exec('ping', '-n', '-c', '1', '-W', '2', '10.1.0.51').catch(String)
    expect(lost).toContain('From 10.2.0.1 icmp_seq=1 Destination Host Unreachable')
  })
  expect(asked).toEqual({ red1: [] })
  await reaches(machine('green3'), '10.1.0.11')
}, 60_000)
