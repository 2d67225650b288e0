/**
 * A distributed router: packets are routed where their sender is, on the same hypervisor, over the wire and through a
 * tunnel. Two tenants have the same addresses on both sides of routers of their own.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { broadcast, datagram, ethernet, ipv4, udp } from '../support/frames.ts'
import { whereTheyArrive } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { move, plug, unplug } from '../support/plugging.ts'
import { reaches } from '../support/reach.ts'
import {
  type NetworkPlan,
  networkRequests,
  routeRequest,
  routerMac,
  routerRequests,
} from '../support/requests.ts'
import { arriving, sendFrames } from '../support/wire.ts'
import { planOf } from './flows/plan.ts'

const red: NetworkPlan = { name: 'red', number: 1, subnet: '10.1.0' }
const green: NetworkPlan = { name: 'green', number: 2, subnet: '10.2.0', encapsulation: 'vxlan' }
const blue: NetworkPlan = { name: 'blue', number: 3, subnet: '10.1.0' }
const cyan: NetworkPlan = { name: 'cyan', number: 4, subnet: '10.2.0' }
const addresses = {
  red1: '10.1.0.11',
  green1: '10.2.0.11',
  green2: '10.2.0.12',
  green3: '10.2.0.13',
  blue1: '10.1.0.11',
  cyan2: '10.2.0.11',
  cyan3: '10.2.0.12',
} as const
type Name = keyof typeof addresses

let network: Network
const machine = (name: Name) => network.lab.machine(name)
const api = (method: string, path: string, body?: unknown) =>
  network.host.api(method, `${path}${path.includes('?') ? '&' : '?'}wait=applied`, body)

/** Red and blue are on node 1 only: the others have them by routing alone. */
beforeAll(async () => {
  const plan = planOf({
    node1: ['red1', 'green1', 'blue1'],
    node2: ['green2', 'cyan2'],
    node3: ['green3', 'cyan3'],
  })
  network = await startNetwork(plan, [
    ...physicalRequests(plan),
    ...[red, green, blue, cyan].flatMap((one) => networkRequests(plan, one)),
    ...routerRequests('one', [red, green]),
    ...routerRequests('two', [blue, cyan]),
  ])
  await Promise.all(Object.keys(addresses).map((name) => machine(name as Name).dhcp()))
}, 60_000)
afterAll(() => network?.stop())
afterEach(() => network.check())

/** What ping prints of one echo request. */
const pinged = (from: Name, ...options: string[]) =>
  machine(from)
    .exec('ping', '-n', '-c', '1', '-W', '2', ...options)
    .catch((error: Error) => error.message)

/** A datagram to an address, by way of the router interface of the sender's network. */
const toRouter = (from: Name, { number }: NetworkPlan, to: string) =>
  datagram([routerMac(number), machine(from).mac], addresses[from], to)

describe('packets between two networks', () => {
  test('arrive, both ways: on the same hypervisor, over the wire, through a tunnel', async () => {
    for (const to of ['green1', 'green2', 'green3'] as const) {
      await reaches(machine('red1'), addresses[to])
      await reaches(machine(to), addresses.red1)
    }
    for (const to of ['cyan2', 'cyan3'] as const) {
      await reaches(machine('blue1'), addresses[to])
      await reaches(machine(to), addresses.blue1)
    }
  }, 60_000)

  test('have one hop less to live, and come from the router interface of the network that they are in', async () => {
    for (const to of ['green1', 'green2', 'green3'] as const) {
      const seen = await arriving([machine(to)], 'icmp[icmptype] == icmp-echo', () =>
        pinged('red1', addresses[to]),
      )
      const [frame = ''] = seen[to]!
      expect(frame.slice(0, 24)).toBe(`${machine(to).mac}${routerMac(green.number)}`.replaceAll(':', ''))
      expect(Number.parseInt(frame.slice(44, 46), 16)).toBe(63)
    }
  }, 60_000)

  test('cross the wire under the address of the hypervisor in their network, not of an interface that every one has', async () => {
    const wires = ['node1', 'node2', 'node3'].map((name) => ({
      name,
      netns: network.lab.fabric,
      device: name,
    }))
    const seen = await arriving(wires, 'icmp', async () => {
      await reaches(machine('red1'), addresses.green2)
      await reaches(machine('green2'), addresses.red1)
    })
    const sources = (name: string) => new Set(seen[name]!.map((frame) => frame.slice(12, 24)))
    // tcpdump hears what the hypervisor sends: node 1 into green, node 2 into red.
    expect(sources('node1')).toEqual(new Set(['0200000d0201']))
    expect(sources('node2')).toEqual(new Set(['0200000d0102']))
    expect(seen['node3']).toEqual([])
  })

  test('that are broadcast stay in their network: hypervisors that only route to it get no copy', async () => {
    const wire = { name: 'node1', netns: network.lab.fabric, device: 'node1' }
    const all = (name: Name, source: string) => ({
      all: (mark: string) =>
        datagram([broadcast, machine(name).mac], source, '255.255.255.255', [7777, 7777], mark),
    })
    const places = [wire, ...(['green1', 'green2', 'green3'] as const).map(machine)]
    expect(await whereTheyArrive(machine('red1'), places, all('red1', addresses.red1))).toEqual({ all: [] })
    // The first packet into a tunnel may be lost.
    await reaches(machine('green2'), addresses.green3)
    expect(await whereTheyArrive(machine('green2'), places, all('green2', addresses.green2))).toEqual({
      all: ['green1', 'green3'],
    })
  })
})

describe('a router', () => {
  test('answers echo requests to its addresses, from near and from afar, and so do services', async () => {
    for (const name of ['red1', 'green2', 'green3'] as const)
      for (const address of ['10.1.0.1', '10.2.0.1', '10.1.0.2', '10.2.0.2'])
        await reaches(machine(name), address)
    // It is one hop away, whichever of its addresses is asked.
    expect(await pinged('green3', '-t', '1', '10.1.0.1')).toContain('1 received')
  }, 60_000)

  test('tells of packets whose time is over, and does not pass them on', async () => {
    for (const to of ['green1', 'green2', 'green3'] as const) {
      let told = ''
      const seen = await arriving([machine(to)], 'icmp', async () => {
        told = await pinged('red1', '-t', '1', addresses[to])
      })
      expect(told).toContain('From 10.1.0.1 icmp_seq=1 Time to live exceeded')
      expect(seen[to]).toEqual([])
    }
    expect(await pinged('green2', '-t', '2', addresses.red1)).toContain('1 received')
  }, 60_000)

  test('tells where no route leads, which host is not there, and that it has no such port', async () => {
    expect(await pinged('red1', '10.9.0.1')).toContain('From 10.1.0.1 icmp_seq=1 Destination Net Unreachable')
    expect(await pinged('green3', '10.1.0.99')).toContain(
      'From 10.2.0.1 icmp_seq=1 Destination Host Unreachable',
    )
    const { red1 = [] } = await arriving([machine('red1')], 'icmp[icmptype] == icmp-unreach', () =>
      sendFrames(machine('red1'), [toRouter('red1', red, '10.2.0.1')]),
    )
    expect(red1.map((frame) => frame.slice(68, 72))).toEqual(['0303'])
  }, 60_000)

  test('tells how large a packet may be in the network that it is to go to', async () => {
    // A packet of 1458 bytes fits in GRE; in VXLAN 1450 do.
    expect(await pinged('red1', '-M', 'do', '-s', '1430', addresses.green3)).toContain(
      'From 10.1.0.1 icmp_seq=1 Frag needed and DF set (mtu = 1450)',
    )
    await machine('red1').exec('ip', 'route', 'flush', 'cache')
    expect(await pinged('red1', '-M', 'do', '-s', '1422', addresses.green3)).toContain('1 received')
  })

  test('cuts a packet that is too large, where its sender allows it', async () => {
    const { green3 = [] } = await arriving(
      [machine('green3')],
      'icmp[icmptype] == icmp-echo or ip[6:2] & 0x1fff != 0',
      () => pinged('red1', '-M', 'dont', '-s', '1430', addresses.green3),
    )
    expect(green3.length).toBeGreaterThanOrEqual(2)
    for (const frame of green3) expect(frame.length / 2 - 14).toBeLessThanOrEqual(1450)
  })

  test('says nothing about what must not be answered', async () => {
    const mac = machine('red1').mac
    const to = routerMac(red.number)
    const lost = (protocol: number, payload: string, destination = '10.9.0.1') =>
      ethernet(to, mac, 0x0800, ipv4(addresses.red1, destination, protocol, payload))
    const frames = {
      'an ICMP error': lost(1, `0301${'00'.repeat(30)}`),
      multicast: lost(17, udp(7777, 7777), '224.0.0.5'),
      'the broadcast of another network': lost(17, udp(7777, 7777), '10.2.0.255'),
      loopback: lost(17, udp(7777, 7777), '127.0.0.1'),
      'a later fragment': lost(17, udp(7777, 7777)).replace('0000000040', '0000000540'),
    }
    for (const [what, frame] of Object.entries(frames)) {
      const seen = await arriving([machine('red1')], 'icmp', () => sendFrames(machine('red1'), [frame]))
      expect({ what, seen }).toEqual({ what, seen: { red1: [] } })
    }
    const control = await arriving([machine('red1')], 'icmp', () =>
      sendFrames(machine('red1'), [lost(17, udp(7777, 7777))]),
    )
    expect(control.red1).toHaveLength(1)
  }, 60_000)
})

describe('two tenants with the same addresses', () => {
  const everyone = () => Object.keys(addresses).map((name) => machine(name as Name))

  test('never reach one another by their routers', async () => {
    const routed = (name: Name, router: NetworkPlan, to: string) => (mark: string) =>
      datagram([routerMac(router.number), machine(name).mac], addresses[name], to, [7777, 7777], mark)
    expect(
      await whereTheyArrive(machine('red1'), everyone(), {
        own: routed('red1', red, addresses.green1),
        ownFar: routed('red1', red, addresses.green3),
        foreignRouter: routed('red1', blue, addresses.cyan2),
        foreignFarRouter: routed('red1', cyan, addresses.cyan2),
        ownFarRouter: routed('red1', green, addresses.green1),
      }),
    ).toEqual({
      own: ['green1'],
      ownFar: ['green3'],
      foreignRouter: [],
      foreignFarRouter: [],
      ownFarRouter: [],
    })
    expect(
      await whereTheyArrive(machine('cyan2'), everyone(), {
        own: routed('cyan2', cyan, addresses.blue1),
        foreignRouter: routed('cyan2', green, addresses.red1),
      }),
    ).toEqual({ own: ['blue1'], foreignRouter: [] })
  }, 60_000)

  test('have no hosts of each other', async () => {
    // Only green has this address.
    expect(await pinged('blue1', '10.2.0.13')).toContain('Destination Host Unreachable')
    await reaches(machine('red1'), '10.2.0.13')
  })
})

describe('changes take effect at once, with no restart', () => {
  test('a route that is deleted no longer leads anywhere; one that is added does', async () => {
    await reaches(machine('red1'), addresses.green3)
    await api('DELETE', '/routes/r-green')
    expect(await pinged('red1', addresses.green3)).toContain('Destination Net Unreachable')
    expect(await pinged('green2', addresses.red1)).toContain('100% packet loss')
    await reaches(machine('blue1'), addresses.cyan3)
    await network.check()
    const { path, body } = routeRequest('one', green)
    await api('POST', path, body)
    await reaches(machine('red1'), addresses.green3)
    await reaches(machine('green2'), addresses.red1)
  }, 60_000)

  test('an interface routes while it is told to', async () => {
    await api('PUT', '/interfaces/if-redgw', { enable_routing: false })
    expect(await pinged('red1', addresses.green2)).toContain('100% packet loss')
    expect(await pinged('green2', addresses.red1)).toContain('Destination Net Unreachable')
    await reaches(machine('red1'), '10.1.0.1')
    await api('PUT', '/interfaces/if-redgw', { enable_routing: true })
    await reaches(machine('red1'), addresses.green2)
  }, 60_000)

  test('a machine that moves is reached where it is', async () => {
    await move(network.lab, machine('green2'), 'node2', 'node3')
    await reaches(machine('red1'), addresses.green2)
    await reaches(machine('green2'), addresses.red1)
    await move(network.lab, machine('green2'), 'node3', 'node2')
    await reaches(machine('green2'), addresses.red1)
    await reaches(machine('red1'), addresses.green2)
  }, 60_000)

  test('a machine that is gone is unreachable', async () => {
    await unplug(network.lab.hypervisor('node3'), machine('green3'))
    await eventually('the router to tell that it is gone', async () =>
      (await pinged('red1', addresses.green3)).includes('Destination Host Unreachable'),
    )
    await plug(network.lab.hypervisor('node3'), machine('green3'))
    await reaches(machine('red1'), addresses.green3)
  }, 60_000)
})
