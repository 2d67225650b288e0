/** Networks on a segment: the network answers, routes and binds addresses; the segment carries everything else. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { type ApiRequest, physicalRequests } from '../../cli/vnet/demo/network.ts'
import { arp, broadcast, datagram, ethernet } from '../support/frames.ts'
import { type Marked, nowhere, whereEachArrives, whereTheyArrive } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { move } from '../support/plugging.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { networkRequests, routerRequests, segmentRequests } from '../support/requests.ts'
import { arriving, type Place } from '../support/wire.ts'
import { planOf } from './flows/plan.ts'

/** Of the network red on the segment: red*. Of the segment alone: seg*, promiscuous with an x. Elsewhere: green*, blue*. */
const plan = planOf({
  node1: ['red1', 'seg1', 'seg2x', 'green1', 'blue1'],
  node2: ['red2', 'seg3', 'green2'],
  node3: ['red3', 'green3', 'blue2'],
})
const domain = ['red1', 'red2', 'red3', 'seg1', 'seg2x', 'seg3']
const experimental = 0x88b5
const subnets = { red: '10.0.0', green: '10.0.1' }

let network: Network
let places: Place[]
const machine = (name: string) => network.lab.machine(name)
const but = (name: string) => domain.filter((one) => one !== name)
const frame =
  (to: string, from: string): Marked =>
  (mark) =>
    ethernet(to, from, experimental, mark)

/** The network red lies on the segment seg. */
const onSegment = (request: ApiRequest): ApiRequest =>
  request.path === '/networks' ? { ...request, body: { ...request.body, segment_uuid: 'seg-seg' } } : request

beforeAll(async () => {
  const red = { name: 'red', number: 1, subnet: subnets.red }
  const green = { name: 'green', number: 2, subnet: subnets.green }
  network = await startNetwork(plan, [
    ...physicalRequests(plan),
    ...segmentRequests(plan, { name: 'seg', number: 3 }),
    ...segmentRequests(plan, { name: 'blue', number: 4 }),
    ...networkRequests(plan, red).map(onSegment),
    ...networkRequests(plan, green),
    ...routerRequests('rg', [red, green]),
  ])
  const { lab } = network
  const leased = lab.machines.filter(({ name }) => /red|green/.test(name))
  await Promise.all(leased.map((one) => one.dhcp()))
  // These choose their own: in the subnet of the network, and in none.
  const choose = (name: string, address: string) =>
    machine(name).exec('ip', 'address', 'add', `${address}/24`, 'dev', 'eth0')
  await Promise.all([
    ...[choose('seg1', '10.0.0.71'), choose('seg2x', '10.0.0.72'), choose('seg3', '10.0.0.73')],
    ...[choose('seg1', '192.168.7.1'), choose('seg3', '192.168.7.3'), choose('blue1', '10.0.0.11')],
  ])
  places = [
    ...lab.machines,
    ...lab.hypervisors.map(({ name, openVswitch }) => ({
      name: `host ${name}`,
      netns: openVswitch.netns,
      device: 'br0',
    })),
  ]
}, 60_000)
afterAll(() => network?.stop())
afterEach(() => network.check())

test('machines of the network reach each other and others by the router, with addresses by DHCP', async () => {
  for (const to of ['10.0.0.12', '10.0.0.13', '10.0.0.1', '10.0.0.2']) await reaches(machine('red1'), to)
  await reaches(machine('red2'), '10.0.0.13')
  for (const to of ['10.0.1.11', '10.0.1.12', '10.0.1.13']) await reaches(machine('red1'), to)
  for (const from of ['green1', 'green2', 'green3'])
    for (const to of ['10.0.0.11', '10.0.0.12', '10.0.0.13']) await reaches(machine(from), to)
}, 30_000)

test('who is in the segment alone reaches them and the network itself, under an address of its own choice', async () => {
  for (const from of ['seg1', 'seg2x', 'seg3'])
    for (const to of ['10.0.0.11', '10.0.0.12', '10.0.0.13', '10.0.0.2']) await reaches(machine(from), to)
  for (const to of ['10.0.0.71', '10.0.0.72', '10.0.0.73']) await reaches(machine('red3'), to)
  await reaches(machine('seg1'), '192.168.7.3')
  // A known address is answered for at home.
  const wire = { name: 'wire' as const, netns: network.lab.fabric, device: 'node1' }
  const seen = await arriving([wire], 'arp', () =>
    machine('seg1').exec('arping', '-c', '1', '-w', '2', '-I', 'eth0', '10.0.0.12'),
  )
  expect(seen.wire.filter((one) => one.includes(machine('seg1').mac.replaceAll(':', '')))).toEqual([])
}, 30_000)

test('the router finds those who have chosen an address of the network, wherever they are', async () => {
  for (const from of ['seg1', 'seg2x', 'seg3'])
    await machine(from).exec('ip', 'route', 'add', '10.0.1.0/24', 'via', '10.0.0.1')
  for (const from of ['green1', 'green2', 'green3'])
    for (const to of ['10.0.0.71', '10.0.0.72', '10.0.0.73']) await reaches(machine(from), to)
  for (const from of ['seg1', 'seg2x', 'seg3']) await reaches(machine(from), '10.0.1.13')
  expect(await isSilent(machine('green3'), '192.168.7.3')).toBe(true)
  const lost = await machine('seg3').exec('ping', '-n', '-c', '1', '-W', '5', '10.0.1.99').catch(String)
  expect(lost).toContain('From 10.0.0.1 icmp_seq=1 Destination Host Unreachable')
}, 60_000)

test.each(['red1', 'red2', 'red3', 'seg1'])(
  'what %s sends to all reaches the segment, whatever it is',
  async (name) => {
    const { mac } = machine(name)
    const own: Record<string, string> = {
      red1: '10.0.0.11',
      red2: '10.0.0.12',
      red3: '10.0.0.13',
      seg1: '10.0.0.71',
    }
    const seen = await whereTheyArrive(machine(name), places, {
      'an IPv4 broadcast': (mark) => datagram([broadcast, mac], own[name]!, '10.0.0.255', [7777, 7777], mark),
      'to an IPv4 group': (mark) =>
        datagram(['01:00:5e:00:00:fb', mac], own[name]!, '224.0.0.251', [7777, 7777], mark),
      'a question that nobody can answer': (mark) =>
        ethernet(broadcast, mac, 0x0806, arp({ sha: mac, spa: own[name]!, tpa: '10.0.0.99' }) + mark),
      'something else': frame(broadcast, mac),
      'something else for a group': frame('01:80:c2:00:00:21', mac),
    })
    for (const [what, at] of Object.entries(seen))
      expect({ what, at: at.sort() }).toEqual({ what, at: but(name) })
  },
  20_000,
)

test('addresses of the network are of those who have them, for everybody in the segment', async () => {
  const to = machine('red2').mac
  const steals = (from: string, source = machine(from).mac): Record<string, readonly [Place, Marked]> => ({
    [`${from} sends`]: [
      machine(from),
      (mark) => datagram([to, source], '10.0.0.13', '10.0.0.12', [7777, 7777], mark),
    ],
    [`${from} announces`]: [
      machine(from),
      (mark) =>
        ethernet(broadcast, source, 0x0806, arp({ sha: source, spa: '10.0.0.13', tpa: '10.0.0.13' }) + mark),
    ],
    [`${from} announces the router`]: [
      machine(from),
      (mark) =>
        ethernet(broadcast, source, 0x0806, arp({ sha: source, spa: '10.0.0.1', tpa: '10.0.0.1' }) + mark),
    ],
  })
  const frames = {
    ...steals('red1'),
    ...steals('seg1'),
    ...steals('seg2x'),
    ...steals('seg3'),
    'an address that it has not': [
      machine('red1'),
      (mark: string) => datagram([to, machine('red1').mac], '10.0.0.88', '10.0.0.12', [7777, 7777], mark),
    ],
  } as const
  expect(await whereEachArrives(places, frames)).toEqual(nowhere(frames))
}, 20_000)

test('nothing goes to another segment, nor comes from there; what moves is followed', async () => {
  const frames = {
    'to another segment': [machine('blue1'), frame(broadcast, machine('blue1').mac)],
    'from another': [machine('blue1'), frame(machine('red1').mac, machine('blue1').mac)],
  } as const
  const seen = await whereEachArrives(places, frames)
  expect(seen).toEqual({ 'to another segment': ['blue2'], 'from another': ['blue2'] })
  await move(network.lab, machine('red2'), 'node2', 'node3')
  await network.check()
  for (const from of ['seg1', 'red1', 'green1', 'green2', 'seg3']) await reaches(machine(from), '10.0.0.12')
  await network.host.api('DELETE', '/networks/nw-red?wait=applied')
  // The machines' leases went with it; who is in the segment alone goes on.
  await reaches(machine('seg1'), '192.168.7.3')
}, 30_000)
