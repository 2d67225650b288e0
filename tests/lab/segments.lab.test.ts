/** Segments: guests choose their addresses and protocols; frames go by MAC, to the segment and to nobody else. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { broadcast, datagram, ethernet } from '../support/frames.ts'
import { type Marked, nowhere, whereTheyArrive } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { move } from '../support/plugging.ts'
import { reaches } from '../support/reach.ts'
import { segmentRequests } from '../support/requests.ts'
import { arriving, type Place } from '../support/wire.ts'
import { planOf } from './flows/plan.ts'

const plan = planOf({
  node1: ['red1', 'red2', 'blue1'],
  node2: ['red3', 'blue2'],
  node3: ['red4', 'blue3'],
})
const reds = ['red1', 'red2', 'red3', 'red4']
/** The same for all: of no protocol that anybody knows. */
const experimental = 0x88b5
/** From 2001:db8::1 to 2001:db8::2, 6 bytes of no protocol. */
const ipv6Header = `6000000000063b4020010db8${'0'.repeat(23)}120010db8${'0'.repeat(23)}2`
const group = '01:00:5e:00:00:fb'
const otherGroup = '33:33:00:00:00:01'
const strange = '06:00:00:00:00:77'

let network: Network
let everywhere: Place[]
const machine = (name: string) => network.lab.machine(name)
const others = (name: string) => reds.filter((one) => one !== name)
const frame =
  (destination: string, source: string, type = experimental): Marked =>
  (mark) =>
    ethernet(destination, source, type, mark)

beforeAll(async () => {
  network = await startNetwork(plan, [
    ...physicalRequests(plan),
    ...segmentRequests(plan, { name: 'red', number: 1 }),
    ...segmentRequests(plan, { name: 'blue', number: 2 }),
  ])
  const { lab } = network
  // As guests like: the same addresses in both segments, IPv6 of their own.
  await Promise.all(
    lab.machines.map((one, n) => one.exec('ip', 'address', 'add', `192.168.77.${11 + n}/24`, 'dev', 'eth0')),
  )
  everywhere = [
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

const addressOf = (name: string) =>
  `192.168.77.${11 + network.lab.machines.findIndex((one) => one.name === name)}`

test('guests reach each other under addresses of their own choice, ARP and all', async () => {
  // The first packets of a tunnel are lost while Open vSwitch looks for the next hop.
  for (const to of ['red2', 'red3', 'red4']) await reaches(machine('red1'), addressOf(to))
  for (const to of ['blue2', 'blue3']) await reaches(machine('blue1'), addressOf(to))
  await reaches(machine('red3'), addressOf('red4'))
  // What is for a group takes a tunnel over the wire, too.
  for (const from of ['red1', 'red3', 'red4'])
    await eventually(`a group to hear ${from}`, async () => {
      const { a } = await whereTheyArrive(machine(from), everywhere, { a: frame(group, machine(from).mac) })
      return a.length === others(from).length
    })
  expect(await machine('red1').ping(addressOf('blue1'))).toBeNull()
}, 30_000)

test.each(['red1', 'red3', 'red4'])(
  'what %s sends to all, to a group, to nobody known, reaches the segment once',
  async (name) => {
    const { mac } = machine(name)
    const seen = await whereTheyArrive(machine(name), everywhere, {
      'to all': frame(broadcast, mac),
      'to a group': frame(group, mac),
      'to another group': frame(otherGroup, mac),
      'to nobody known': frame(strange, mac),
    })
    for (const [what, places] of Object.entries(seen))
      expect({ what, places: places.sort() }).toEqual({ what, places: others(name) })
  },
  20_000,
)

test('what is sent to one reaches that one, once, whatever it carries', async () => {
  const { mac } = machine('red1')
  const kinds: Record<string, (to: string) => Marked> = {
    'what nobody knows': (to) => frame(to, mac),
    IPv6: (to) => (mark) => ethernet(to, mac, 0x86dd, ipv6Header + mark),
    IPv4: (to) => (mark) => datagram([to, mac], '10.9.9.9', '10.8.8.8', [7777, 7777], mark),
    'an answer to a DHCP client': (to) => (mark) =>
      datagram([to, mac], '10.9.9.9', '10.8.8.8', [67, 68], mark),
  }
  const frames = Object.fromEntries(
    others('red1').flatMap((name) =>
      Object.entries(kinds).map(([kind, of]) => [`${name} ${kind}`, of(machine(name).mac)]),
    ),
  )
  for (const [what, places] of Object.entries(await whereTheyArrive(machine('red1'), everywhere, frames)))
    expect({ what, places }).toEqual({ what, places: [what.split(' ')[0]!] })
}, 20_000)

test('nobody sends under the MAC of another, nor to another segment', async () => {
  const { mac } = machine('red1')
  const frames = {
    'under a MAC of the segment': frame(broadcast, machine('red3').mac),
    'under a MAC of another': frame(broadcast, machine('blue1').mac),
    'under one of nobody': frame(broadcast, strange),
    'under a group': frame(broadcast, group),
  }
  expect(await whereTheyArrive(machine('red1'), everywhere, frames)).toEqual(nowhere(frames))
  const seen = await whereTheyArrive(machine('red1'), everywhere, {
    'to another segment, here': frame(machine('blue1').mac, mac),
    'to another segment, there': frame(machine('blue2').mac, mac),
  })
  // Nobody of this segment has these: they are as unknown as any.
  for (const places of Object.values(seen)) expect(places.sort()).toEqual(others('red1'))
}, 20_000)

test('nothing of a segment comes from the physical network, nor in a tunnel that is not of it', async () => {
  const wire = { name: 'gateway', netns: network.lab.fabric, device: 'node1' }
  const frames = {
    'to a machine': frame(machine('red1').mac, strange),
    'to all': frame(broadcast, strange),
    'as one that is here': frame(machine('red1').mac, machine('red2').mac),
    'as one behind a tunnel': frame(machine('red1').mac, machine('red4').mac),
  }
  const places = everywhere.filter(({ name }) => !name.startsWith('host'))
  expect(await whereTheyArrive(wire, places, frames)).toEqual(nowhere(frames))
}, 20_000)

test('over the wire frames are as they are, in tunnels they are not', async () => {
  const seen = await arriving(
    [
      { name: 'near', netns: network.lab.fabric, device: 'node2' },
      { name: 'far', netns: network.lab.fabric, device: 'node3' },
    ],
    `ether proto ${experimental}`,
    () =>
      whereTheyArrive(machine('red3'), [], {
        a: frame(machine('red1').mac, machine('red3').mac),
        b: frame(machine('red4').mac, machine('red3').mac),
      }),
  )
  expect(seen.near).toHaveLength(1)
  expect(seen.far).toHaveLength(0)
}, 20_000)

test('a machine that moves is found where it is at once', async () => {
  await move(network.lab, machine('red2'), 'node1', 'node3')
  await network.check()
  const seen = await whereTheyArrive(machine('red1'), everywhere, {
    'to it': frame(machine('red2').mac, machine('red1').mac),
    'to all': frame(broadcast, machine('red1').mac),
  })
  expect(seen['to it']).toEqual(['red2'])
  expect(seen['to all'].sort()).toEqual(others('red1'))
  await reaches(machine('red3'), addressOf('red2'))
}, 20_000)

test('who leaves the segment is out of it, and what is deleted is gone', async () => {
  await network.host.api('DELETE', '/interfaces/if-red3?wait=applied')
  const { mac } = machine('red1')
  const left = ['red2', 'red4']
  const seen = await whereTheyArrive(machine('red1'), everywhere, { 'to all': frame(broadcast, mac) })
  expect(seen['to all'].sort()).toEqual(left)
  const frames = { 'from it': frame(broadcast, machine('red3').mac) }
  expect(await whereTheyArrive(machine('red3'), everywhere, frames)).toEqual(nowhere(frames))
  await network.host.api('DELETE', '/segments/seg-red?wait=applied')
  const none = { 'to all': frame(broadcast, mac) }
  expect(await whereTheyArrive(machine('red1'), everywhere, none)).toEqual(nowhere(none))
  // As the control: the other segment goes on.
  const blue = await whereTheyArrive(machine('blue1'), everywhere, {
    x: frame(broadcast, machine('blue1').mac),
  })
  expect(blue.x.sort()).toEqual(['blue2', 'blue3'])
}, 20_000)
