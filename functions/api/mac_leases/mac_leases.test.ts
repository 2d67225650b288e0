import { afterEach, beforeEach, expect, test } from 'bun:test'
import { openTestApi, type TestApi } from '../testing.ts'

const address = '02:00:00:00:00:0a'
let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
  await api.call('POST', '/segments', { uuid: 'seg-a', mode: 'virtual' })
  await api.call('POST', '/networks', { uuid: 'nw-v', ipv4_network: '10.0.0.0' })
  for (const uuid of ['if-a', 'if-b']) await api.call('POST', '/interfaces', { uuid, mode: 'vif' })
  await api.call('POST', '/interfaces', { uuid: 'if-h', mode: 'host' })
})
afterEach(() => api.dispose())

const lease = (body: object) =>
  api.call('POST', '/mac_leases', { interface_uuid: 'if-a', mac_address: address, ...body })
const members = () =>
  [...api.view.interfaceNetworks.all()].map((row) => api.view.interfaces.get(row.interface_id)!.uuid)

test('a MAC address is leased to an interface, in a segment or none', async () => {
  expect((await lease({ uuid: 'ml-a' })).json).toMatchObject({
    uuid: 'ml-a',
    mac_address: address,
    interface_uuid: 'if-a',
    interface: { uuid: 'if-a', mode: 'vif' },
    segment_id: null,
  })
  const second = await lease({ mac_address: '02:00:00:00:00:0b', segment_uuid: 'seg-a' })
  expect(second.json).toMatchObject({ segment_id: 1, uuid: expect.stringMatching(/^ml-\w{8}$/) })
  expect((await api.call('GET', '/interfaces/if-a/segments')).json.items).toMatchObject([{ segment_id: 1 }])
  expect((await api.call('GET', '/mac_leases')).json).toMatchObject({
    total_count: 2,
    items: [{ uuid: 'ml-a' }, { segment_id: 1 }],
  })
})

test.each([
  ['no interface', { interface_uuid: undefined }, 400, '111'],
  ['an interface that is not there', { interface_uuid: 'if-none' }, 404, '100'],
  ['a segment that is not there', { segment_uuid: 'seg-none' }, 404, '100'],
  ['a MAC that is none', { mac_address: '02:00:00:00:00' }, 400, '110'],
  ['the MAC of a group', { mac_address: '01:00:5e:00:00:01' }, 400, '110'],
  ['the MAC of nobody', { mac_address: '00:00:00:00:00:00' }, 400, '110'],
])('%s is refused', async (_, body, status, code) => {
  const answer = await lease(body)
  expect([answer.status, answer.json.code]).toEqual([status, code])
  expect(api.view.macLeases.size).toBe(0)
})

test('a MAC address is leased once, and again when it is free', async () => {
  await lease({ uuid: 'ml-a' })
  const again = await lease({ interface_uuid: 'if-b', mac_address: address.toUpperCase() })
  expect([again.status, again.json.code]).toEqual([409, '115'])
  expect(again.json.message).toContain('ml-a')
  expect((await api.call('DELETE', '/mac_leases/ml-a')).json).toEqual(['ml-a'])
  expect((await api.call('GET', '/mac_leases/ml-a')).status).toBe(404)
  expect((await lease({ interface_uuid: 'if-b' })).status).toBe(200)
})

test('it moves to another interface with its IP leases, and membership with them', async () => {
  await lease({ uuid: 'ml-a' })
  await api.call('POST', '/ip_leases', {
    uuid: 'il-a',
    network_uuid: 'nw-v',
    ipv4_address: '10.0.0.1',
    mac_lease_uuid: 'ml-a',
  })
  expect(members()).toEqual(['if-a'])
  const move = (interface_uuid: string) => api.call('PUT', '/mac_leases/ml-a', { interface_uuid })
  expect((await move('if-b')).json.interface_uuid).toBe('if-b')
  expect((await api.call('GET', '/ip_leases/il-a')).json).toMatchObject({
    interface_uuid: 'if-b',
    mac_lease_uuid: 'ml-a',
  })
  expect(members()).toEqual(['if-b'])
  // A host interface has no place in a virtual network.
  const refused = await move('if-h')
  expect([refused.status, refused.json.code]).toEqual([400, '110'])
  expect(members()).toEqual(['if-b'])
  expect((await api.call('PUT', '/mac_leases/ml-a', {})).json.interface_uuid).toBe('if-b')
})

test('when it goes, its IP leases go, and the memberships that came by them', async () => {
  await lease({ uuid: 'ml-a', segment_uuid: 'seg-a' })
  const ip = { network_uuid: 'nw-v', ipv4_address: '10.0.0.1', mac_lease_uuid: 'ml-a' }
  await api.call('POST', '/ip_leases', ip)
  await api.call('DELETE', '/mac_leases/ml-a')
  expect(api.view.ipLeases.size).toBe(0)
  expect([api.view.interfaceNetworks.size, api.view.interfaceSegments.size]).toEqual([0, 0])
})
