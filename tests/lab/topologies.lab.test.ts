/** Three hypervisors that topologies alone link: over the wire and by tunnel, and whatever of them changes. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { demoPlan } from '../../cli/lab/plan.ts'
import { demoRequests } from '../../cli/vnet/demo/network.ts'
import { broadcast, datagram } from '../support/frames.ts'
import { whereTheyArrive } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { arriving } from '../support/wire.ts'

const post = (path: string, body: object = {}) => ({ method: 'POST', path, body })
const nodes = ['node1', 'node2', 'node3'] as const
const range = { begin_mac_address: '02:03:00:00:01:00', end_mac_address: '02:03:00:00:01:ff' }

/** Nothing is added to a datapath by hand. The topologies come first, what is in them when it is there. */
const requests = [
  post('/topologies', { uuid: 'topo-phys', mode: 'simple_underlay' }),
  post('/topologies', { uuid: 'topo-red', mode: 'simple_overlay' }),
  post('/topologies/topo-red/underlays/topo-phys'),
  post('/mac_range_groups', { uuid: 'mrg-1' }),
  post('/topologies/topo-phys/mac_range_groups/mrg-1'),
  ...demoRequests(demoPlan)
    .filter(({ path }) => !/^\/datapaths\/.*\/networks\//.test(path))
    .map((one) =>
      one.body['uuid'] === 'nw-red' ? post(one.path, { ...one.body, topology_uuid: 'topo-red' }) : one,
    ),
  ...['nw-physa', 'nw-physb'].map((uuid) => post(`/topologies/topo-phys/networks/${uuid}`)),
  post('/mac_range_groups/mrg-1/mac_ranges', range),
  ...nodes.map((node) =>
    post(`/topologies/topo-phys/datapaths/dp-${node}`, { interface_uuid: `if-${node}` }),
  ),
]

let network: Network
beforeAll(async () => {
  network = await startNetwork(demoPlan, requests)
  await Promise.all(network.lab.machines.map((machine) => machine.dhcp()))
})
afterAll(() => network?.stop())
afterEach(() => network.check())

const machine = (name: string) => network.lab.machine(name)
const change = (method: string, path: string, body?: object) =>
  network.host.api(method, `${path}?wait=applied`, body)
const reachesBoth = async (tenant: string) => {
  for (const address of ['10.0.0.12', '10.0.0.13']) await reaches(machine(`${tenant}1`), address)
}
const silentFor = async (tenant: string, ...addresses: string[]) => {
  const silent = await Promise.all(addresses.map((address) => isSilent(machine(`${tenant}1`), address)))
  expect(silent).toEqual(addresses.map(() => true))
}
const toAll = (marker: string) =>
  datagram([broadcast, machine('red1').mac], '10.0.0.11', '10.0.0.255', [7_777, 7_777], marker)
const whoHears = async () =>
  (await whereTheyArrive(machine('red1'), [machine('red2'), machine('red3')], { toAll })).toAll

/** The MAC addresses that copies for node 2 travel under. */
async function copiesTo2(): Promise<string[]> {
  const node2 = { name: 'node2', netns: network.lab.hypervisor('node2').openVswitch.netns, device: 'eth0' }
  const { node2: frames } = await arriving([node2], 'udp port 7777', whoHears)
  return [...new Set((frames ?? []).map((frame) => frame.slice(0, 12)))]
}

test('what is in an overlay is linked over the wire and by tunnel; what is in none, is not', async () => {
  await reachesBoth('red')
  expect(await whoHears()).toEqual(['red2', 'red3'])
  await silentFor('blue', '10.0.0.12', '10.0.0.13')
  await silentFor('red', '10.0.0.99')
}, 60_000)

test('networks come and go', async () => {
  await change('POST', '/topologies', { uuid: 'topo-blue', mode: 'simple_overlay' })
  await change('POST', '/topologies/topo-blue/networks/nw-blue')
  await silentFor('blue', '10.0.0.12')
  await change('POST', '/topologies/topo-blue/underlays/topo-phys')
  await reachesBoth('blue')
  await change('DELETE', '/topologies/topo-red/networks/nw-red')
  await silentFor('red', '10.0.0.12', '10.0.0.13')
  expect(await whoHears()).toEqual([])
  await reachesBoth('blue')
  await change('DELETE', '/topologies/topo-blue')
  await change('POST', '/topologies/topo-red/networks/nw-red')
  await reachesBoth('red')
  await silentFor('blue', '10.0.0.12', '10.0.0.13')
}, 60_000)

test('datapaths come and go, and what was linked by hand stays', async () => {
  const node3 = '/topologies/topo-phys/datapaths/dp-node3'
  await change('DELETE', node3)
  await silentFor('red', '10.0.0.13')
  await reaches(machine('red1'), '10.0.0.12')
  await change('POST', '/datapaths/dp-node3/networks/nw-red', { interface_uuid: 'if-node3' })
  await reaches(machine('red1'), '10.0.0.13')
  await change('POST', node3, { interface_uuid: 'if-node3' })
  await change('DELETE', node3)
  await reaches(machine('red1'), '10.0.0.13')
  await change('POST', node3, { interface_uuid: 'if-node3' })
  await change('DELETE', '/datapaths/dp-node3/networks/nw-red')
  await reaches(machine('red1'), '10.0.0.13')
  expect(await whoHears()).toEqual(['red2', 'red3'])
}, 60_000)

test('copies travel under addresses of the group, and under others once it is gone', async () => {
  const before = await copiesTo2()
  expect(before).toEqual([expect.stringMatching(/^0203000001/)])
  await change('DELETE', '/mac_range_groups/mrg-1')
  expect(await whoHears()).toEqual(['red2', 'red3'])
  const after = await copiesTo2()
  expect([after.length, after.some((mac) => mac.startsWith('0203000001'))]).toEqual([1, false])
  await reachesBoth('red')
}, 60_000)

test('a hypervisor that gets another address is followed', async () => {
  const { openVswitch } = network.lab.hypervisor('node3')
  const lease = await network.host.request('GET', '/interfaces/if-node3')
  const { uuid } = (lease.answer as { ip_leases: { uuid: string }[] }).ip_leases[0]!
  await change('DELETE', `/ip_leases/${uuid}`)
  await silentFor('red', '10.0.0.13')
  await reaches(machine('red1'), '10.0.0.12')
  await change('POST', '/ip_leases', {
    ...{ network_uuid: 'nw-physb', ipv4_address: '192.168.20.33', interface_uuid: 'if-node3' },
  })
  await openVswitch.exec('ip', 'address', 'add', '192.168.20.33/24', 'dev', 'br0')
  await reaches(machine('red1'), '10.0.0.13')
}, 60_000)

test('without its overlay nothing of a network crosses, and with it all does again', async () => {
  await change('DELETE', '/topologies/topo-red')
  await silentFor('red', '10.0.0.12', '10.0.0.13')
  expect(await whoHears()).toEqual([])
  const again = [
    post('/topologies', { uuid: 'topo-red', mode: 'simple_overlay' }),
    post('/topologies/topo-red/networks/nw-red'),
    post('/topologies/topo-red/underlays/topo-phys'),
  ]
  await change('POST', '/batch', again)
  await reachesBoth('red')
}, 60_000)
