/** Broadcasts go to everyone in the network, once, and to nobody else; questions that the state can answer stay at home. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { arp, broadcast, datagram, ethernet, ipv4 } from '../support/frames.ts'
import { type Marked, whereTheyArrive } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { plug, unplug } from '../support/plugging.ts'
import { reaches } from '../support/reach.ts'
import { networkRequests } from '../support/requests.ts'
import { arriving, type Place } from '../support/wire.ts'
import { planOf } from './flows/plan.ts'

const plan = planOf({
  node1: ['red1', 'red2', 'blue1'],
  node2: ['red3', 'blue2'],
  node3: ['red4', 'red5', 'blue3'],
})
const reds = ['red1', 'red2', 'red3', 'red4', 'red5']
const blues = ['blue1', 'blue2', 'blue3']

const igmp = 2

let network: Network
let everywhere: Place[]
const machine = (name: string) => network.lab.machine(name)
const addressOf = (name: string) => `10.0.0.${11 + (reds.includes(name) ? reds : blues).indexOf(name)}`
/** What a hypervisor puts onto the physical network. */
const wireOf = (node: string) => ({ name: 'wire' as const, netns: network.lab.fabric, device: node })
const others = (name: string) => (reds.includes(name) ? reds : blues).filter((one) => one !== name)

beforeAll(async () => {
  network = await startNetwork(plan, [
    ...physicalRequests(plan),
    ...networkRequests(plan, { name: 'red', number: 1 }),
    ...networkRequests(plan, { name: 'blue', number: 2, encapsulation: 'vxlan' }),
  ])
  const { lab } = network
  await Promise.all(lab.machines.map((one) => one.dhcp()))
  // The first packets of a tunnel are lost while Open vSwitch looks for the next hop.
  for (const [from, to] of [
    ['red1', 'red4'],
    ['red3', 'red4'],
    ['blue1', 'blue3'],
    ['blue2', 'blue3'],
  ] as const)
    await reaches(machine(from), addressOf(to))
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

test.each([...reds, ...blues])('a broadcast of %s reaches all of its network exactly once', async (name) => {
  const { mac } = machine(name)
  const own = addressOf(name)
  const to =
    (destination: string, address: string): Marked =>
    (mark) =>
      datagram([destination, mac], own, address, [7777, 7777], mark)
  const frames = {
    'to the network': to(broadcast, '10.0.0.255'),
    'to all': to(broadcast, '255.255.255.255'),
    'to a group': to('01:00:5e:00:00:fb', '224.0.0.251'),
    // Of two groups with one MAC each gets its own.
    'to a group of its own': to('01:00:5e:01:02:03', '239.129.2.3'),
    'that it joins a group': (mark: string) =>
      ethernet('01:00:5e:00:00:16', mac, 0x0800, ipv4(own, '224.0.0.22', igmp, `2200${mark}`)),
    'an announcement': (mark: string) =>
      ethernet(broadcast, mac, 0x0806, arp({ sha: mac, spa: own, tpa: own }) + mark),
    'an announcement as an answer': (mark: string) =>
      ethernet(broadcast, mac, 0x0806, arp({ op: 2, sha: mac, spa: own, tha: mac, tpa: own }) + mark),
    'a question that nobody can answer': (mark: string) =>
      ethernet(broadcast, mac, 0x0806, arp({ sha: mac, spa: own, tpa: '10.0.0.77' }) + mark),
  }
  const all = others(name).sort()
  const seen = await whereTheyArrive(machine(name), everywhere, frames)
  for (const [what, places] of Object.entries(seen))
    expect({ what, places: places.sort() }).toEqual({ what, places: all })
})

test('who asks for a known address is answered at home, rightly, and once', async () => {
  const one = machine('red1')
  for (const target of ['red2', 'red3', 'red4']) {
    const { wire, red1 } = await arriving(
      [wireOf('node1'), { name: 'red1' as const, netns: one.netns }],
      'arp',
      async () => {
        const said = await one.exec('arping', '-c', '1', '-w', '2', '-I', 'eth0', addressOf(target))
        expect(said.toLowerCase()).toContain(machine(target).mac)
      },
    )
    const ofRed1 = one.mac.replaceAll(':', '')
    expect(red1.filter((frame) => frame.slice(40, 44) === '0002')).toHaveLength(1)
    expect(wire.filter((frame) => frame.includes(ofRed1))).toEqual([])
  }
  // As the control: what nobody knows does cross the wire, once for each peer.
  const { wire } = await arriving([wireOf('node1')], '', () =>
    one.exec('arping', '-c', '1', '-w', '1', '-I', 'eth0', '10.0.0.77').catch(() => {}),
  )
  expect(wire.filter((frame) => frame.includes(one.mac.replaceAll(':', '')))).toHaveLength(2)
}, 30_000)

test('a machine finds its own address free, and that of another in use', async () => {
  const probe = (address: string) =>
    machine('red1')
      .exec('arping', '-D', '-q', '-c', '1', '-w', '1', '-I', 'eth0', address)
      .then(
        () => 'free',
        () => 'in use',
      )
  expect(await probe(addressOf('red1'))).toBe('free')
  expect(await probe('10.0.0.77')).toBe('free')
  expect(await probe(addressOf('red4'))).toBe('in use')
}, 30_000)

test('a machine that is plugged in is announced on the physical network', async () => {
  const node1 = network.lab.hypervisor('node1')
  const mac = machine('red2').mac.replaceAll(':', '')
  const { wire } = await arriving([wireOf('node1')], 'rarp', async () => {
    await unplug(node1, machine('red2'))
    await plug(node1, machine('red2'))
    await reaches(machine('red3'), addressOf('red2'))
  })
  expect(wire.length).toBeGreaterThan(0)
  for (const frame of wire) expect(frame.slice(0, 28)).toBe(`ffffffffffff${mac}8035`)
}, 30_000)

test('one that every other hypervisor reaches through a tunnel is not', async () => {
  const node3 = network.lab.hypervisor('node3')
  const { wire } = await arriving([wireOf('node3')], 'rarp', async () => {
    await unplug(node3, machine('red4'))
    await plug(node3, machine('red4'))
    await reaches(machine('red1'), addressOf('red4'))
  })
  expect(wire).toEqual([])
}, 30_000)

test('what is plugged in while no host is there is announced when one comes', async () => {
  const node1 = network.lab.hypervisor('node1')
  const mac = machine('red2').mac.replaceAll(':', '')
  await network.host.stop()
  await unplug(node1, machine('red2'))
  await plug(node1, machine('red2'))
  const announced = (frames: readonly string[]) => frames.filter((frame) => frame.includes(`${mac}8035`))
  const { wire } = await arriving([wireOf('node1')], 'rarp', async () => {
    await network.host.start()
    await network.check()
    await reaches(machine('red3'), addressOf('red2'))
  })
  expect(announced(wire).length).toBeGreaterThan(0)
}, 30_000)
