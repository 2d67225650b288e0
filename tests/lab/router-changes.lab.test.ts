/** A router while things change: tenants stay apart, what is told takes effect at once, what did not change is not touched. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { datagram } from '../support/frames.ts'
import { whereTheyArrive } from '../support/marked.ts'
import type { Network } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { move, plug, unplug } from '../support/plugging.ts'
import { reaches } from '../support/reach.ts'
import { type NetworkPlan, routeRequest, routerMac } from '../support/requests.ts'
import {
  addresses,
  blue,
  cyan,
  green,
  type Name,
  names,
  pingText,
  red,
  startRoutedNetwork,
} from '../support/routed-network.ts'
import { lossDuring } from '../support/stream.ts'
import { arriving, sendFrames } from '../support/wire.ts'

let network: Network
const machine = (name: Name) => network.lab.machine(name)
const pinged = (from: Name, ...options: string[]) => pingText(network, from, ...options)
const api = (method: string, path: string, body?: unknown) =>
  network.host.api(method, `${path}?wait=applied`, body)

beforeAll(async () => {
  network = await startRoutedNetwork()
}, 60_000)
afterAll(() => network?.stop())
afterEach(() => network.check())

describe('two tenants with the same addresses', () => {
  const everyone = () => names.map(machine)

  test('never reach one another by their routers', async () => {
    const routed = (name: Name, router: NetworkPlan, to: string) => (mark: string) =>
      datagram([routerMac(router.number), machine(name).mac], addresses[name], to, [7777, 7777], mark)
    // The first packet into a tunnel may be lost.
    await reaches(machine('red1'), addresses.green3)
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

  test('a hypervisor routes to the networks that are on its datapath', async () => {
    await reaches(machine('green3'), addresses.red1)
    await api('DELETE', '/datapaths/dp-node3/networks/nw-red')
    expect(await pinged('green3', addresses.red1)).toContain('Destination Host Unreachable')
    expect(await pinged('red1', addresses.green3)).toContain('100% packet loss')
    await reaches(machine('green2'), addresses.red1)
    await network.check()
    await api('POST', '/datapaths/dp-node3/networks/nw-red', { interface_uuid: 'if-node3' })
    await reaches(machine('green3'), addresses.red1)
    await reaches(machine('red1'), addresses.green3)
  }, 60_000)

  test('a router that gets its address after its route works from then on', async () => {
    const network_uuid = 'nw-late'
    await api('POST', '/networks', { uuid: network_uuid, mode: 'virtual', ipv4_network: '10.4.0.0' })
    await api('POST', '/interfaces', { uuid: 'if-lategw', mode: 'simulated' })
    const { path, body } = routeRequest('one', { name: 'late', number: 6, subnet: '10.4.0' })
    await api('POST', path, body)
    expect(await pinged('red1', '10.4.0.1')).toContain('Destination Net Unreachable')
    await api('POST', '/mac_leases', { interface_uuid: 'if-lategw', mac_address: '02:00:00:01:06:01' })
    await api('POST', '/ip_leases', { interface_uuid: 'if-lategw', network_uuid, ipv4_address: '10.4.0.1' })
    await api('PUT', '/interfaces/if-lategw', { enable_routing: true })
    await reaches(machine('red1'), '10.4.0.1')
    await reaches(machine('green3'), '10.4.0.1')
    await api('DELETE', '/interfaces/if-lategw')
    expect(await pinged('red1', '10.4.0.1')).toContain('Destination Net Unreachable')
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

  test('an interface that joins a second router takes the routes of both', async () => {
    await api('POST', '/route_links', { uuid: 'rl-three' })
    const network_uuid = 'nw-grey'
    await api('POST', '/networks', { uuid: network_uuid, mode: 'virtual', ipv4_network: '10.3.0.0' })
    await api('POST', '/interfaces', {
      ...{ uuid: 'if-greygw', mode: 'simulated', enable_routing: true, network_uuid },
      ...{ mac_address: '02:00:00:01:05:01', ipv4_address: '10.3.0.1' },
    })
    const grey: NetworkPlan = { name: 'grey', number: 5, subnet: '10.3.0' }
    const byThree = (plan: NetworkPlan) => {
      const { path, body } = routeRequest('three', plan)
      return api('POST', path, { ...body, uuid: `r-${plan.name}three` })
    }
    expect(await pinged('red1', '10.3.0.1')).toContain('Destination Net Unreachable')
    await byThree(grey)
    await byThree(red)
    await reaches(machine('red1'), '10.3.0.1')
    await reaches(machine('red1'), addresses.green3)
    // Green is not joined to it.
    expect(await pinged('green1', '10.3.0.1')).toContain('Destination Net Unreachable')
    await api('DELETE', '/route_links/rl-three')
    expect(await pinged('red1', '10.3.0.1')).toContain('Destination Net Unreachable')
    await reaches(machine('red1'), addresses.green3)
  }, 60_000)

  test('nothing is lost of what they do not concern', async () => {
    await reaches(machine('red1'), addresses.green3)
    const loss = await lossDuring(machine('red1'), addresses.green3, async () => {
      for (let round = 0; round < 3; round++) {
        await api('DELETE', '/routes/r-cyan')
        const { path, body } = routeRequest('two', cyan)
        await api('POST', path, body)
        await api('POST', '/routes', {
          ...{ uuid: 'r-more', interface_uuid: 'if-greengw', network_uuid: 'nw-green' },
          ...{ route_link_uuid: 'rl-one', ipv4_network: '10.77.0.0', ipv4_prefix: 16 },
        })
        await api('DELETE', '/routes/r-more')
      }
    })
    expect(loss.sent).toBeGreaterThan(100)
    expect(loss.lost).toBe(0)
    await reaches(machine('blue1'), addresses.cyan3)
  }, 60_000)
})

test('who floods a router with what cannot be routed is told at its own rate, and keeps nobody from being told', async () => {
  const lost = datagram([routerMac(red.number), machine('red1').mac], addresses.red1, '10.9.0.1')
  const { red1 = [] } = await arriving([machine('red1')], 'icmp', async () => {
    const flood = sendFrames(machine('red1'), [lost], { forMs: 2_000, perSecond: 3_000 })
    await Bun.sleep(300)
    for (let round = 0; round < 5; round++)
      expect(await pinged('green1', '-t', '1', addresses.red1)).toContain('Time to live exceeded')
    expect(await flood).toBeGreaterThan(1_000)
  })
  expect(red1.length).toBeGreaterThan(10)
  expect(red1.length).toBeLessThan(200)
}, 60_000)
