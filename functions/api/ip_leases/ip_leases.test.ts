import { afterEach, beforeEach, expect, test } from 'bun:test'
import { openTestApi, type TestApi } from '../testing.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
  await api.call('POST', '/segments', { uuid: 'seg-a', mode: 'virtual' })
  await api.call('POST', '/segments', { uuid: 'seg-b', mode: 'virtual' })
  await api.call('POST', '/networks', { uuid: 'nw-v', ipv4_network: '10.0.0.0' })
  await api.call('POST', '/networks', { uuid: 'nw-a', ipv4_network: '10.1.0.0', segment_uuid: 'seg-a' })
  for (const name of ['a', 'b']) await api.call('POST', '/interfaces', { uuid: `if-${name}`, mode: 'vif' })
  await api.call('POST', '/mac_leases', {
    uuid: 'ml-a',
    interface_uuid: 'if-a',
    mac_address: '02:00:00:00:00:0a',
  })
})
afterEach(() => api.dispose())

const lease = (body: object) =>
  api.call('POST', '/ip_leases', { network_uuid: 'nw-v', ipv4_address: '10.0.0.1', ...body })

test('a lease is attached, released and attached again', async () => {
  expect((await lease({ uuid: 'il-a', interface_uuid: 'if-a' })).json).toMatchObject({
    mac_lease_uuid: 'ml-a',
    interface_uuid: 'if-a',
    network_uuid: 'nw-v',
    mac_lease: { uuid: 'ml-a', mac_address: 0x02000000000a },
    interface: { uuid: 'if-a' },
  })
  const attached = await api.call('PUT', '/ip_leases/il-a/attach', { interface_uuid: 'if-a' })
  expect([attached.status, attached.json.code]).toEqual([400, '110'])
  expect((await api.call('PUT', '/ip_leases/il-a/release')).json).toMatchObject({
    interface_id: null,
    mac_lease_id: null,
  })
  expect(api.view.interfaceNetworks.size).toBe(0)
  expect(
    (await api.call('PUT', '/ip_leases/il-a/attach', { mac_lease_uuid: 'ml-a' })).json.interface_uuid,
  ).toBe('if-a')
  expect(api.view.interfaceNetworks.size).toBe(1)
})

test('what a lease is to be attached to must be there, and fit', async () => {
  expect((await lease({ mac_lease_uuid: 'ml-none' })).json.message).toBe('MacLease#mac_lease_uuid: ml-none')
  expect((await lease({ interface_uuid: 'if-b' })).json.message).toContain('no MAC lease')
  expect((await lease({ interface_uuid: 'if-b', mac_lease_uuid: 'ml-a' })).json.message).toContain(
    'not of if-b',
  )
  await lease({ uuid: 'il-a' })
  expect((await api.call('PUT', '/ip_leases/il-a/attach')).json.message).toContain('interface_uuid')
})

test('a MAC lease joins the segment of its first network, and no other', async () => {
  await api.call('POST', '/networks', { uuid: 'nw-b', ipv4_network: '10.2.0.0', segment_uuid: 'seg-b' })
  expect(
    (await lease({ network_uuid: 'nw-a', ipv4_address: '10.1.0.1', mac_lease_uuid: 'ml-a' })).status,
  ).toBe(200)
  expect((await api.call('GET', '/mac_leases/ml-a')).json.segment_id).toBe(1)
  expect((await api.call('GET', '/interfaces/if-a/segments')).json.items).toMatchObject([{ segment_id: 1 }])
  const other = await lease({ network_uuid: 'nw-b', ipv4_address: '10.2.0.1', mac_lease_uuid: 'ml-a' })
  expect([other.status, other.json.code]).toEqual([400, '103'])
})

test('a MAC lease that moves takes its IP leases along', async () => {
  await lease({ uuid: 'il-a', mac_lease_uuid: 'ml-a' })
  expect((await api.call('PUT', '/mac_leases/ml-a', { interface_uuid: 'if-b' })).json).toMatchObject({
    interface_uuid: 'if-b',
    interface: { uuid: 'if-b' },
  })
  expect((await api.call('GET', '/ip_leases/il-a')).json.interface_uuid).toBe('if-b')
  expect((await api.call('GET', '/interfaces/if-a/networks')).json.total_count).toBe(0)
  expect((await api.call('GET', '/interfaces/if-b/networks')).json.total_count).toBe(1)
  expect((await api.call('DELETE', '/mac_leases/ml-a')).json).toEqual(['ml-a'])
  expect((await api.call('GET', '/ip_leases/il-a')).status).toBe(404)
})

test('an address is leased once in its network', async () => {
  await lease({ uuid: 'il-a' })
  const again = await lease({})
  expect([again.status, again.json.code]).toEqual([409, '115'])
  await api.call('DELETE', '/ip_leases/il-a')
  expect((await lease({ uuid: 'il-a' })).status).toBe(200)
})
