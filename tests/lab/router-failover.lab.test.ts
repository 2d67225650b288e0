/**
 * Two hypervisors on a physical network, each with a host of its own; one of them speaks for the routers into it, one that
 * routes and one that shares its address. When it is gone the other does, and never both.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { fenceMs } from '../../functions/state/fence.ts'
import { asked, echoAt } from '../support/echo.ts'
import { eventually, runCommand } from '../support/open-vswitch.ts'
import { type PhysicalMachine, startPhysicalMachine } from '../support/physical-machine.ts'
import { reaches } from '../support/reach.ts'
import { networkRequests, routerRequests } from '../support/requests.ts'
import { blue, outside, red, serverAddress, wayOutRequests } from '../support/routed-out.ts'
import { type SharedNetwork, startSharedNetwork } from '../support/shared-network.ts'
import { pingsDuring } from '../support/stream.ts'
import { arriving } from '../support/wire.ts'
import { planOf } from './flows/plan.ts'

let network: SharedNetwork
let server: PhysicalMachine
const machine = (name: string) => network.lab.machine(name)

const plan = planOf({ node1: ['red1'], node2: ['red2'], node3: ['red3', 'blue3'] })
const edge = { address: '192.168.10.253', mac: '02:00:00:01:10:fd' }
const red3 = '10.1.0.13'
const failoverMs = 20_000
const intervalMs = 10

beforeAll(async () => {
  network = await startSharedNetwork(plan, [
    ...physicalRequests(plan),
    ...[red, blue].flatMap((one) => networkRequests(plan, one)),
    ...routerRequests('one', [red]),
    ...wayOutRequests('one', 'if-out', 'r-out', outside),
    ...routerRequests('two', [blue]),
    ...wayOutRequests('two', 'if-edge', 'r-edge', edge),
  ])
  const { host } = network
  await host('node1').api('PUT', '/interfaces/if-edge', { enable_route_translation: true })
  await host('node1').api('POST', '/translations', {
    ...{ uuid: 'tr-edge', interface_uuid: 'if-edge', mode: 'source_address' },
  })
  await host('node1').api('POST', '/translations/tr-edge/source_address?wait=applied', {
    ...{ ingress_ipv4_address: edge.address, egress_ipv4_network: '10.1.0.0/24' },
  })
  server = await startPhysicalMachine(network.lab, 'server', 'a', serverAddress, '52:54:00:99:00:50')
  await server.exec('ip', 'route', 'add', '10.1.0.0/24', 'via', outside.address)
  await Promise.all(['red1', 'red2', 'red3', 'blue3'].map((name) => machine(name).dhcp()))
}, 60_000)
afterAll(async () => {
  await server?.stop()
  await network?.stop()
})
afterEach(() => network.check())

/** Behind which hypervisor the physical switch has heard a MAC address last. */
async function behind(mac: string): Promise<string | undefined> {
  const text = await runCommand(['bridge', '-n', network.lab.fabric, 'fdb', 'show', 'br', 'sw-a'])
  return new RegExp(`^${mac} dev (node\\d)`, 'm').exec(text)?.[1]
}
const speakers = async () => [await behind(outside.mac), await behind(edge.mac)]

const allReach = async () => {
  for (const name of ['red3', 'blue3']) await reaches(machine(name), serverAddress)
  await eventually('red3 to be reached', () => server.exec('ping', '-c', '1', '-W', '1', red3))
}

/** Pings in and out, every 10 ms, while the other hypervisor takes over: how long nothing arrived, and that nothing did twice. */
async function takenOver(
  by: string,
  happen: () => Promise<unknown>,
  afterwards: () => Promise<unknown> = async () => {},
): Promise<number> {
  const wires = ['node1', 'node2'].map((name) => ({ name, netns: network.lab.fabric, device: name }))
  const other = by === 'node1' ? 'node2' : 'node1'
  let outages: number[] = []
  const seen = await arriving(wires, `ether src ${outside.mac} or ether src ${edge.mac}`, async () => {
    const results = await pingsDuring(
      [
        { from: machine('red3'), to: serverAddress },
        { from: machine('blue3'), to: serverAddress },
        { from: server, to: red3 },
      ],
      intervalMs,
      async () => {
        await happen()
        await eventually(
          `${by} to speak`,
          async () => (await speakers()).every((one) => one === by),
          failoverMs,
        )
        await allReach()
      },
    )
    expect(results.map(({ duplicates }) => duplicates)).toEqual([0, 0, 0])
    outages = results.map(({ gapMs }) => gapMs)
  })
  expect(seen[by]!.length).toBeGreaterThan(10)
  await afterwards()
  // Whoever was replaced is silent, whatever comes.
  const after = await arriving(wires, `ether src ${outside.mac} or ether src ${edge.mac}`, async () => {
    await allReach()
    await server.exec('arping', '-c', '2', '-w', '2', '-I', 'eth0', outside.address).catch(() => '')
  })
  expect(after[by]!.length).toBeGreaterThan(3)
  expect(after[other]).toEqual([])
  return Math.max(...outages)
}

test('one of two speaks for a router', async () => {
  await allReach()
  const [first, second] = await speakers()
  expect([first, second]).toEqual(['node1', 'node1'])
  await using _udp = await echoAt(server, 'udp', 5002)
  expect(await asked(machine('blue3'), 'udp', serverAddress, 5002)).toBe(`server ${edge.address}`)
}, 60_000)

test('when its switch is gone the other does, and goes on when it is back', async () => {
  const { openVswitch } = network.lab.hypervisor('node1')
  const outageMs = await takenOver('node2', () => openVswitch.killVswitchd())
  expect(outageMs).toBeLessThan(failoverMs)
  await using _udp = await echoAt(server, 'udp', 5002)
  expect(await asked(machine('blue3'), 'udp', serverAddress, 5002)).toBe(`server ${edge.address}`)
  await openVswitch.startVswitchd()
  await network.check()
  await allReach()
  expect(await speakers()).toEqual(['node2', 'node2'])
}, 60_000)

test('a switch whose host is gone goes on until the other speaks, and then falls silent', async () => {
  const host = network.host('node2')
  const outageMs = await takenOver('node1', () => host.kill9())
  // It had served on until then, and machines on it still get out.
  expect(outageMs).toBeLessThan(3_000)
  await reaches(machine('red2'), serverAddress)
  await host.start()
  await network.check()
  await allReach()
  expect(await speakers()).toEqual(['node1', 'node1'])
}, 60_000)

test('when the cable of its hypervisor is pulled the other speaks, and goes on when that is back', async () => {
  const cable = (state: 'up' | 'down') =>
    runCommand(['ip', '-n', network.lab.fabric, 'link', 'set', 'node1', state])
  const outageMs = await takenOver(
    'node2',
    () => cable('down'),
    () => cable('up'),
  )
  // Nobody is cut off: that it speaks no more is acknowledged, not waited for.
  expect(outageMs).toBeLessThan(fenceMs)
  await reaches(machine('red1'), serverAddress)
  expect(await speakers()).toEqual(['node2', 'node2'])
}, 60_000)

test('with every host dead it serves on', async () => {
  for (const name of ['node1', 'node2', 'node3']) await network.host(name).kill9()
  const { openVswitch } = network.lab.hypervisor('node2')
  await eventually(
    'what a host has said to end',
    async () => !(await openVswitch.ofctl('dump-flows', 'br0', 'table=63')).includes('priority=100'),
    failoverMs,
  )
  await allReach()
  expect(await speakers()).toEqual(['node2', 'node2'])
  for (const name of ['node1', 'node2', 'node3']) await network.host(name).start()
}, 60_000)
