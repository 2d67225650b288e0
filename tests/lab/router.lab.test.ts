/**
 * A distributed router: packets are routed where their sender is, on the same hypervisor, over the wire and through a
 * tunnel. Two tenants have the same addresses on both sides of routers of their own.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { broadcast, datagram, ethernet, ipv4, udp } from '../support/frames.ts'
import { whereTheyArrive } from '../support/marked.ts'
import type { Network } from '../support/network.ts'
import { reaches } from '../support/reach.ts'
import { type NetworkPlan, routerMac } from '../support/requests.ts'
import { addresses, green, type Name, pingText, red, startRoutedNetwork } from '../support/routed-network.ts'
import { arriving, sendFrames } from '../support/wire.ts'

let network: Network
const machine = (name: Name) => network.lab.machine(name)

beforeAll(async () => {
  network = await startRoutedNetwork()
}, 60_000)
afterAll(() => network?.stop())
afterEach(() => network.check())

const pinged = (from: Name, ...options: string[]) => pingText(network, from, ...options)

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
  test('is known to machines by DHCP, with where it leads', async () => {
    const { options } = await machine('red1').dhcp()
    expect(options).toMatchObject({
      router: '10.1.0.1',
      staticroutes: '0.0.0.0/0 10.1.0.1 10.2.0.0/24 10.1.0.1',
    })
  })

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
    let text = ''
    const { green3 = [] } = await arriving(
      [machine('green3')],
      'icmp[icmptype] == icmp-echo or ip[6:2] & 0x1fff != 0',
      async () => {
        text = await pinged('red1', '-M', 'dont', '-s', '1430', addresses.green3)
      },
    )
    expect(text).toContain('1 received')
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

test('a routed packet crosses few tables', async () => {
  const { openVswitch } = network.lab.hypervisor('node1')
  const tablesOf = async (to: Name) => {
    const port = await openVswitch.vsctl('get', 'interface', 'red1', 'ofport')
    const packet = `dl_src=${machine('red1').mac},dl_dst=${routerMac(red.number)},icmp,nw_src=${addresses.red1}`
    const flow = `in_port=${port},${packet},nw_dst=${addresses[to]},nw_ttl=64`
    const text = await openVswitch.appctl('ofproto/trace', 'br0', flow)
    expect(text).toMatch(/Datapath actions: (?!drop)/)
    return new Set([...text.matchAll(/^ *(\d+)\. /gm)].map(([, table]) => table)).size
  }
  // Four more than between neighbours (router, route, neighbour, departure), and icmp: the trace follows larger packets too.
  expect({ same: await tablesOf('green1'), wire: await tablesOf('green2') }).toEqual({ same: 10, wire: 10 })
})
