import { afterEach, beforeEach, expect, test } from 'bun:test'
import { openTestApi, type TestApi } from '../testing.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
  await api.call('POST', '/mac_range_groups', { uuid: 'mrg-a' })
})
afterEach(() => api.dispose())

const add = (begin: string, end: string, group = 'mrg-a') =>
  api.call('POST', `/mac_range_groups/${group}/mac_ranges`, {
    begin_mac_address: begin,
    end_mac_address: end,
  })
const create = (body: object = {}) =>
  api.call('POST', '/interfaces', { mode: 'vif', mac_range_group_uuid: 'mrg-a', ...body })

test('an interface gets a MAC of its group: each once, and then none', async () => {
  await add('52:56:01:00:00:00', '52:56:01:00:00:01')
  await add('52:56:02:00:00:07', '52:56:02:00:00:07')
  const answers = [await create(), await create(), await create(), await create()]
  const given = answers.map(({ json }) => json.mac_address).slice(0, 3)
  expect(given.toSorted()).toEqual(['52:56:01:00:00:00', '52:56:01:00:00:01', '52:56:02:00:00:07'])
  expect([answers[3]!.status, answers[3]!.json.code]).toEqual([409, '115'])
  expect(answers[3]!.json.message).toBe('mac_range_group_uuid: of the 3 addresses of mrg-a none is free')
  expect(api.view.interfaces.size).toBe(3)
})

test('nor is one given that a route link has, or a route link of a datapath', async () => {
  await add('52:56:01:00:00:00', '52:56:01:00:00:01')
  await api.call('POST', '/route_links', { uuid: 'rl-a', mac_address: '52:56:01:00:00:00' })
  await api.call('POST', '/datapaths', { uuid: 'dp-a', display_name: 'a', dpid: '1', node_id: 'a' })
  await api.call('POST', '/interfaces', {
    uuid: 'if-h',
    mode: 'host',
    owner_datapath_uuid: 'dp-a',
    port_name: 'eth0',
  })
  const carried = await api.call('POST', '/datapaths/dp-a/route_links/rl-a', {
    interface_uuid: 'if-h',
    mac_address: '52:56:01:00:00:01',
  })
  expect(carried.json.code).toBeUndefined()
  expect((await create()).json.message).toContain('of the 2 addresses of mrg-a none is free')
})

test('with a network it gets its address in it; a MAC that is given is the one', async () => {
  await add('52:56:01:00:00:00', '52:56:01:ff:ff:ff')
  await api.call('POST', '/networks', { uuid: 'nw-a', ipv4_network: '10.0.0.0' })
  const { json } = await create({ network_uuid: 'nw-a', ipv4_address: '10.0.0.1' })
  expect(json).toMatchObject({
    ipv4_address: '10.0.0.1',
    mac_address: expect.stringMatching(/^52:56:01:/),
  })
  expect((await create({ mac_address: '02:00:00:00:00:01' })).json.mac_address).toBe('02:00:00:00:00:01')
})

test('groups’ addresses are never given, nor is what a datapath has', async () => {
  await add('01:00:00:00:00:00', '01:00:00:00:00:05')
  expect((await create()).status).toBe(409)
  await api.call('POST', '/mac_range_groups', { uuid: 'mrg-b' })
  expect((await create({ mac_range_group_uuid: 'mrg-b' })).json.message).toContain('mrg-b has no range')
  expect((await create({ mac_range_group_uuid: 'mrg-z' })).status).toBe(404)
})

test('a network of a datapath gets its MAC of a group, too', async () => {
  await add('52:56:01:00:00:00', '52:56:01:00:00:00')
  await api.call('POST', '/datapaths', { uuid: 'dp-a', display_name: 'a', dpid: '1', node_id: 'a' })
  await api.call('POST', '/networks', { uuid: 'nw-p', mode: 'physical', ipv4_network: '10.1.0.0' })
  await api.call('POST', '/networks', { uuid: 'nw-a', ipv4_network: '10.0.0.0' })
  await api.call('POST', '/interfaces', {
    uuid: 'if-h',
    mode: 'host',
    owner_datapath_uuid: 'dp-a',
    port_name: 'eth0',
    network_uuid: 'nw-p',
    mac_address: '02:00:00:00:00:01',
    ipv4_address: '10.1.0.1',
  })
  const carry = (network: string) =>
    api.call('POST', `/datapaths/dp-a/networks/${network}`, {
      interface_uuid: 'if-h',
      mac_range_group_uuid: 'mrg-a',
    })
  expect((await carry('nw-a')).json.mac_address).toBe(0x5256_0100_0000)
  expect((await carry('nw-p')).json.code).toBe('115')
})

test('ranges are taken off; what is wrong with one is told', async () => {
  const { json } = await add('52:56:01:00:00:00', '52:56:01:00:00:01')
  expect((await api.call('DELETE', `/mac_range_groups/mrg-a/mac_ranges/${json.uuid}`)).json).toEqual([
    json.uuid,
  ])
  const backwards = await add('52:56:01:00:00:01', '52:56:01:00:00:00')
  expect([backwards.status, backwards.json.code]).toEqual([400, '110'])
  expect((await add('x', 'y')).json.message).toContain('begin_mac_address: must be a MAC address')
  expect((await api.call('DELETE', '/mac_range_groups/mrg-a')).json).toEqual(['mrg-a'])
  expect((await api.call('DELETE', '/mac_range_groups/mrg-a')).json.code).toBe('100')
})
