/**
 * A distributed router: packets are routed where their sender is, on the same hypervisor, over the wire and through a
 * tunnel. Two tenants have the same addresses on both sides of routers of their own.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { datagram } from '../support/frames.ts'
import { whereTheyArrive } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { reaches } from '../support/reach.ts'
import {
  type NetworkPlan,
  networkRequests,
  routeRequest,
  routerMac,
  routerRequests,
} from '../support/requests.ts'
import { arriving } from '../support/wire.ts'
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

  test('never leave a hypervisor under the address of a router interface, which every one has', async () => {
    const wires = ['node1', 'node2', 'node3'].map((name) => ({
      name,
      netns: network.lab.fabric,
      device: name,
    }))
    const routers = [red, green, blue, cyan]
      .map(({ number }) => `ether src ${routerMac(number)}`)
      .join(' or ')
    const seen = await arriving(wires, `(${routers}) and ip`, async () => {
      await reaches(machine('red1'), addresses.green2)
      await reaches(machine('green2'), addresses.red1)
    })
    expect(seen).toEqual({ node1: [], node2: [], node3: [] })
  })
})
