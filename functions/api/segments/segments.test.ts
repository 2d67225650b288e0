import { afterEach, beforeEach, expect, test } from 'bun:test'
import { openTestApi, type TestApi } from '../testing.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
})
afterEach(() => api.dispose())

const create = (body: object) => api.call('POST', '/segments', { mode: 'virtual', ...body })

test('a segment is made, shown, listed and deleted', async () => {
  const made = await create({ uuid: 'seg-a' })
  expect(made.json).toMatchObject({ id: 1, uuid: 'seg-a', mode: 'virtual', is_deleted: 0 })
  expect((await create({ mode: 'physical' })).json.uuid).toMatch(/^seg-\w{8}$/)
  expect((await api.call('GET', '/segments/seg-a')).json).toEqual(made.json)
  expect((await api.call('GET', '/segments')).json).toMatchObject({
    total_count: 2,
    items: [{ mode: 'virtual' }, { mode: 'physical' }],
  })
  expect((await api.call('DELETE', '/segments/seg-a')).json).toEqual(['seg-a'])
  expect((await api.call('GET', '/segments/seg-a')).status).toBe(404)
})

test.each([
  ['no mode', { mode: undefined }, 400, '111'],
  ['a mode of networks', { mode: 'internal' }, 400, '110'],
  ['a uuid of something else', { uuid: 'nw-a' }, 400, '101'],
  ['a topology', { topology_uuid: 'topo-a' }, 404, '100'],
])('%s is refused', async (_, body, status, code) => {
  const answer = await create(body)
  expect([answer.status, answer.json.code]).toEqual([status, code])
  expect(api.view.segments.size).toBe(0)
})

test('a uuid is used once', async () => {
  await create({ uuid: 'seg-a' })
  expect((await create({ uuid: 'seg-a' })).json.code).toBe('102')
})

test('with a segment go its networks, its addresses and what carried it; what else its members are in stays', async () => {
  await create({ uuid: 'seg-a' })
  await create({ uuid: 'seg-b' })
  for (const [uuid, segment] of [
    ['nw-a', { segment_uuid: 'seg-a' }],
    ['nw-b', { segment_uuid: 'seg-b' }],
    ['nw-v', {}],
  ] as const)
    await api.call('POST', '/networks', { uuid, ipv4_network: '10.0.0.0', ...segment })
  await api.call('POST', '/datapaths', { uuid: 'dp-1', dpid: '1', display_name: '', node_id: '' })
  await api.call('POST', '/interfaces', {
    uuid: 'if-h',
    mode: 'host',
    port_name: 'eth0',
    owner_datapath_uuid: 'dp-1',
  })
  await api.call('POST', '/datapaths/dp-1/segments/seg-a', { interface_uuid: 'if-h' })
  await api.call('POST', '/interfaces', {
    uuid: 'if-vm',
    mode: 'vif',
    network_uuid: 'nw-a',
    ipv4_address: '10.0.0.1',
    mac_address: '02:00:00:00:00:01',
  })
  await api.call('POST', '/mac_leases', { interface_uuid: 'if-vm', mac_address: '02:00:00:00:00:02' })
  const other = [...api.view.macLeases.all()].at(-1)!
  await api.call('POST', '/ip_leases', {
    network_uuid: 'nw-v',
    ipv4_address: '10.0.0.2',
    mac_lease_uuid: other.uuid,
  })
  expect((await api.call('GET', '/interfaces/if-vm/segments')).json.total_count).toBe(1)

  expect((await api.call('DELETE', '/segments/seg-a')).json).toEqual(['seg-a'])
  expect([...api.view.networks.all()].map(({ uuid }) => uuid)).toEqual(['nw-b', 'nw-v'])
  expect([...api.view.macLeases.all()].map(({ uuid }) => uuid)).toEqual([other.uuid])
  expect([...api.view.ipLeases.all()].map(({ mac_lease_id }) => mac_lease_id)).toEqual([other.id])
  expect(api.view.datapathSegments.size).toBe(0)
  const networks = (await api.call('GET', '/interfaces/if-vm/networks')).json
  expect(networks).toMatchObject({ total_count: 1, items: [{ network_uuid: 'nw-v' }] })
  expect((await api.call('GET', '/interfaces/if-vm/segments')).json.total_count).toBe(0)
})
