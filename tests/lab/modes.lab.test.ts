/** What an interface can be, and where: modes, ports with and without `singular`, and a move under everybody's eyes. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import type { Hypervisor } from '../../cli/lab/lab.ts'
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { broadcast, datagram, ethernet, gre, ipv4 } from '../support/frames.ts'
import { type Marked, nowhere, whereEachArrives } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { networkRequests } from '../support/requests.ts'
import { arriving, type Place, sendFrames } from '../support/wire.ts'
import { planOf } from './flows/plan.ts'

const plan = planOf({ node1: ['red1', 'blue1'], node2: ['red2'], node3: ['red3'] })
/** Of the network red: the third that takes one, after the two physical networks. */
const redKey = 3
const farAddress = '192.168.20.99'
const macs = { int0: '52:54:00:0a:00:01', br0: '52:54:00:0a:00:02', pm0: '52:54:00:0a:00:03' }
const addresses: Record<string, string> = {
  ...{ red1: '10.0.0.11', red2: '10.0.0.12', red3: '10.0.0.13', far: '10.0.0.40' },
  ...{ int0: '10.0.0.31', br0: '10.0.0.32', pm0: '10.0.0.33' },
}

let network: Network
let places: Place[]
const node = (name: string): Hypervisor => network.lab.hypervisor(name)
const place = (name: string) => places.find((one) => one.name === name)!
const macOf = (name: string) => (macs as Record<string, string>)[name] ?? network.lab.machine(name).mac
const frame =
  (to: string, from: string, source = macOf(from)): Marked =>
  (mark) =>
    datagram([to, source], addresses[from]!, '10.0.0.99', [7777, 7777], mark)
const post = (path: string, body: Record<string, string | boolean>) => network.host.api('POST', path, body)

/** A port of a bridge that is the hypervisor's own, as a machine would be. */
async function internalPort({ openVswitch }: Hypervisor, bridge: string, name: string) {
  await openVswitch.vsctl('add-port', bridge, name, '--', 'set', 'interface', name, 'type=internal')
  await openVswitch.exec('ip', 'link', 'set', name, 'up')
}

beforeAll(async () => {
  network = await startNetwork(plan, [
    ...physicalRequests(plan),
    ...networkRequests(plan, { name: 'red', number: 1 }),
    ...networkRequests(plan, { name: 'blue', number: 2 }),
  ])
  const { openVswitch } = node('node1')
  await internalPort(node('node1'), 'br0', 'int0')
  await openVswitch.vsctl('add-br', 'br1', '--', 'set', 'bridge', 'br1', 'datapath_type=netdev')
  await internalPort(node('node1'), 'br1', 'pm0')
  const patch = (bridge: string, name: string, peer: string) => [
    ...['--', 'add-port', bridge, name, '--', 'set', 'interface', name, 'type=patch'],
    `options:peer=${peer}`,
  ]
  await openVswitch.vsctl(...patch('br0', 'patch0', 'patch1').slice(1), ...patch('br1', 'patch1', 'patch0'))
  places = [
    ...network.lab.machines,
    ...['int0', 'br0', 'pm0'].map((device) => ({ name: device, netns: openVswitch.netns, device })),
    ...['node2', 'node3'].map((name) => ({
      name: `host ${name}`,
      netns: node(name).openVswitch.netns,
      device: 'br0',
    })),
  ]
  for (const [mode, port, name] of [
    ['internal', 'int0', 'int0'],
    ['internal', 'br0', 'br0'],
    ['patch', 'patch0', 'pm0'],
  ] as const)
    await post('/interfaces', {
      ...{ uuid: `if-${name}`, mode, owner_datapath_uuid: 'dp-node1', port_name: port },
      ...{ network_uuid: 'nw-red', mac_address: macOf(name), ipv4_address: addresses[name]! },
    })
  await network.host.audit()
  // The first packets of a tunnel are lost while Open vSwitch looks for the next hop.
  for (const [from, to] of [
    ['red1', 'red3'],
    ['red2', 'red3'],
    ['red3', 'red1'],
    ['red3', 'red2'],
  ] as const)
    await sendFrames(place(from), [frame(macOf(to), from)('00'), frame(macOf(to), from)('00')])
}, 60_000)
afterAll(() => network?.stop())
afterEach(() => network.check())

test.each(['int0', 'br0', 'pm0'])(
  '%s is in its network as any machine is, and in no other',
  async (name) => {
    const all = ['red1', 'red2', 'red3', 'int0', 'br0', 'pm0'].filter((one) => one !== name).sort()
    const seen = await whereEachArrives(places, {
      'to all': [place(name), frame(broadcast, name)],
      ...Object.fromEntries(
        ['red1', 'red2', 'red3'].map((to) => [`to ${to}`, [place(name), frame(macOf(to), name)]]),
      ),
      ...Object.fromEntries(
        ['red1', 'red2', 'red3'].map((from) => [`from ${from}`, [place(from), frame(macOf(name), from)]]),
      ),
      'to another network': [place(name), frame(macOf('blue1'), name)],
      'from another network': [place('blue1'), frame(macOf(name), 'red1', macOf('blue1'))],
      'under another address': [place(name), frame(broadcast, 'red1', macOf(name))],
    })
    for (const arrivals of Object.values(seen)) arrivals.sort()
    expect(seen).toEqual({
      'to all': all,
      ...{ 'to red1': ['red1'], 'to red2': ['red2'], 'to red3': ['red3'] },
      ...{ 'from red1': [name], 'from red2': [name], 'from red3': [name] },
      ...{ 'to another network': [], 'from another network': [], 'under another address': [] },
    })
  },
  20_000,
)

test("a remote machine is at a datapath that is another system's, by its tunnel", async () => {
  await post('/datapaths', { uuid: 'dp-far', display_name: 'far', dpid: '0x99', node_id: 'far' })
  await post('/interfaces', {
    ...{ uuid: 'if-farhost', mode: 'host', owner_datapath_uuid: 'dp-far', port_name: 'eth0' },
    ...{ network_uuid: 'nw-physb', mac_address: '02:00:00:00:00:99', ipv4_address: farAddress },
  })
  await post('/datapaths/dp-far/networks/nw-red', { interface_uuid: 'if-farhost' })
  const mac = '52:54:00:0a:00:40'
  await post('/interfaces?wait=applied', {
    ...{ uuid: 'if-far', mode: 'remote', owner_datapath_uuid: 'dp-far' },
    ...{ network_uuid: 'nw-red', mac_address: mac, ipv4_address: addresses['far']! },
  })
  const wire = { name: 'wire' as const, netns: network.lab.fabric, device: 'node1' }
  const { wire: sent } = await arriving([wire], `proto gre and dst ${farAddress}`, async () => {
    for (let i = 0; i < 2; i++) await sendFrames(place('red1'), [frame(mac, 'red1')('66617221')])
  })
  expect(sent.some((packet) => packet.includes('66617221'))).toBe(true)
  // And what comes out of its tunnel is of the network, under that key and from there alone.
  const outer = (source: string, key: number, mark: string) =>
    ethernet(
      plan.hypervisors[0]!.mac,
      '06:00:00:00:00:99',
      0x0800,
      ipv4(source, plan.hypervisors[0]!.address, 47, gre(key, frame(macOf('red1'), 'far', mac)(mark))),
    )
  const seen = await whereEachArrives(places, {
    'from there': [wire, (mark) => outer(farAddress, redKey, mark)],
    'from elsewhere': [wire, (mark) => outer('192.168.20.98', redKey, mark)],
    'of another network': [wire, (mark) => outer(farAddress, redKey + 1, mark)],
  })
  const inside = (name: string) =>
    seen[name as keyof typeof seen].filter((one) => !one.startsWith('host') && one !== 'br0')
  expect(['from there', 'from elsewhere', 'of another network'].map(inside)).toEqual([['red1'], [], []])
  await network.host.api('DELETE', '/interfaces/if-far')
  await network.host.api('DELETE', '/datapaths/dp-far?wait=applied')
}, 20_000)

test('one that appears elsewhere is there alone, and announced; where it was is silent until it comes back', async () => {
  const here = macOf('red1')
  const wire = { name: 'wire' as const, netns: network.lab.fabric, device: 'node2' }
  const { wire: said } = await arriving([wire], 'rarp', async () => {
    // The machine's copy: under its name, while the first is still plugged in.
    await internalPort(node('node2'), 'br0', 'red1')
    await network.check()
  })
  expect(said.some((packet) => packet.includes(here.replaceAll(':', '')))).toBe(true)
  const there = { name: 'there', netns: node('node2').openVswitch.netns, device: 'red1' }
  const seen = await whereEachArrives([...places, there], {
    'to it, near': [place('red2'), frame(here, 'red2')],
    'to it, far': [place('red3'), frame(here, 'red3')],
    'to it, from where it was': [place('int0'), frame(here, 'int0')],
    'to all': [place('red2'), frame(broadcast, 'red2')],
    'from where it was': [place('red1'), frame(broadcast, 'red1')],
    'from where it is': [there, frame(macOf('red3'), 'red1')],
  })
  for (const arrivals of Object.values(seen)) arrivals.sort()
  expect(seen).toEqual({
    ...{ 'to it, near': ['there'], 'to it, far': ['there'], 'to it, from where it was': ['there'] },
    'to all': ['there', 'int0', 'br0', 'pm0', 'red3'].sort(),
    'from where it was': [],
    'from where it is': ['red3'],
  })
  await node('node2').openVswitch.vsctl('del-port', 'br0', 'red1')
  await network.check()
  const back = await whereEachArrives(places, {
    'to it': [place('red2'), frame(here, 'red2')],
    'from it': [place('red1'), frame(macOf('red2'), 'red1')],
  })
  expect(back).toEqual({ 'to it': ['red1'], 'from it': ['red2'] })
}, 20_000)

test('one without a place is nowhere, and in every place that it is given', async () => {
  const mac = '52:54:00:0a:00:50'
  addresses['free0'] = '10.0.0.50'
  await post('/interfaces', {
    ...{ uuid: 'if-free', mode: 'vif', network_uuid: 'nw-red' },
    ...{ mac_address: mac, ipv4_address: addresses['free0'] },
  })
  const anywhere = ['node1', 'node2'].map((name) => ({
    ...{ name: `free0 ${name}`, netns: node(name).openVswitch.netns, device: 'free0' },
  }))
  for (const name of ['node1', 'node2']) await internalPort(node(name), 'br0', 'free0')
  await network.check()
  const none = {
    a: [place('red2'), frame(mac, 'red2')],
    b: [anywhere[0]!, frame(broadcast, 'free0', mac)],
  } as const
  expect(await whereEachArrives([...places, ...anywhere], none)).toEqual(nowhere(none))
  // Of no datapath, and not singular: wherever a port has that name.
  await post('/interfaces/if-free/ports?wait=applied', { port_name: 'free0' })
  const seen = await whereEachArrives([...places, ...anywhere], {
    'near one': [place('red2'), frame(mac, 'red2')],
    'near the other': [place('red1'), frame(mac, 'red1')],
    'from one': [anywhere[0]!, frame(macOf('red2'), 'free0', mac)],
    'from the other': [anywhere[1]!, frame(macOf('red2'), 'free0', mac)],
  })
  expect(seen).toEqual({
    ...{ 'near one': ['free0 node2'], 'near the other': ['free0 node1'] },
    ...{ 'from one': ['red2'], 'from the other': ['red2'] },
  })
  await network.host.api('DELETE', '/interfaces/if-free/ports?wait=applied', { port_name: 'free0' })
  expect(await whereEachArrives([...places, ...anywhere], none)).toEqual(nowhere(none))
}, 20_000)
