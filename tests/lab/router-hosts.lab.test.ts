/** A router where each hypervisor has a host of its own: each routes for its own machines, by the same state. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { eventually } from '../support/open-vswitch.ts'
import { reaches } from '../support/reach.ts'
import { routeRequest } from '../support/requests.ts'
import { addresses, green, type Name, names, routedPlan, routedRequests } from '../support/routed-network.ts'
import { type SharedNetwork, startSharedNetwork } from '../support/shared-network.ts'

let network: SharedNetwork
const machine = (name: Name) => network.lab.machine(name)

beforeAll(async () => {
  network = await startSharedNetwork(routedPlan, routedRequests)
  await Promise.all(names.map((name) => machine(name).dhcp()))
}, 60_000)
afterAll(() => network?.stop())
afterEach(() => network.check())

test('machines reach each other over all of them', async () => {
  for (const to of ['green1', 'green2', 'green3'] as const) {
    await reaches(machine('red1'), addresses[to])
    await reaches(machine(to), addresses.red1)
  }
  await reaches(machine('cyan3'), addresses.blue1)
}, 60_000)

test('a route that one host is told of is there when it answers, on every hypervisor', async () => {
  await network.host('node3').api('DELETE', '/routes/r-green?wait=applied')
  expect(await machine('green2').ping(addresses.red1)).toBeNull()
  expect(await machine('red1').ping(addresses.green2)).toBeNull()
  const { path, body } = routeRequest('one', green)
  await network.host('node2').api('POST', `${path}?wait=applied`, body)
  await reaches(machine('red1'), addresses.green2)
  await reaches(machine('green3'), addresses.red1)
}, 60_000)

test('a host that is killed routes on, and tells of what cannot be routed when it is back', async () => {
  const host = network.host('node1')
  await host.kill9()
  await reaches(machine('red1'), addresses.green3)
  await reaches(machine('green1'), addresses.red1)
  expect(await machine('red1').ping('10.2.0.1')).not.toBeNull()
  await host.start()
  const told = () =>
    machine('red1')
      .exec('ping', '-n', '-c', '1', '-W', '1', '10.9.0.1')
      .catch((error: Error) => error.message)
  await eventually('the host to tell', async () => (await told()).includes('Destination Net Unreachable'))
}, 60_000)
