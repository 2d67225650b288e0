/**
 * Legacy machines that the state knows, and machines that move: red is VLAN 100 behind node 1 and VLAN 200 behind node 3,
 * each a legacy switch of its own. Green is routed to red.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { broadcast, datagram } from '../support/frames.ts'
import { type LegacySwitch, startLegacySwitch } from '../support/legacy-switch.ts'
import { nowhere, whereTheyArrive } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { networkRequests, routerMac, routerRequests, trunkRequests } from '../support/requests.ts'
import { planOf } from './flows/plan.ts'

let network: Network
let [near, far]: LegacySwitch[] = []
const machine = (name: string) => network.lab.machine(name)
const plan = planOf({ node1: ['red1'], node2: ['red2', 'green2'], node3: ['red3'] })
const red = { name: 'red', number: 1, subnet: '10.1.0' }
const green = { name: 'green', number: 2, subnet: '10.2.0' }
const knownMac = '00:1b:21:00:00:01'
const otherMac = '00:1b:21:00:00:02'
const farMac = '00:1b:21:00:00:03'

beforeAll(async () => {
  network = await startNetwork(plan, [
    ...physicalRequests(plan),
    ...networkRequests(plan, red),
    ...networkRequests(plan, green),
    ...routerRequests('one', [red, green]),
    ...trunkRequests('node1', 'trunk1', { 100: 'red' }),
    {
      method: 'POST',
      path: '/interfaces',
      body: {
        uuid: 'if-known',
        mode: 'vif',
        network_uuid: 'nw-red',
        mac_address: knownMac,
        ipv4_address: '10.1.0.50',
      },
    },
  ])
  near = await startLegacySwitch('near', [
    { name: 'known', mac: knownMac, vlan: 100 },
    { name: 'other', mac: otherMac, vlan: 100, address: '10.1.0.51/24' },
  ])
  far = await startLegacySwitch('far', [{ name: 'distant', mac: farMac, vlan: 200, address: '10.1.0.52/24' }])
  await near.trunk(network.lab.hypervisor('node1'), 'trunk1')
  await far.trunk(network.lab.hypervisor('node3'), 'trunk3')
  await Promise.all(['red1', 'red2', 'red3', 'green2'].map((name) => machine(name).dhcp()))
}, 60_000)
afterAll(async () => {
  await Promise.all([near, far].map((one) => one?.stop()))
  await network?.stop()
})
afterEach(() => network.check())

test('one that the state knows gets its address by DHCP, and is routed to; others get none', async () => {
  const { address, options } = await near!.machine('known').dhcp()
  expect([address, options['router']]).toEqual(['10.1.0.50', '10.1.0.1'])
  await reaches(near!.machine('known'), '10.1.0.12')
  await near!.machine('known').exec('ip', 'route', 'replace', 'default', 'via', '10.1.0.1')
  await reaches(machine('green2'), '10.1.0.50')
  await reaches(near!.machine('known'), '10.2.0.11')
  const lost = await near!.machine('known').exec('ping', '-n', '-c', '1', '-W', '2', '10.9.0.1').catch(String)
  expect(lost).toContain('From 10.1.0.1 icmp_seq=1 Destination Net Unreachable')
}, 60_000)

test('what is too large for machines of the network is told, or goes in pieces; legacy machines get it whole', async () => {
  const ping = (address: string, ...options: string[]) =>
    near!
      .machine('other')
      .exec('ping', '-n', '-c', '1', '-W', '2', '-s', '1472', ...options, address)
      .catch((error: Error) => error.message)
  await reaches(near!.machine('other'), '10.1.0.13')
  await near!.machine('known').exec('ip', 'link', 'set', 'eth0', 'mtu', '1500')
  expect(await ping('10.1.0.50', '-M', 'do')).toContain('1 received')
  for (const address of ['10.1.0.11', '10.1.0.12', '10.1.0.13']) {
    expect(await ping(address, '-M', 'dont')).toContain('1 received')
    expect(await ping(address, '-M', 'do')).toContain(
      `From ${address} icmp_seq=1 Frag needed and DF set (mtu = 1458)`,
    )
  }
}, 60_000)

test('nobody else has its address', async () => {
  const to = machine('red2').mac
  const frame = (from: string, address: string) => (mark: string) =>
    datagram([to, from], address, '10.1.0.12', [7777, 7777], mark)
  const places = [machine('red2')]
  const spoofed = { 'from another machine': frame(otherMac, '10.1.0.50') }
  const control = { control: frame(otherMac, '10.1.0.51') }
  expect(await whereTheyArrive(near!.machine('other'), places, { ...spoofed, ...control })).toEqual({
    ...nowhere(spoofed),
    control: ['red2'],
  })
  // Through the router neither.
  const routed = (address: string) => (mark: string) =>
    datagram([routerMac(1), otherMac], address, '10.2.0.11', [7777, 7777], mark)
  expect(
    await whereTheyArrive(near!.machine('other'), [machine('green2')], {
      spoofed: routed('10.1.0.50'),
      control: routed('10.1.0.51'),
    }),
  ).toEqual({ spoofed: [], control: ['green2'] })
}, 60_000)

test('a second VLAN of the network, behind another port: all are together, and nothing comes twice', async () => {
  expect(await isSilent(far!.machine('distant'), '10.1.0.51')).toBe(true)
  for (const { method, path, body } of trunkRequests('node3', 'trunk3', { 200: 'red' }))
    await network.host.api(method, `${path}?wait=applied`, body)
  await reaches(far!.machine('distant'), '10.1.0.51')
  await reaches(machine('red2'), '10.1.0.52')
  await reaches(machine('red2'), '10.1.0.51')
  const places = [
    ...['red1', 'red2', 'red3', 'green2'].map(machine),
    ...['known', 'other'].map((name) => near!.machine(name)),
    far!.machine('distant'),
  ]
  const all = (mark: string) => datagram([broadcast, farMac], '10.1.0.52', '10.1.0.255', [7777, 7777], mark)
  expect(await whereTheyArrive(far!.machine('distant'), places, { all })).toEqual({
    all: ['red1', 'red2', 'red3', 'known', 'other'],
  })
  const one = (mark: string) =>
    datagram([otherMac, machine('red2').mac], '10.1.0.12', '10.1.0.51', [7777, 7777], mark)
  expect(await whereTheyArrive(machine('red2'), places, { one })).toEqual({ one: ['other'] })
}, 60_000)

test('a machine that moves from one to the other is found there', async () => {
  const other = near!.machine('other')
  await near!.move(other, far!, 200)
  await reaches(other, '10.1.0.12')
  const one = (mark: string) =>
    datagram([otherMac, machine('red2').mac], '10.1.0.12', '10.1.0.51', [7777, 7777], mark)
  const places = [other, near!.machine('known'), far!.machine('distant'), machine('red1'), machine('red3')]
  expect(await whereTheyArrive(machine('red2'), places, { one })).toEqual({ one: ['other'] })
  await reaches(machine('red1'), '10.1.0.51')
  await reaches(near!.machine('known'), '10.1.0.51')
}, 60_000)
