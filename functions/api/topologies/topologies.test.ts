import { afterEach, beforeEach, expect, test } from 'bun:test'
import { spansBy } from '../../state/spans.ts'
import { openTestApi, type TestApi } from '../testing.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
  await add('/networks', { uuid: 'nw-p', mode: 'physical', ipv4_network: '172.16.0.0' })
  await add('/networks', { uuid: 'nw-v', mode: 'virtual', ipv4_network: '10.0.0.0' })
  await add('/segments', { uuid: 'seg-v', mode: 'virtual' })
  await add('/route_links', { uuid: 'rl-v' })
  for (const n of [1, 2]) {
    await add('/datapaths', { uuid: `dp-${n}`, dpid: `${n}`, display_name: '', node_id: `${n}` })
    await add('/interfaces', { ...host(n), owner_datapath_uuid: `dp-${n}` })
  }
  await add('/topologies', { uuid: 'topo-u', mode: 'simple_underlay' })
  await add('/topologies', { uuid: 'topo-o', mode: 'simple_overlay' })
})
afterEach(() => api.dispose())

const host = (n: number) => ({
  ...{ uuid: `if-h${n}`, mode: 'host', port_name: 'eth0', network_uuid: 'nw-p' },
  ...{ mac_address: `02:01:00:00:00:0${n}`, ipv4_address: `172.16.0.${n}` },
})

async function add(path: string, body: object = {}) {
  const { status, json } = await api.call('POST', path, body)
  expect([path, status, json]).toEqual([path, 200, json])
  return json
}
async function remove(path: string) {
  const { status, json } = await api.call('DELETE', path)
  expect([path, status, json]).toEqual([path, 200, [path.slice(path.lastIndexOf('/') + 1)]])
}
async function refused(method: string, path: string, body: object, code: string, message: string) {
  const { json } = await api.call(method, path, body)
  expect([json.code, json.message]).toEqual([code, expect.stringContaining(message)])
}
const addDatapath = (n: number, topology = 'topo-u') =>
  add(`/topologies/${topology}/datapaths/dp-${n}`, { interface_uuid: `if-h${n}` })

/** What spans datapaths: `dp-1 nw-v if-h1`, and the topology that it is by. */
function spans(): string[] {
  const { view } = api
  const objects = { network: view.networks, segment: view.segments, route_link: view.routeLinks }
  return [...view.datapaths.all()]
    .flatMap((datapath) =>
      spansBy(view, 'datapath', datapath.id).map(({ kind, span }) => {
        const object = objects[kind].get((span as never)[`${kind}_id`])!.uuid
        const carrier = view.interfaces.get(span.interface_id ?? 0)?.uuid
        const by = span.topology_id === null ? 'hand' : view.topologies.get(span.topology_id)!.uuid
        return `${datapath.uuid} ${object} ${carrier} ${by}`
      }),
    )
    .sort()
}
const row = (datapathId: number, networkId: number) =>
  api.view.datapathNetworks.one('pair', datapathId, networkId)

test('what is in an overlay spans the datapaths of its underlay, in any order of saying so', async () => {
  const steps = [
    () => addDatapath(1),
    () => addDatapath(2),
    () => add('/topologies/topo-o/underlays/topo-u'),
    () => add('/topologies/topo-o/networks/nw-v'),
    () => add('/topologies/topo-o/segments/seg-v'),
    () => add('/topologies/topo-o/route_links/rl-v'),
    () => add('/topologies/topo-u/networks/nw-p'),
  ]
  for (const step of steps.toReversed()) await step()
  const wanted = [1, 2].flatMap((n) => [
    `dp-${n} nw-p if-h${n} topo-u`,
    ...['nw-v', 'rl-v', 'seg-v'].map((object) => `dp-${n} ${object} if-h${n} topo-o`),
  ])
  expect(spans()).toEqual(wanted)
  const layer = api.view.topologyLayers.one('pair', 2, 1)!.id
  expect(row(1, 2)).toMatchObject({ topology_id: 2, topology_layer_id: layer, ip_lease_id: 1 })
  expect(row(1, 1)).toMatchObject({ topology_id: 1, topology_layer_id: null })
  await remove('/topologies/topo-o/underlays/topo-u')
  expect(spans()).toEqual(wanted.filter((one) => one.endsWith('topo-u')))
  for (const step of steps.slice(2, 3)) await step()
  expect(spans()).toEqual(wanted)
  await remove('/topologies/topo-u/datapaths/dp-2')
  expect(spans()).toEqual(wanted.filter((one) => one.startsWith('dp-1')))
  await remove('/topologies/topo-o/segments/seg-v')
  await remove('/networks/nw-p')
  expect(spans()).toEqual(['dp-1 nw-v if-h1 topo-o', 'dp-1 rl-v if-h1 topo-o'])
  await remove('/topologies/topo-o')
  expect(spans()).toEqual([])
})

test('lists show what is in a topology, and underlays as topologies', async () => {
  await addDatapath(1)
  await add('/topologies/topo-o/underlays/topo-u')
  await add('/topologies/topo-o/networks/nw-v')
  const items = async (path: string) => (await api.call('GET', `/topologies/${path}`)).json.items
  expect(await items('topo-u/datapaths')).toMatchObject([
    { topology_id: 1, datapath_id: 1, interface_id: 1, ip_lease_id: 1 },
  ])
  expect(await items('topo-o/networks')).toMatchObject([{ topology_id: 2, network_id: 2 }])
  expect(await items('topo-o/underlays')).toMatchObject([{ uuid: 'topo-u', mode: 'simple_underlay' }])
})

test('networks, segments and route links are put into a topology when they are made', async () => {
  await addDatapath(1)
  await add('/topologies/topo-o/underlays/topo-u')
  await add('/networks', { uuid: 'nw-n', ipv4_network: '10.1.0.0', topology_uuid: 'topo-o' })
  await add('/segments', { uuid: 'seg-n', mode: 'virtual', topology_uuid: 'topo-o' })
  await add('/route_links', { uuid: 'rl-n', topology_uuid: 'topo-u' })
  expect(spans()).toEqual(['dp-1 nw-n if-h1 topo-o', 'dp-1 rl-n if-h1 topo-u', 'dp-1 seg-n if-h1 topo-o'])
  await refused('POST', '/segments', { mode: 'virtual', topology_uuid: 'topo-x' }, '100', 'topo-x')
})

test('what was made by hand stays as it is, and what a topology made is not taken off by hand', async () => {
  await add('/datapaths/dp-1/networks/nw-v', { interface_uuid: 'if-h1', mac_address: '02:00:00:00:00:77' })
  await addDatapath(1)
  await add('/topologies/topo-u/networks/nw-v')
  expect(spans()).toEqual(['dp-1 nw-v if-h1 hand'])
  await remove('/topologies/topo-u')
  expect(spans()).toEqual(['dp-1 nw-v if-h1 hand'])
  await add('/topologies', { uuid: 'topo-u', mode: 'simple_underlay' })
  await addDatapath(1)
  await add('/topologies/topo-u/networks/nw-v')
  await remove('/datapaths/dp-1/networks/nw-v')
  expect(spans()).toEqual(['dp-1 nw-v if-h1 topo-u'])
  await refused('DELETE', '/datapaths/dp-1/networks/nw-v', {}, '113', 'topology topo-u')
  await refused('POST', '/datapaths/dp-1/networks/nw-v', { interface_uuid: 'if-h1' }, '112', 'nw-v')
})

test('addresses are of the group of the underlay, followed through all that happens to it', async () => {
  const inGroup = (group: number) =>
    Math.floor((row(1, 2)?.mac_address ?? 0) / 2 ** 8) === 0x0203000000 + group
  const group = (n: number) => add('/mac_range_groups', { uuid: `mrg-${n}` })
  const range = (n: number) =>
    add(`/mac_range_groups/mrg-${n}/mac_ranges`, {
      begin_mac_address: `02:03:00:00:0${n}:00`,
      end_mac_address: `02:03:00:00:0${n}:ff`,
    })
  await addDatapath(1)
  await add('/topologies/topo-o/underlays/topo-u')
  await add('/topologies/topo-o/networks/nw-v')
  expect(row(1, 2)).toMatchObject({ topology_mac_range_group_id: null })
  await group(1)
  await add('/topologies/topo-u/mac_range_groups/mrg-1')
  expect(row(1, 2)).toMatchObject({ topology_mac_range_group_id: null })
  await range(1)
  expect([inGroup(1), row(1, 2)?.topology_mac_range_group_id]).toEqual([true, 1])
  await group(2)
  await range(2)
  await add('/topologies/topo-u/mac_range_groups/mrg-2')
  expect(inGroup(1)).toBe(true)
  await remove('/topologies/topo-u/mac_range_groups/mrg-1')
  expect([inGroup(2), row(1, 2)?.topology_mac_range_group_id]).toEqual([true, 2])
  await remove('/mac_range_groups/mrg-2')
  expect([inGroup(2), row(1, 2)?.topology_mac_range_group_id]).toEqual([false, null])
})

test('the host interface and its address are followed', async () => {
  await add('/topologies/topo-u/networks/nw-v')
  await add('/interfaces', { uuid: 'if-bare', mode: 'host', owner_datapath_uuid: 'dp-1', port_name: 'eth1' })
  await add('/topologies/topo-u/datapaths/dp-1', { interface_uuid: 'if-bare' })
  expect(row(1, 2)).toMatchObject({ interface_id: 3, ip_lease_id: null })
  const path = '/topologies/topo-u/datapaths/dp-1'
  const change = async (body: object) => expect((await api.call('PUT', path, body)).status).toBe(200)
  await change({ interface_uuid: 'if-h1' })
  expect(row(1, 2)).toMatchObject({ interface_id: 1, ip_lease_id: 1 })
  const second = { uuid: 'il-2', interface_uuid: 'if-h1', network_uuid: 'nw-p', ipv4_address: '172.16.0.9' }
  await add('/ip_leases', second)
  await change({ ip_lease_uuid: 'il-2' })
  expect(row(1, 2)?.ip_lease_id).toBe(3)
  await remove('/ip_leases/il-2')
  expect(row(1, 2)?.ip_lease_id).toBe(null)
  await refused('PUT', '/interfaces/if-h1', { owner_datapath_uuid: 'dp-2' }, '113', 'dp-1')
  await remove('/interfaces/if-h1')
  expect([spans(), api.view.topologyDatapaths.size]).toEqual([[], 0])
})

test('with the interface of a row by hand the row goes, and a topology has its turn', async () => {
  await add('/interfaces', { uuid: 'if-2nd', mode: 'host', owner_datapath_uuid: 'dp-1', port_name: 'eth1' })
  await add('/datapaths/dp-1/networks/nw-v', { interface_uuid: 'if-2nd' })
  await addDatapath(1)
  await add('/topologies/topo-u/networks/nw-v')
  await remove('/interfaces/if-2nd')
  expect(spans()).toEqual(['dp-1 nw-v if-h1 topo-u'])
})

test('what two topologies ask for stays until neither does', async () => {
  await add('/topologies', { uuid: 'topo-w', mode: 'simple_underlay' })
  for (const topology of ['topo-u', 'topo-w']) {
    await addDatapath(1, topology)
    await add(`/topologies/${topology}/networks/nw-v`)
  }
  const mac = row(1, 2)!.mac_address
  expect(spans()).toEqual(['dp-1 nw-v if-h1 topo-u'])
  await remove('/topologies/topo-u/networks/nw-v')
  expect(spans()).toEqual(['dp-1 nw-v if-h1 topo-w'])
  expect(row(1, 2)!.mac_address).toBe(mac)
  await remove('/topologies/topo-w')
  expect(spans()).toEqual([])
})

test('what is said at the same time is all done', async () => {
  await add('/topologies/topo-o/underlays/topo-u')
  const names = ['a', 'b', 'c', 'd']
  await Promise.all([
    ...names.map((name) =>
      add('/networks', { uuid: `nw-${name}`, ipv4_network: '10.1.0.0', topology_uuid: 'topo-o' }),
    ),
    addDatapath(1),
    addDatapath(2),
  ])
  const wanted = [1, 2].flatMap((n) => names.map((name) => `dp-${n} nw-${name} if-h${n} topo-o`))
  expect(spans()).toEqual(wanted)
})

test('nothing is accepted that nothing would follow from', async () => {
  await add('/mac_range_groups', { uuid: 'mrg-1' })
  await add('/interfaces', { uuid: 'if-v', mode: 'vif', port_name: 'v' })
  const datapath = '/topologies/topo-u/datapaths/dp-1'
  await refused('POST', datapath, { interface_uuid: 'if-v' }, '110', 'no host interface')
  await refused('POST', datapath, {}, '111', 'interface_uuid')
  const lease = api.view.ipLeases.get(2)!.uuid
  await refused('POST', datapath, { interface_uuid: 'if-h1', ip_lease_uuid: lease }, '110', lease)
  const mode = 'that of topo-o is simple_overlay'
  await refused('POST', '/topologies/topo-o/datapaths/dp-1', { interface_uuid: 'if-h1' }, '110', mode)
  await refused('POST', '/topologies/topo-o/mac_range_groups/mrg-1', {}, '110', mode)
  await refused('POST', '/topologies/topo-u/underlays/topo-o', {}, '110', 'simple_overlay')
  await add('/topologies', { uuid: 'topo-o2', mode: 'simple_overlay' })
  await refused('POST', '/topologies/topo-o/underlays/topo-o2', {}, '110', 'underlay_uuid')
  await refused('DELETE', '/topologies/topo-o/networks/nw-v', {}, '114', 'nw-v')
  await addDatapath(1)
  await refused('POST', datapath, { interface_uuid: 'if-h1' }, '112', 'topo-u <=> dp-1')
  await refused('POST', '/topologies', { mode: 'flat' }, '110', 'mode')
})
