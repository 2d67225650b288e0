/**
 * Out into physical networks and the internet: from where the machine is where its hypervisor is on that network, else by
 * way of one that is. Next hops are found by ARP, and learned.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { datagram } from '../support/frames.ts'
import { whereTheyArrive } from '../support/marked.ts'
import { eventually } from '../support/open-vswitch.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { routerMac, routerRequests } from '../support/requests.ts'
import {
  blue,
  farAway,
  type OutNetwork,
  outside,
  type Red,
  redAddress,
  reds,
  serverAddress,
  startOutNetwork,
  wayOutRequests,
} from '../support/routed-out.ts'
import { arriving } from '../support/wire.ts'

let network: OutNetwork
const machine = (name: Red | 'blue1') => network.lab.machine(name)
const wire = (name: string) => ({ name, netns: network.lab.fabric, device: name })
const ping = (name: Red, ...options: string[]) =>
  machine(name)
    .exec('ping', '-n', '-c', '1', '-W', '5', ...options)
    .catch((error: Error) => error.message)
const pingBack = (address: string) =>
  network.server.exec('ping', '-n', '-c', '1', '-W', '2', address).catch((error: Error) => error.message)

beforeAll(async () => {
  network = await startOutNetwork()
}, 60_000)
afterAll(() => network?.stop())
afterEach(() => network.check())

describe('machines of a virtual network', () => {
  test('reach a physical network and what is behind its gateway, from every hypervisor', async () => {
    for (const name of reds) {
      await reaches(machine(name), serverAddress)
      await reaches(machine(name), farAway)
      await reaches(machine(name), outside.address)
    }
    // The same addresses, and no way out.
    expect(await isSilent(machine('blue1'), serverAddress)).toBe(true)
  }, 60_000)

  test('are reached from there', async () => {
    for (const name of reds)
      await eventually(`${name} to be reached`, async () =>
        (await pingBack(redAddress[name])).includes('1 received'),
      )
    expect(await pingBack(outside.address)).toContain('1 received')
    expect(await pingBack('10.1.0.99')).toContain(
      `From ${outside.address} icmp_seq=1 Destination Host Unreachable`,
    )
  }, 60_000)

  test('show no MAC address at two places of the physical switch', async () => {
    const seen = await arriving([wire('node1'), wire('node2')], 'icmp', async () => {
      for (const name of reds) await reaches(machine(name), serverAddress)
    })
    const sources = (node: string) => new Set(seen[node]!.map((frame) => frame.slice(12, 24)))
    expect(sources('node1').has(outside.mac.replaceAll(':', ''))).toBe(true)
    expect(sources('node1').intersection(sources('node2'))).toEqual(new Set())
  })

  test('are told of who does not answer, once it was asked for', async () => {
    const isTold = async (name: Red) =>
      (await ping(name, '192.168.10.99')).includes('From 10.1.0.1 icmp_seq=1 Destination Host Unreachable')
    await Promise.all(reds.map((name) => eventually(`${name} to be told`, () => isTold(name), 15_000)))
    // Nobody asks again for a while.
    const { node1 = [] } = await arriving([wire('node1')], 'arp and arp[24:4] == 0xc0a80a63', () =>
      ping('red1', '192.168.10.99'),
    )
    expect(node1).toEqual([])
  }, 60_000)
})

test('tenants with the same addresses have ways out of their own', async () => {
  const { host, server } = network
  const outer = { address: '192.168.10.253', mac: '02:00:00:01:10:fd' }
  await host.api('POST', '/batch?wait=applied', [
    ...routerRequests('two', [blue]),
    ...wayOutRequests('two', 'if-other', 'r-other', outer),
  ])
  const { blue1 } = { blue1: machine('blue1') }
  const out = (mark: string) =>
    datagram([routerMac(blue.number), blue1.mac], redAddress.red1, serverAddress, [7777, 7777], mark)
  const { server: heard = [] } = await arriving([server], 'udp port 7777', async () => {
    await eventually('the server to hear blue1', async () => {
      const seen = await whereTheyArrive(blue1, [server], { out })
      return seen.out.length > 0
    })
  })
  expect(new Set(heard.map((frame) => frame.slice(12, 24)))).toEqual(new Set([outer.mac.replaceAll(':', '')]))
  const back = (mac: string) => (mark: string) =>
    datagram([mac, server.mac], serverAddress, redAddress.red1, [7777, 7777], mark)
  expect(
    await whereTheyArrive(server, [machine('red1'), blue1], {
      byRed: back(outside.mac),
      byBlue: back(outer.mac),
    }),
  ).toEqual({ byRed: ['red1'], byBlue: ['blue1'] })
  await host.api('DELETE', '/interfaces/if-other?wait=applied')
}, 60_000)

test('a way out goes with its route, and comes back with it', async () => {
  await network.host.api('DELETE', '/routes/r-out?wait=applied')
  for (const name of reds) expect(await ping(name, serverAddress)).toContain('Destination Net Unreachable')
  const route = {
    uuid: 'r-out',
    interface_uuid: 'if-out',
    network_uuid: 'nw-physa',
    route_link_uuid: 'rl-one',
  }
  await network.host.api('POST', '/routes?wait=applied', { ...route, ipv4_network: '192.168.10.0/24' })
  for (const name of reds) {
    await reaches(machine(name), serverAddress)
    expect(await ping(name, farAway)).toContain('Destination Net Unreachable')
  }
}, 60_000)
