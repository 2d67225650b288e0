/** IPv6 beside IPv4: networks, leases, interfaces and routes that have it, and what nobody may have. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { openTestApi, type TestApi } from '../testing.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
})
afterEach(() => api.dispose())

const network = (body: object) => api.call('POST', '/networks', { ipv4_network: '10.0.0.0', ...body })
const vif = (body: object) => api.call('POST', '/interfaces', { mode: 'vif', network_uuid: 'nw-a', ...body })
const mac = (n: number) => `02:00:00:00:00:0${n}`

test('a network has IPv6 from its beginning, or later', async () => {
  const { json } = await network({ ipv6_network: '2001:DB8:0:1::', uuid: 'nw-a' })
  expect(json).toMatchObject({ ipv4_network: '10.0.0.0', ipv6_network: '2001:db8:0:1::', ipv6_prefix: 64 })
  const without = await network({ uuid: 'nw-b' })
  expect('ipv6_network' in without.json).toBe(false)
  const later = await api.call('PUT', '/networks/nw-b', { ipv6_network: '2001:db8::/48' })
  expect(later.json).toMatchObject({ ipv6_network: '2001:db8::', ipv6_prefix: 48 })
  expect((await api.call('PUT', '/networks/nw-b', { display_name: 'b' })).json.ipv6_prefix).toBe(48)
})

test.each([
  [{ ipv6_network: 'fe80::/64' }, 'is not for hosts'],
  [{ ipv6_network: 'ff02::/16' }, 'is not for hosts'],
  [{ ipv6_network: '::1/128' }, 'is not for hosts'],
  [{ ipv6_network: '2001:db8::1' }, '2001:db8::1 is no network address of a /64, 2001:db8:: is'],
  [{ ipv6_network: '2001:db8::/64', ipv6_prefix: 48 }, 'is not the /64'],
  [{ ipv6_network: '2001:db8::/129' }, 'must be an IPv6 address'],
  [{ ipv6_network: '10.0.0.0' }, 'must be an IPv6 address'],
  [{ ipv6_prefix: 64 }, 'ipv6_prefix: needs ipv6_network'],
  [{ ipv6_network: '2001:db8::', ipv6_prefix: 0 }, 'must be 1 to 128'],
])('%j is refused', async (body, message) => {
  const { status, json } = await network(body)
  expect([status, json.code]).toEqual([400, '110'])
  expect(json.message).toContain(message)
})

test('a lease has an address of either family or of both, each once in its network', async () => {
  await network({ uuid: 'nw-a', ipv6_network: '2001:db8::' })
  const both = await vif({ mac_address: mac(1), ipv4_address: '10.0.0.1', ipv6_address: '2001:db8:0::1' })
  expect(both.json).toMatchObject({ ipv4_address: '10.0.0.1', ipv6_address: '2001:db8::1' })
  expect(both.json.ip_leases).toHaveLength(1)
  const one = await vif({ uuid: 'if-6', mac_address: mac(2), ipv6_address: '2001:db8::2' })
  expect(one.json).toMatchObject({ ipv4_address: null, ipv6_address: '2001:db8::2', network_uuid: 'nw-a' })
  const more = await api.call('POST', '/ip_leases', {
    ...{ network_uuid: 'nw-a', interface_uuid: 'if-6', ipv6_address: '2001:db8::3' },
  })
  expect(more.json).toMatchObject({ ipv4_address: null, ipv6_address: '2001:db8::3', interface_uuid: 'if-6' })
  const to6 = { network_uuid: 'nw-a', interface_uuid: 'if-6' }
  await api.call('POST', '/ip_leases', { ...to6, ipv4_address: '10.0.0.2' })
  expect((await api.call('GET', '/interfaces/if-6')).json).toMatchObject({
    ...{ ipv4_address: '10.0.0.2', ipv6_address: '2001:db8::2' },
  })
  const none = await api.call('POST', '/ip_leases', { network_uuid: 'nw-a' })
  expect([none.status, none.json.code, none.json.message]).toEqual([400, '111', 'ipv4_address'])
  const again = await vif({ mac_address: mac(3), ipv6_address: '2001:db8::3' })
  expect([again.status, again.json.code]).toEqual([409, '115'])
  const unknown = { network_uuid: 'nw-a', ipv4_address: '0.0.0.0' }
  expect((await api.call('POST', '/ip_leases', unknown)).json.ipv4_address).toBe('0.0.0.0')
  expect((await api.call('POST', '/ip_leases', unknown)).json.code).toBe('115')
})

test.each([
  ['2001:db9::1', 'IP Address 2001:db9::1 not in subnet 2001:db8::/64 of nw-a'],
  ['2001:db8::', 'stands for all routers'],
])('the address %s is refused', async (ipv6_address, message) => {
  await network({ uuid: 'nw-a', ipv6_network: '2001:db8::' })
  const { status, json } = await vif({ mac_address: mac(1), ipv6_address })
  expect([status, json.code]).toEqual([400, '110'])
  expect(json.message).toContain(message)
})

test('an address needs a network that has IPv6, and keeps it', async () => {
  await network({ uuid: 'nw-a' })
  const early = await vif({ mac_address: mac(1), ipv6_address: '2001:db8::1' })
  expect(early.json.message).toContain('nw-a has no ipv6_network')
  await api.call('PUT', '/networks/nw-a', { ipv6_network: '2001:db8::' })
  expect((await vif({ mac_address: mac(1), ipv6_address: '2001:db8::1' })).status).toBe(200)
  const moved = await api.call('PUT', '/networks/nw-a', { ipv6_network: '2001:db8:1::' })
  expect([moved.status, moved.json.message]).toEqual([400, expect.stringContaining('2001:db8::1 of il-')])
  expect((await api.call('PUT', '/networks/nw-a', { ipv6_network: '2001:db8::/32' })).json.ipv6_prefix).toBe(
    32,
  )
})

test('a route is for one family', async () => {
  await network({ uuid: 'nw-a', ipv6_network: '2001:db8::' })
  await api.call('POST', '/route_links', { uuid: 'rl-a' })
  const router = { uuid: 'if-r', mode: 'simulated', enable_routing: true, mac_address: mac(1) }
  await vif({ ...router, ipv6_address: '2001:db8::ffff' })
  const add = (body: object) =>
    api.call('POST', '/routes', {
      ...{ interface_uuid: 'if-r', network_uuid: 'nw-a', route_link_uuid: 'rl-a', ...body },
    })
  expect((await add({ ipv6_network: '::/0' })).json).toMatchObject({
    ...{ ipv4_network: null, ipv4_prefix: null, ipv6_network: '::', ipv6_prefix: 0 },
  })
  expect((await add({ ipv6_network: '2001:db8::' })).json.ipv6_prefix).toBe(64)
  expect('ipv6_network' in (await add({ ipv4_network: '10.0.0.0' })).json).toBe(false)
  expect((await add({})).json.code).toBe('111')
  const two = await add({ ipv4_network: '10.0.0.0', ipv6_network: '::/0' })
  expect(two.json.message).toContain('for IPv4 or for IPv6')
})

test('a network is without IPv6 again when nothing needs it', async () => {
  await network({ uuid: 'nw-a', ipv6_network: '2001:db8::' })
  const { json } = await vif({ mac_address: mac(1), ipv6_address: '2001:db8::1' })
  const end = () => api.call('PUT', '/networks/nw-a', { ipv6_network: '' })
  const lease = json.ip_leases[0].uuid
  expect((await end()).json.message).toContain(`${lease} needs it`)
  await api.call('DELETE', `/ip_leases/${lease}`)
  const ended = await end()
  expect([ended.status, 'ipv6_network' in ended.json, 'ipv6_prefix' in ended.json]).toEqual([
    200,
    false,
    false,
  ])
})

test('what is of IPv4 alone says so', async () => {
  await api.call('POST', '/networks', {
    uuid: 'nw-6',
    ipv4_network: '10.6.0.0',
    ipv6_network: '2001:db8:6::/64',
  })
  const router = { uuid: 'if-6', mode: 'simulated', enable_routing: true, network_uuid: 'nw-6' }
  await api.call('POST', '/interfaces', {
    ...router,
    mac_address: '02:00:00:00:06:01',
    ipv4_address: '10.6.0.1',
  })
  await api.call('POST', '/translations', { uuid: 'tr-6', interface_uuid: 'if-6', mode: 'static_address' })
  await api.call('POST', '/ip_range_groups', { uuid: 'iprg-6' })
  const address = '2001:db8:6::7'
  for (const [path, body] of [
    ['/load_balancers', { interface_uuid: 'if-6', ipv4_address: address, port_number: 80 }],
    ['/translations/tr-6/static_address', { ingress_ipv4_address: address, egress_ipv4_address: '10.6.0.9' }],
    ['/ip_range_groups/iprg-6/ip_ranges', { begin_ipv4_address: address, end_ipv4_address: address }],
  ] as const) {
    const { status, json } = await api.call('POST', path, body)
    expect([path, status, json.code]).toEqual([path, 400, '110'])
    expect(json.message).toContain('must be an IPv4 address')
  }
})
