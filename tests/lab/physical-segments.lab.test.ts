/** Physical segments: machines on the wire under their own MACs, with the host and whoever else is there. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { type ApiRequest, physicalRequests } from '../../cli/vnet/demo/network.ts'
import { arp, broadcast, ethernet } from '../support/frames.ts'
import { type Marked, nowhere, whereEachArrives } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { segmentRequests } from '../support/requests.ts'
import type { Place } from '../support/wire.ts'
import { planOf } from './flows/plan.ts'

const plan = planOf({ node1: ['red1', 'red2', 'blue1', 'out1'], node2: ['red3', 'blue2', 'out2', 'gate'] })
const experimental = 0x88b5
const outsider = '06:00:00:00:00:77'

/** A physical network that no hypervisor has an address in: a promiscuous port of node 2 leads to it. */
const outside: ApiRequest[] = [
  {
    method: 'POST',
    path: '/networks',
    body: { uuid: 'nw-out', mode: 'physical', ipv4_network: '10.9.0.0', ipv4_prefix: 24 },
  },
  ...['1', '2'].flatMap((n): ApiRequest[] => [
    {
      method: 'POST',
      path: `/datapaths/dp-node${n}/networks/nw-out`,
      body: { interface_uuid: `if-node${n}` },
    },
    {
      method: 'POST',
      path: '/interfaces',
      body: {
        ...{ uuid: `if-out${n}`, mode: 'vif', port_name: `out${n}`, network_uuid: 'nw-out' },
        ipv4_address: `10.9.0.1${n}`,
        mac_address: plan.hypervisors
          .flatMap(({ machines }) => machines)
          .find((one) => one.name === `out${n}`)!.mac,
      },
    },
  ]),
  { method: 'POST', path: '/interfaces', body: { uuid: 'if-gate', mode: 'promiscuous', port_name: 'gate' } },
]

let network: Network
let places: Place[]
const place = (name: string) => places.find((one) => one.name === name)!
const macOf = (name: string) => network.lab.machine(name).mac
const hostMac = (n: number) => plan.hypervisors[n]!.mac
const frame =
  (to: string, from: string): Marked =>
  (mark) =>
    ethernet(to, from, experimental, mark)

/** The physical networks lie on the segment, and so do the host interfaces in them. */
const onSegment = (request: ApiRequest): ApiRequest =>
  request.body['uuid'] === 'nw-physa'
    ? { ...request, body: { ...request.body, segment_uuid: 'seg-red' } }
    : request
const virtual = segmentRequests(plan, { name: 'blue', number: 2 })
const physical = ['red1', 'red2', 'red3'].map(
  (name): ApiRequest => ({
    method: 'POST',
    path: '/interfaces',
    body: {
      ...{ uuid: `if-${name}`, mode: 'vif', port_name: name, segment_uuid: 'seg-red' },
      mac_address: plan.hypervisors.flatMap(({ machines }) => machines).find((one) => one.name === name)!.mac,
    },
  }),
)

beforeAll(async () => {
  network = await startNetwork(plan, [
    { method: 'POST', path: '/segments', body: { uuid: 'seg-red', mode: 'physical' } },
    ...physicalRequests(plan).map(onSegment),
    ...physical,
    ...virtual,
    ...outside,
  ])
  const { lab } = network
  for (const [name, address] of [
    ['red1', '192.168.10.71'],
    ['red3', '192.168.10.73'],
  ] as const)
    await lab.machine(name).exec('ip', 'address', 'add', `${address}/24`, 'dev', 'eth0')
  places = [
    ...lab.machines,
    ...lab.hypervisors.map(({ name, openVswitch }) => ({
      ...{ name: `host ${name}`, netns: openVswitch.netns, device: 'br0' },
    })),
    { name: 'wire', netns: lab.fabric, device: 'node1' },
  ]
}, 60_000)
afterAll(() => network?.stop())
afterEach(() => network.check())

test('machines reach each other, the hosts and the router of the physical network, as the host does still', async () => {
  for (const to of ['192.168.10.73', '192.168.10.11', '192.168.10.12', '192.168.10.1'])
    await reaches(network.lab.machine('red1'), to)
  await reaches(network.lab.machine('red3'), '192.168.10.1')
  await network.lab.hypervisor('node1').openVswitch.exec('ping', '-c', '1', '-W', '2', '192.168.10.12')
}, 20_000)

test('frames of any kind go to whom they are for, here and on the wire, and to nobody of another segment', async () => {
  const seen = await whereEachArrives(places, {
    'to all': [place('red1'), frame(broadcast, macOf('red1'))],
    'to one here': [place('red1'), frame(macOf('red2'), macOf('red1'))],
    'to the host': [place('red1'), frame(hostMac(0), macOf('red1'))],
    'from outside': [place('wire'), frame(macOf('red1'), outsider)],
    'from outside, to all': [place('wire'), frame(broadcast, outsider)],
  })
  for (const arrivals of Object.values(seen)) arrivals.sort()
  expect(seen).toEqual({
    'to all': ['host node1', 'host node2', 'red2', 'red3', 'wire'],
    'to one here': ['red2'],
    'to the host': ['host node1'],
    'from outside': ['red1'],
    'from outside, to all': ['host node1', 'red1', 'red2'],
  })
  const afar = await whereEachArrives(places, { a: [place('red1'), frame(macOf('red3'), macOf('red1'))] })
  // As in physical networks: who is not here may be the host.
  expect(afar.a.sort()).toEqual(['host node1', 'red3', 'wire'])
}, 20_000)

test('nobody sends under the MAC of another, nor poses from outside as one that is here', async () => {
  const frames = {
    'as another': [place('red1'), frame(broadcast, macOf('red2'))],
    'as nobody': [place('red1'), frame(broadcast, outsider)],
    'from outside, as one here': [place('wire'), frame(macOf('red1'), macOf('red2'))],
    'to another segment': [place('wire'), frame(macOf('blue1'), macOf('blue1'))],
  } as const
  const inside = places.filter(({ name }) => name !== 'wire')
  const seen = await whereEachArrives(inside, frames)
  // Nobody on this wire is known as the last one: it may be anybody, the host too.
  const { 'to another segment': other, ...poses } = seen
  expect(poses).toEqual(nowhere(poses))
  expect(other).not.toContain('blue1')
}, 20_000)

test('a physical network behind a promiscuous port is reached from every hypervisor, with what is behind it', async () => {
  const { lab, host } = network
  const [one, two, gate] = (['out1', 'out2', 'gate'] as const).map((name) => lab.machine(name))
  const beyond = '8.7.7.7'
  for (const [machine, address] of [
    [one!, '10.9.0.11'],
    [two!, '10.9.0.12'],
    [gate!, '10.9.0.1'],
  ] as const)
    await machine.exec('ip', 'address', 'add', `${address}/24`, 'dev', 'eth0')
  await gate!.exec('ip', 'address', 'add', beyond, 'dev', 'lo')
  for (const machine of [one!, two!]) await machine.exec('ip', 'route', 'add', 'default', 'via', '10.9.0.1')
  const lead = (is: boolean) =>
    host.api('PUT', '/interfaces/if-gate/networks/nw-out?wait=applied', { static: is })
  for (let round = 0; round < 2; round++) {
    expect(await isSilent(one!, beyond)).toBe(true)
    expect(await isSilent(two!, '10.9.0.11')).toBe(true)
    await lead(true)
    for (const machine of [one!, two!]) for (const to of ['10.9.0.1', beyond]) await reaches(machine, to)
    await reaches(two!, '10.9.0.11')
    await reaches(gate!, '10.9.0.11')
    const seen = await whereEachArrives(places, {
      a: [
        place('out1'),
        (mark) =>
          ethernet(
            broadcast,
            one!.mac,
            0x0806,
            arp({ sha: one!.mac, spa: '10.9.0.11', tpa: '10.9.0.77' }) + mark,
          ),
      ],
    })
    // Over the wire it goes in a tunnel.
    expect(seen.a.sort()).toEqual(['gate', 'out2', 'wire'])
    await network.check()
    if (round === 0) await lead(false)
  }
}, 40_000)
