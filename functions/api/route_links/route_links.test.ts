import { afterEach, beforeEach, expect, test } from 'bun:test'
import { openTestApi, type TestApi } from '../testing.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
})
afterEach(() => api.dispose())

const add = (body: object) => api.call('POST', '/route_links', body)

test('a route link has a MAC address of its own, given or made up', async () => {
  const given = await add({ uuid: 'rl-1', mac_address: '02:00:10:00:00:01' })
  expect(given.json).toMatchObject({ id: 1, uuid: 'rl-1', mac_address: '02:00:10:00:00:01', is_deleted: 0 })
  expect(given.json.mac_address_id).toBe(given.json.id)
  const made = await add({})
  expect(made.json.uuid).toMatch(/^rl-[a-z0-9]{8}$/)
  expect(made.json.mac_address).toMatch(/^[0-9a-f][26ae]:/)
  const taken = await add({ mac_address: '02:00:10:00:00:01' })
  expect([taken.status, taken.json.code]).toEqual([409, '115'])
  const lease = { uuid: 'if-a', mode: 'vif', mac_address: '02:00:10:00:00:01' }
  expect((await api.call('POST', '/interfaces', lease)).json.code).toBe('115')
})

test('its number is no network’s and no segment’s, and is free when it is gone', async () => {
  await api.call('POST', '/networks', { mode: 'virtual', ipv4_network: '10.0.0.0' })
  await add({ uuid: 'rl-1' })
  await api.call('POST', '/segments', { mode: 'virtual' })
  expect([...api.view.tunnelKeys.all()].map(({ kind }) => kind)).toEqual(['network', 'route_link', 'segment'])
  expect((await api.call('DELETE', '/route_links/rl-1')).json).toEqual(['rl-1'])
  expect([...api.view.tunnelKeys.all()].map(({ kind }) => kind)).toEqual(['network', 'free', 'segment'])
  expect((await api.call('DELETE', '/route_links/rl-1')).json.code).toBe('100')
})

test('errors name what is wrong', async () => {
  expect((await add({ uuid: 'rl-BAD!' })).json.code).toBe('101')
  await add({ uuid: 'rl-1' })
  expect((await add({ uuid: 'rl-1' })).json.code).toBe('102')
  expect((await add({ topology_uuid: 'topo-1' })).json.message).toBe('Topology#topology_uuid: topo-1')
  expect((await add({ mac_address: '01:00:00:00:00:01' })).json.code).toBe('110')
})
