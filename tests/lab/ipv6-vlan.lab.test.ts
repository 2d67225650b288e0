/** IPv6 of legacy machines on a VLAN, whom the state does not know, and of machines of their network anywhere. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { datagram6, discovery, groupMac } from '../support/frames-ipv6.ts'
import { addresses, ipv6Plan, ipv6Requests, prefix } from '../support/ipv6-network.ts'
import { type LegacySwitch, startLegacySwitch } from '../support/legacy-switch.ts'
import { nowhere, whereTheyArrive } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { trunkRequests } from '../support/requests.ts'

let network: Network
let legacy: LegacySwitch
const reds = ['red1', 'red2', 'red3'] as const
const oldAddress = `${prefix}:50`
const oldMac = '00:1b:21:00:00:01'
const old = (name: string) => legacy.machine(name)

beforeAll(async () => {
  network = await startNetwork(ipv6Plan, [
    ...ipv6Requests,
    ...trunkRequests('node1', 'trunk1', { 100: 'red' }),
  ])
  legacy = await startLegacySwitch('legacy6', [
    { name: 'oldred', mac: oldMac, vlan: 100, address: '10.1.0.50/24' },
    { name: 'oldgrey', mac: '00:1b:21:00:00:04', vlan: 300, address: '10.1.0.51/24' },
  ])
  await legacy.trunk(network.lab.hypervisor('node1'), 'trunk1')
  const add = (address: string) => ['ip', '-6', 'address', 'replace', `${address}/64`, 'dev', 'eth0', 'nodad']
  await old('oldred').exec(...add(oldAddress))
  await old('oldgrey').exec(...add(`${prefix}:51`))
  for (const name of reds) await network.lab.machine(name).exec(...add(addresses[name]))
  await network.lab.machine('blue1').exec(...add(addresses.blue1))
}, 60_000)
afterAll(async () => {
  await legacy?.stop()
  await network?.stop()
})
afterEach(() => network.check())

test('they reach each other, and nobody else', async () => {
  for (const name of reds) {
    await reaches(old('oldred'), addresses[name])
    await reaches(network.lab.machine(name), oldAddress)
  }
  expect(await isSilent(old('oldgrey'), addresses.red1)).toBe(true)
  expect(await isSilent(network.lab.machine('blue1'), oldAddress)).toBe(true)
}, 60_000)

test('groups are heard everywhere in the network; what only routers, servers and others say nowhere', async () => {
  const places = [...network.lab.machines, old('oldgrey')]
  const to = (source: string, group: string) => (mark: string) =>
    datagram6([groupMac(group), oldMac], source, group, [7777, 7777], mark)
  const all = await whereTheyArrive(old('oldred'), places, { all: to(oldAddress, 'ff02::1') })
  expect(all['all']!.toSorted()).toEqual(['red1', 'red2', 'red3', 'red4'])
  const bad = {
    'the address of a machine': to(addresses.red2, 'ff02::1'),
    'an answer of a server': (mark: string) =>
      datagram6([groupMac('ff02::1'), oldMac], oldAddress, 'ff02::1', [547, 546], mark),
    'a router advertisement': (mark: string) =>
      discovery(
        [groupMac('ff02::1'), oldMac],
        'fe80::21b:21ff:fe00:1',
        'ff02::1',
        134,
        `40000708${'00'.repeat(8)}${mark}`,
      ),
  }
  expect(await whereTheyArrive(old('oldred'), places, bad)).toEqual(nowhere(bad))
}, 60_000)
