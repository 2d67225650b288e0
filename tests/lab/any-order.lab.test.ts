/**
 * A bit of everything, said in orders that nobody planned: to a host that was there before it, to one that comes later;
 * with switches and ports there before it, and after.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { made, type Posting, shuffled } from '../support/any-order.ts'
import { lookUp } from '../support/dns-client.ts'
import { type LegacySwitch, startLegacySwitch } from '../support/legacy-switch.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { plug, unplug } from '../support/plugging.ts'
import { pickOf } from '../support/random-pick.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { networkRequests, routerRequests, segmentRequests, trunkRequests } from '../support/requests.ts'
import { type Served, serve, talks } from '../support/talk.ts'
import { planOf } from './flows/plan.ts'

const plan = planOf({ node1: ['red1', 'green1', 'grey1'], node2: ['red2', 'grey2'], node3: ['green3'] })
const red = { name: 'red', number: 1, subnet: '10.1.0' }
const green = { name: 'green', number: 2, subnet: '10.2.0', encapsulation: 'vxlan' } as const
const addresses = {
  ...{ red1: '10.1.0.11', green1: '10.2.0.11', green3: '10.2.0.12' },
  ...{ grey1: '192.168.77.1', grey2: '192.168.77.2' },
} as const
type Name = keyof typeof addresses
const outside = '10.2.0.101'

const post = (path: string, body: Posting['body'] = {}): Posting => ({ path, body })

/**
 * Topologies link the hypervisors; red 2 gets its address by a policy; green 1 and 3 are guarded, and hear of red 1 by its
 * address outside.
 */
const linked = [
  post('/topologies', { uuid: 'topo-u', mode: 'simple_underlay' }),
  post('/topologies', { uuid: 'topo-o', mode: 'simple_overlay' }),
  post('/topologies/topo-o/underlays/topo-u'),
  ...['networks/nw-red', 'networks/nw-green', 'segments/seg-grey', 'route_links/rl-one'].map((one) =>
    post(`/topologies/topo-o/${one}`),
  ),
  ...['node1', 'node2', 'node3'].map((node) =>
    post(`/topologies/topo-u/datapaths/dp-${node}`, { interface_uuid: `if-${node}` }),
  ),
  post('/mac_range_groups', { uuid: 'mrg-a' }),
  post('/mac_range_groups/mrg-a/mac_ranges', {
    ...{ uuid: 'mr-a', begin_mac_address: '02:03:00:00:00:00', end_mac_address: '02:03:00:00:ff:ff' },
  }),
  post('/topologies/topo-u/mac_range_groups/mrg-a'),
]
const leased = [
  post('/ip_range_groups', { uuid: 'iprg-a' }),
  post('/ip_range_groups/iprg-a/ip_ranges', {
    ...{ uuid: 'ipr-a', begin_ipv4_address: '10.1.0.77', end_ipv4_address: '10.1.0.77' },
  }),
  post('/lease_policies', { uuid: 'lp-a', timing: 'dhcp' }),
  post('/lease_policies/lp-a/networks/nw-red', { ip_range_group_uuid: 'iprg-a' }),
  post('/lease_policies/lp-a/interfaces/if-red2'),
]
const served = [
  post('/network_services', { uuid: 'ns-dns', interface_uuid: 'if-reddhcp', mode: 'dns' }),
  post('/dns_services', { uuid: 'dnss-a', network_service_uuid: 'ns-dns' }),
  post('/dns_services/dnss-a/dns_records', { uuid: 'dnsr-a', name: 'www', ipv4_address: '10.1.0.80' }),
]
const guarded = [
  post('/security_groups', { uuid: 'sg-a', display_name: 'a', rules: `tcp:22:${outside}` }),
  post('/security_groups/sg-a/interfaces/if-green1'),
  post('/filters', { uuid: 'fil-a', interface_uuid: 'if-green3', mode: 'static' }),
  ...['arp', 'icmp'].map((protocol) => post('/filters/fil-a/static', { protocol, action: 'pass' })),
]
const translated = [
  post('/ip_leases', {
    ...{ uuid: 'il-out', interface_uuid: 'if-greengw', network_uuid: 'nw-green' },
    ...{ ipv4_address: outside, enable_routing: true },
  }),
  post('/translations', { uuid: 'tr-a', interface_uuid: 'if-greengw', mode: 'static_address' }),
  post('/translations/tr-a/static_address', {
    ...{ ingress_ipv4_address: outside, egress_ipv4_address: addresses.red1, route_link_uuid: 'rl-one' },
  }),
]

const six = { 'if-red1': '2001:db8:1::11', 'if-redgw': '2001:db8:1::1' }
const addressed = Object.entries(six).map(([interface_uuid, ipv6_address]) =>
  post('/ip_leases', { interface_uuid, network_uuid: 'nw-red', ipv6_address }),
)

/** What networks and interfaces are told beside what the usual requests say. */
const more: Readonly<Record<string, object>> = {
  'nw-red': { ipv6_network: '2001:db8:1::/64' },
  'if-green1': { ingress_filtering_enabled: true },
  'if-green3': { enable_filtering: true },
  'if-greengw': { enable_route_translation: true },
}
const plain = [
  ...physicalRequests(plan),
  ...[red, green].flatMap((network) => networkRequests(plan, network)),
  ...segmentRequests(plan, { name: 'grey', number: 3 }),
  ...routerRequests('one', [red, green]),
  ...trunkRequests('node1', 'trunk1', { 100: 'red' }),
]
const requests = [
  ...plain
    .filter(({ path }) => !/^\/datapaths\/[^/]+\/(networks\/nw-(red|green)|segments)/.test(path))
    .map(({ path, body }) => post(path, { ...body, ...more[`${body['uuid']}`] }))
    // Red 2's address is its policy's to give.
    .map(({ path, body: { ipv4_address, network_uuid, ...body } }) =>
      body['uuid'] === 'if-red2'
        ? post(path, body)
        : post(path, {
            ...body,
            ...(ipv4_address === undefined ? {} : { ipv4_address }),
            ...(network_uuid === undefined ? {} : { network_uuid }),
          }),
    ),
  ...[...linked, ...leased, ...served, ...guarded, ...translated, ...addressed],
]

let network: Network
let legacy: LegacySwitch
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
  await machine('red1').exec('ip', 'address', 'add', `${six['if-red1']}/64`, 'dev', 'eth0', 'nodad')
  for (const name of ['green1', 'green3'] as const)
    listening.push(await serve(machine(name), ['tcp:22', 'tcp:80']))
}, 60_000)
afterAll(async () => {
  for (const one of listening) await one.stop()
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
  expect(await pings6('2001:db8:1::99')).toBe(false)
  await eventually('ssh to green 1', () => talks(machine('red1'), addresses.green1, 'tcp:22'))
  expect(await lookUp(machine('red1'), '10.1.0.2', 'A', 'www')).toEqual({ records: ['10.1.0.80'] })
  const others = await Promise.all([
    talks(machine('red1'), addresses.green1, 'tcp:80'),
    talks(machine('red1'), addresses.green3, 'tcp:22'),
    isSilent(machine('red1'), addresses.green1).then((silent) => !silent),
    isSilent(machine('grey1'), addresses.red1).then((silent) => !silent),
    isSilent(legacy.machine('oldred'), '10.1.0.99').then((silent) => !silent),
  ])
  expect(others).toEqual([false, false, false, false, false])
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

test('everything goes; it comes again in another order, and the ports last', async () => {
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
  await network.host.api('POST', '/batch?wait=applied', asItems(shuffled(requests, pickOf(3))))
  for (const { hypervisor, one } of plugged) await plug(hypervisor, one)
  await everythingWorks()
}, 60_000)
