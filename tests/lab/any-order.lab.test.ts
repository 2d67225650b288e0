/**
 * A bit of everything, said in orders that nobody planned: to a host that was there before it, to one that comes later;
 * with switches and ports there before it, and after.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { made, type Posting, shuffled } from '../support/any-order.ts'
import {
  addresses,
  balancer,
  type Name,
  outside,
  plan,
  requests,
  shared,
  six,
} from '../support/bit-of-everything.ts'
import { lookUp } from '../support/dns-client.ts'
import { ask, asked, echoAt } from '../support/echo.ts'
import { type LegacySwitch, startLegacySwitch } from '../support/legacy-switch.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { type PhysicalMachine, startPhysicalMachine } from '../support/physical-machine.ts'
import { plug, unplug } from '../support/plugging.ts'
import { pickOf } from '../support/random-pick.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { serverAddress } from '../support/routed-out.ts'
import { type Served, serve, talks } from '../support/talk.ts'
import type { Place } from '../support/wire.ts'

let network: Network
let legacy: LegacySwitch
let server: PhysicalMachine
const serverPort = 5002
const listening: Served[] = []
const machine = (name: Name | 'red2') => network.lab.machine(name)
const asItems = (list: readonly Posting[]) => list.map((one) => ({ method: 'POST', ...one }))

beforeAll(async () => {
  network = await startNetwork(plan, [])
  legacy = await startLegacySwitch('legacy', [
    { name: 'oldred', mac: '00:1b:21:00:00:01', vlan: 100, address: '10.1.0.50/24' },
  ])
  await legacy.trunk(network.lab.hypervisor('node1'), 'trunk1')
  const names = Object.keys(addresses) as Name[]
  for (const name of names) {
    const gateway = addresses[name].replace(/\.\d+$/, '.1')
    await machine(name).exec('ip', 'address', 'add', `${addresses[name]}/24`, 'dev', 'eth0')
    if (!name.startsWith('grey'))
      await machine(name).exec('ip', 'route', 'add', 'default', 'via', gateway, 'dev', 'eth0', 'onlink')
  }
  for (const name of ['red1', 'green2'] as const) {
    await machine(name).exec('ip', 'address', 'add', `${six[`if-${name}`]}/64`, 'dev', 'eth0', 'nodad')
    const gateway = six[name === 'red1' ? 'if-redgw' : 'if-greengw']
    await machine(name).exec('ip', '-6', 'route', 'add', 'default', 'via', gateway, 'dev', 'eth0')
  }
  for (const name of ['green1', 'green3'] as const)
    listening.push(await serve(machine(name), ['tcp:22', 'tcp:80']))
  listening.push(await echoAt(machine('green2'), 'tcp', balancer.memberPort))
  listening.push(await echoAt(machine('red1'), 'tcp', shared.insidePort))
  server = await startPhysicalMachine(network.lab, 'server', 'a', serverAddress, '52:54:00:99:00:50')
  listening.push(await echoAt(server, 'tcp', serverPort))
}, 60_000)
afterAll(async () => {
  for (const one of listening) await one.stop()
  await server?.stop()
  await legacy?.stop()
  await network?.stop()
})
afterEach(() => network.check())

const pings6 = (address: string) =>
  machine('red1')
    .exec('ping', '-6', '-n', '-c', '1', '-W', '1', address)
    .then(() => true)
    .catch(() => false)

async function everythingWorks(): Promise<void> {
  await eventually(
    'red 2 to get its address',
    async () => (await machine('red2').dhcp()).address === '10.1.0.77',
  )
  await Promise.all([
    reaches(machine('red1'), addresses.green3),
    reaches(machine('red1'), '10.1.0.77'),
    reaches(machine('green1'), outside),
    reaches(machine('grey1'), addresses.grey2),
    reaches(legacy.machine('oldred'), addresses.red1),
    reaches(legacy.machine('oldred'), '10.1.0.77'),
  ])
  await eventually('red 1 to reach its router by IPv6', () => pings6(six['if-redgw']))
  await eventually('red 1 to reach green 2 by IPv6', () => pings6(six['if-green2']))
  await eventually('ssh to green 1', () => talks(machine('red1'), addresses.green1, 'tcp:22'))
  expect(await lookUp(machine('red1'), '10.1.0.2', 'A', 'www')).toEqual({ records: ['10.1.0.80'] })
  const others = await Promise.all([
    talks(machine('red1'), addresses.green1, 'tcp:80'),
    talks(machine('red1'), addresses.green3, 'tcp:22'),
    isSilent(machine('red1'), addresses.green1).then((silent) => !silent),
    isSilent(machine('grey1'), addresses.red1).then((silent) => !silent),
    isSilent(legacy.machine('oldred'), '10.1.0.99').then((silent) => !silent),
    ...['2001:db8:1::99', '2001:db8:2::99'].map(pings6),
  ])
  expect(others).not.toContain(true)
  await answersAreAsSaid()
}

/** Who answers, and whom they see: by a load balancer, outside by a shared address, and by a port of that from outside. */
async function answersAreAsSaid(): Promise<void> {
  const red1 = machine('red1')
  const isTold = (what: string, told: string, ...[from, address, port]: [Place, string, number]) =>
    eventually(what, async () => (await asked(from, 'tcp', address, port)) === told)
  await Promise.all([
    isTold('the load balancer', `green2 ${outside}`, red1, balancer.address, balancer.port),
    isTold('the server outside', `server ${shared.address}`, red1, serverAddress, serverPort),
    isTold('the shared address', `red1 ${serverAddress}`, server, shared.address, shared.port),
  ])
  const others = await Promise.all([
    ask(red1, 'tcp', balancer.address, balancer.port + 1),
    // Green does not share the address; and no other port of it leads inside.
    ask(machine('green2'), 'tcp', serverAddress, serverPort),
    ask(server, 'tcp', shared.address, shared.port + 1),
  ])
  expect(others).toEqual([null, null, null])
}

async function nothingWorks(): Promise<void> {
  const silent = await Promise.all([
    isSilent(machine('red1'), addresses.green3),
    isSilent(machine('grey1'), addresses.grey2),
    isSilent(legacy.machine('oldred'), addresses.red1),
  ])
  expect(silent).toEqual([true, true, true])
}

test('the host, the switches and the ports first; then everything, one after the other', async () => {
  const pick = pickOf(1)
  for (const { path, body } of shuffled(requests, pick)) await network.host.api('POST', path, body)
  await everythingWorks()
}, 60_000)

test('the state first, then the host, to switches that have forgotten everything', async () => {
  await network.host.stop()
  for (const { openVswitch } of network.lab.hypervisors) await openVswitch.ofctl('del-flows', 'br0')
  await nothingWorks()
  await network.host.start()
  await everythingWorks()
}, 60_000)

test('everything goes; it comes again in another order, then a switch, and the ports last', async () => {
  const plugged = network.lab.machines.map((one) => ({
    one,
    hypervisor: network.lab.hypervisor(one.hypervisor),
  }))
  const all = made(shuffled(requests, pickOf(2))).filter((path) => path.split('/').length === 3)
  const gone = new Set<string>()
  for (const path of all) {
    const { status } = await network.host.request('DELETE', path)
    if (status === 200) gone.add(path)
  }
  expect(gone.size).toBeGreaterThan(20)
  for (const { hypervisor, one } of plugged) await unplug(hypervisor, one)
  const late = network.lab.hypervisor('node2').openVswitch
  await late.killVswitchd()
  await network.host.api('POST', '/batch?wait=applied', asItems(shuffled(requests, pickOf(3))))
  await late.startVswitchd()
  for (const { hypervisor, one } of plugged) await plug(hypervisor, one)
  await everythingWorks()
}, 60_000)
