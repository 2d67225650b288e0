import { afterEach, beforeEach, expect, test } from 'bun:test'
import { openTestApi, type TestApi } from '../testing.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
  await api.call('POST', '/ip_range_groups', { uuid: 'iprg-a' })
})
afterEach(() => api.dispose())

const add = (body: object, group = 'iprg-a') => api.call('POST', `/ip_range_groups/${group}/ip_ranges`, body)
const outcome = ({ status, json }: Awaited<ReturnType<typeof add>>) => [status, json.code, json.message]
const range = { begin_ipv4_address: '10.0.0.1', end_ipv4_address: '10.0.0.9' }

test('a group has an order, which may change', async () => {
  expect((await api.call('GET', '/ip_range_groups/iprg-a')).json).toEqual({
    id: 1,
    uuid: 'iprg-a',
    allocation_type: 'incremental',
    created_at: expect.stringMatching(/ UTC$/),
    updated_at: expect.stringMatching(/ UTC$/),
    deleted_at: null,
    is_deleted: 0,
  })
  const changed = await api.call('PUT', '/ip_range_groups/iprg-a', { allocation_type: 'random' })
  expect(changed.json.allocation_type).toBe('random')
  expect((await api.call('GET', '/ip_range_groups/iprg-a')).json.allocation_type).toBe('random')
  const wrong = await api.call('PUT', '/ip_range_groups/iprg-a', { allocation_type: 'sorted' })
  expect(outcome(wrong).slice(0, 2)).toEqual([400, '110'])
  expect(wrong.json.message).toContain('allocation_type: must be one of incremental, decremental, random')
})

test('ranges are added, listed and taken off, with integers as addresses', async () => {
  const added = await add({ uuid: 'ipr-a', ...range })
  expect(added.json).toMatchObject({
    id: 1,
    uuid: 'ipr-a',
    ip_range_group_id: 1,
    begin_ipv4_address: 0x0a00_0001,
    end_ipv4_address: 0x0a00_0009,
    is_deleted: 0,
  })
  expect((await add(range)).json.uuid).toMatch(/^ipr-[a-z0-9]{8}$/)
  const listed = await api.call('GET', '/ip_range_groups/iprg-a/ip_ranges?limit=1')
  expect(listed.json).toEqual({ total_count: 2, offset: 0, limit: 1, items: [added.json] })
  expect((await api.call('DELETE', '/ip_range_groups/iprg-a/ip_ranges/ipr-a')).json).toEqual(['ipr-a'])
  const again = await api.call('DELETE', '/ip_range_groups/iprg-a/ip_ranges/ipr-a')
  expect(outcome(again)).toEqual([404, '100', 'IpRange#ip_range_uuid: ipr-a'])
})

test('what is wrong with a range is told', async () => {
  await add({ uuid: 'ipr-a', ...range })
  expect(outcome(await add({ uuid: 'ipr-a', ...range }))).toEqual([400, '102', 'ipr-a'])
  expect(outcome(await add(range, 'iprg-z'))).toEqual([404, '100', 'IpRangeGroup#uuid: iprg-z'])
  expect(outcome(await add({ begin_ipv4_address: '10.0.0.1' }))).toEqual([400, '111', 'end_ipv4_address'])
  const backwards = await add({ ...range, end_ipv4_address: '10.0.0.0' })
  expect(outcome(backwards)).toEqual([400, '110', 'end_ipv4_address: 10.0.0.0 is before 10.0.0.1'])
  await api.call('POST', '/ip_range_groups', { uuid: 'iprg-b' })
  const foreign = await api.call('DELETE', '/ip_range_groups/iprg-b/ip_ranges/ipr-a')
  expect(outcome(foreign)).toEqual([404, '100', 'IpRange#ip_range_uuid: ipr-a'])
})

test('a group that goes takes its ranges along, and lease policies lose it', async () => {
  await add(range)
  await api.call('POST', '/networks', { uuid: 'nw-a', ipv4_network: '10.0.0.0' })
  await api.call('POST', '/lease_policies', { uuid: 'lp-a', timing: 'dhcp' })
  await api.call('POST', '/lease_policies/lp-a/networks/nw-a', { ip_range_group_uuid: 'iprg-a' })
  await api.call('POST', '/interfaces', { uuid: 'if-a', mode: 'vif', mac_address: '02:00:00:00:00:01' })
  await api.call('POST', '/lease_policies/lp-a/interfaces/if-a')
  expect(api.view.interfaceNetworks.size).toBe(1)
  expect((await api.call('DELETE', '/ip_range_groups/iprg-a')).json).toEqual(['iprg-a'])
  expect([api.view.ipRanges.size, api.view.leasePolicyNetworks.size]).toEqual([0, 0])
  expect(api.view.interfaceNetworks.size).toBe(0)
})
