/**
 * Legacy machines on VLANs, behind a trunk port of node 1: in red and in blue, which have the same addresses. Node 2 is on
 * the same wire as node 1, node 3 behind a router.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import type { Trace } from '../../runtime/http/answers/trace.ts'
import { agreedTrace } from '../support/agreed-trace.ts'
import { arp, broadcast, datagram, ethernet } from '../support/frames.ts'
import { type LegacySwitch, startLegacySwitch } from '../support/legacy-switch.ts'
import { nowhere, whereTheyArrive } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { networkRequests, trunkRequests } from '../support/requests.ts'
import { arriving, sendFrames } from '../support/wire.ts'
import { planOf } from './flows/plan.ts'

let network: Network
let legacy: LegacySwitch
const machine = (name: string) => network.lab.machine(name)
const old = (name: string) => legacy.machine(name)

const plan = planOf({ node1: ['red1', 'blue1'], node2: ['red2', 'blue2'], node3: ['red3'] })
const vms = ['red1', 'red2', 'red3'] as const
const addresses = { red1: '10.0.0.11', red2: '10.0.0.12', red3: '10.0.0.13' } as const
const oldMac = '00:1b:21:00:00:01'

beforeAll(async () => {
  network = await startNetwork(plan, [
    ...physicalRequests(plan),
    ...networkRequests(plan, { name: 'red', number: 1 }),
    ...networkRequests(plan, { name: 'blue', number: 2 }),
    ...trunkRequests('node1', 'trunk1', { 100: 'red', 200: 'blue' }),
  ])
  legacy = await startLegacySwitch('legacy', [
    { name: 'oldred', mac: oldMac, vlan: 100, address: '10.0.0.50/24' },
    { name: 'oldred2', mac: '00:1b:21:00:00:02', vlan: 100, address: '10.0.0.51/24' },
    { name: 'oldblue', mac: '00:1b:21:00:00:03', vlan: 200, address: '10.0.0.50/24' },
    { name: 'oldgrey', mac: '00:1b:21:00:00:04', vlan: 300, address: '10.0.0.52/24' },
  ])
  await legacy.trunk(network.lab.hypervisor('node1'), 'trunk1')
  await Promise.all(['red1', 'red2', 'red3', 'blue1', 'blue2'].map((name) => machine(name).dhcp()))
}, 60_000)
afterAll(async () => {
  await legacy?.stop()
  await network?.stop()
})
afterEach(() => network.check())

/** Places where frames of red should be, and where they should not. */
const places = () => [
  ...['red1', 'red2', 'red3', 'blue1', 'blue2'].map(machine),
  ...['oldred', 'oldred2', 'oldblue', 'oldgrey'].map(old),
]
const toAll = (mac: string, address: string) => (mark: string) =>
  datagram([broadcast, mac], address, '10.0.0.255', [7777, 7777], mark)
const toOne = (to: string, from: string, addresses: readonly [string, string]) => (mark: string) =>
  datagram([to, from], ...addresses, [7777, 7777], mark)
/** The frame with a tag. */
const tagged = (frame: string, vlan: number) =>
  `${frame.slice(0, 24)}8100${vlan.toString(16).padStart(4, '0')}${frame.slice(24)}`

test('a legacy machine reaches machines of its network anywhere, and they it; nobody else', async () => {
  const wires = ['node1', 'node2', 'node3'].map((name) => ({
    name,
    netns: network.lab.fabric,
    device: name,
  }))
  // No physical switch sees a legacy machine's address, nor a tag.
  const seen = await arriving(wires, `ether host ${oldMac} or vlan`, async () => {
    for (const name of vms) {
      await reaches(old('oldred'), addresses[name])
      await reaches(machine(name), '10.0.0.51')
    }
    await reaches(machine('blue2'), '10.0.0.50')
  })
  expect(seen).toEqual({ node1: [], node2: [], node3: [] })
  expect(await isSilent(old('oldgrey'), '10.0.0.11')).toBe(true)
  expect(await isSilent(old('oldred'), '10.0.0.52')).toBe(true)
}, 60_000)

test('what is for all arrives once everywhere in the network, and nowhere else', async () => {
  expect(await whereTheyArrive(old('oldred'), places(), { all: toAll(oldMac, '10.0.0.50') })).toEqual({
    all: ['red1', 'red2', 'red3', 'oldred2'],
  })
  for (const name of vms)
    expect(
      await whereTheyArrive(machine(name), places(), { all: toAll(machine(name).mac, addresses[name]) }),
    ).toEqual({ all: [...vms.filter((other) => other !== name), 'oldred', 'oldred2'] })
}, 60_000)

test('what is for one arrives there only, once the switches have learned it', async () => {
  for (const name of vms) {
    const frames = {
      there: toOne(oldMac, machine(name).mac, [addresses[name], '10.0.0.50']),
      back: toOne(machine(name).mac, oldMac, ['10.0.0.50', addresses[name]]),
    }
    const { there } = await whereTheyArrive(machine(name), places(), { there: frames.there })
    const { back } = await whereTheyArrive(old('oldred'), places(), { back: frames.back })
    expect({ name, there, back }).toEqual({ name, there: ['oldred'], back: [name] })
  }
}, 60_000)

test('traces end at the port of the VLAN, with its tag; and begin there', async () => {
  const where = ({ hops, delivered_to }: Trace) => {
    const last = hops.at(-1)!.ends[0]!
    return [delivered_to, last.port_name, /vlan_vid=\d+/.exec(last.packet)?.[0] ?? null]
  }
  const agreed = async (from: string, packet: string) => where(await agreedTrace(network, from, packet))
  // The switch would learn again, which it does not while it tells the way.
  const inward = async (packet: string) =>
    where(await network.host.api<Trace>('POST', '/trace', { interface_uuid: 'if-trunk1', packet }))
  for (const name of vms)
    expect(await agreed(`if-${name}`, `icmp,dst=10.0.0.50,eth_dst=${oldMac}`)).toEqual([
      ...[['if-trunk1'], 'trunk1', 'vlan_vid=100'],
    ])
  expect(await agreed('if-blue2', 'icmp,dst=10.0.0.50,eth_dst=00:1b:21:00:00:03')).toEqual([
    ...[['if-trunk1'], 'trunk1', 'vlan_vid=200'],
  ])
  const from = (vlan: number) => `icmp,vlan=${vlan},eth_src=${oldMac},src=10.0.0.50`
  for (const name of vms) {
    const to = `dst=${addresses[name]},eth_dst=${machine(name).mac}`
    expect(await inward(`${from(100)},${to}`)).toEqual([[`if-${name}`], name, null])
    // In a VLAN that is no network.
    expect((await inward(`${from(300)},${to}`))[0]).toEqual([])
  }
}, 60_000)

test('requests for addresses of the state are answered there, others are asked in the VLAN', async () => {
  const request = (tpa: string) =>
    ethernet(broadcast, oldMac, 0x0806, arp({ sha: oldMac, spa: '10.0.0.50', tpa }))
  const seen = await arriving([machine('red1'), machine('red2'), old('oldred')], 'arp', () =>
    sendFrames(old('oldred'), [request('10.0.0.12')]),
  )
  expect([seen['red1'], seen['red2'], seen['oldred']!.length]).toEqual([[], [], 1])
  const asked = await arriving([old('oldred2')], 'arp[6:2] == 1', async () => {
    await machine('red3').exec('ip', 'neigh', 'flush', 'all')
    await reaches(machine('red3'), '10.0.0.51')
  })
  expect(asked['oldred2']!.length).toBeGreaterThan(0)
}, 60_000)

test('nobody in a VLAN poses as a machine of the network, and nobody hops', async () => {
  // The legacy switch believes it, and is not asked for this one again.
  const red3 = machine('red3').mac
  const frames = {
    'under the MAC of a machine': toOne(machine('red1').mac, red3, ['10.0.0.50', '10.0.0.11']),
    'under the address of a machine': toOne(machine('red1').mac, oldMac, ['10.0.0.12', '10.0.0.11']),
    'under the address of a service': toOne(machine('red1').mac, oldMac, ['10.0.0.2', '10.0.0.11']),
    'into another VLAN': (mark: string) =>
      tagged(toOne(machine('blue1').mac, oldMac, ['10.0.0.50', '10.0.0.11'])(mark), 200),
    'with a tag behind the tag': (mark: string) =>
      tagged(toOne(machine('red1').mac, oldMac, ['10.0.0.50', '10.0.0.11'])(mark), 100),
    'as a DHCP server': (mark: string) =>
      datagram([machine('red1').mac, oldMac], '10.0.0.50', '10.0.0.11', [67, 68], mark),
  }
  const control = { control: toOne(machine('red1').mac, oldMac, ['10.0.0.50', '10.0.0.11']) }
  expect(await whereTheyArrive(old('oldred'), places(), { ...frames, ...control })).toEqual({
    ...nowhere(frames),
    control: ['red1'],
  })
  const red1 = machine('red1').mac
  const hops = {
    'a tag of its own': (mark: string) => tagged(toAll(red1, '10.0.0.11')(mark), 100),
    'a tag of another': (mark: string) => tagged(toAll(red1, '10.0.0.11')(mark), 200),
    'two tags': (mark: string) => tagged(tagged(toAll(red1, '10.0.0.11')(mark), 200), 100),
  }
  expect(await whereTheyArrive(machine('red1'), places(), hops)).toEqual(nowhere(hops))
}, 60_000)

test('a VLAN that is taken away is silent at once, and is back when it is', async () => {
  const { host } = network
  await host.api('DELETE', '/vlan_translations/vt-trunk1x100?wait=applied')
  expect(await isSilent(old('oldred'), addresses.red2)).toBe(true)
  expect(
    await whereTheyArrive(machine('red1'), places(), { all: toAll(machine('red1').mac, '10.0.0.11') }),
  ).toEqual({ all: ['red2', 'red3'] })
  await reaches(machine('blue2'), '10.0.0.50')
  const { body } = trunkRequests('node1', 'trunk1', { 100: 'red' }).at(-1)!
  await host.api('POST', '/vlan_translations?wait=applied', body)
  await reaches(old('oldred'), addresses.red2)
}, 60_000)

test('with every host dead all goes on, for machines that nobody has heard before, too', async () => {
  const { host } = network
  await host.kill9()
  const newcomer = old('oldgrey')
  await legacy.move(newcomer, legacy, 100)
  for (const name of vms) await reaches(newcomer, addresses[name])
  await reaches(machine('red3'), '10.0.0.52')
  await host.start()
}, 60_000)
