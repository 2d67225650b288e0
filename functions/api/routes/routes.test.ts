import { afterEach, beforeEach, expect, test } from 'bun:test'
import { openTestApi, type TestApi } from '../testing.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
  await api.call('POST', '/networks', { uuid: 'nw-a', mode: 'virtual', ipv4_network: '10.1.0.0' })
  await api.call('POST', '/networks', { uuid: 'nw-p', mode: 'physical', ipv4_network: '172.16.0.0' })
  const router = { uuid: 'if-r', mode: 'simulated', enable_routing: true, network_uuid: 'nw-a' }
  const addresses = { mac_address: '02:00:00:00:02:01', ipv4_address: '10.1.0.1' }
  expect((await api.call('POST', '/interfaces', { ...router, ...addresses })).status).toBe(200)
  expect((await api.call('POST', '/route_links', { uuid: 'rl-1' })).status).toBe(200)
})
afterEach(() => api.dispose())

const names = { interface_uuid: 'if-r', network_uuid: 'nw-a', route_link_uuid: 'rl-1' }
const add = (values: object) => api.call('POST', '/routes', { ...names, ...values })

test('a route joins a network to a route link by a router interface', async () => {
  const { status, json } = await add({ uuid: 'r-1', ipv4_network: '10.1.0.0' })
  expect(status).toBe(200)
  expect(json).toEqual({
    uuid: 'r-1',
    ...names,
    mode: 'gateway',
    ipv4_network: '10.1.0.0',
    ipv4_prefix: 24,
    ipv4_gateway: null,
    ingress: true,
    egress: true,
    created_at: expect.stringMatching(/ UTC$/),
    updated_at: expect.stringMatching(/ UTC$/),
  })
  expect((await api.call('GET', '/routes/r-1')).json).toEqual(json)
  expect((await api.call('GET', '/routes')).json).toMatchObject({ total_count: 1, items: [{ uuid: 'r-1' }] })
  expect((await api.call('DELETE', '/routes/r-1')).json).toEqual(['r-1'])
  expect((await api.call('GET', '/routes/r-1')).json.code).toBe('100')
  expect((await api.call('PUT', '/routes/r-1')).status).toBe(404)
})

test('its prefix may be 0 to 32 bits long, in one place or the other, and its directions are told apart', async () => {
  const all = await add({ ipv4_network: '0.0.0.0', ipv4_prefix: 0, ingress: false })
  expect(all.json).toMatchObject({ ipv4_network: '0.0.0.0', ipv4_prefix: 0, ingress: false, egress: true })
  expect(all.json.uuid).toMatch(/^r-[a-z0-9]{8}$/)
  expect((await add({ ipv4_network: '10.1.0.7/32', egress: 'false' })).json).toMatchObject({
    ipv4_network: '10.1.0.7',
    ipv4_prefix: 32,
    egress: false,
  })
})

test.each([
  ['an unknown interface', { interface_uuid: 'if-none' }, 404, '100', 'Interface#interface_uuid: if-none'],
  ['an unknown network', { network_uuid: 'nw-none' }, 404, '100', 'Network#network_uuid: nw-none'],
  ['an unknown route link', { route_link_uuid: 'rl-none' }, 404, '100', 'RouteLink#route_link_uuid: rl-none'],
  ['no network address', { ipv4_network: '10.1.0.1' }, 400, '110', '10.1.0.0 is'],
  ['two prefixes', { ipv4_network: '10.1.0.0/16', ipv4_prefix: 24 }, 400, '110', 'is not the /16'],
  ['a prefix too long', { ipv4_prefix: 33 }, 400, '110', 'ipv4_prefix'],
  [
    'a gateway elsewhere',
    { ipv4_gateway: '10.2.0.1' },
    400,
    '110',
    "10.2.0.1 is no machine's address in nw-a",
  ],
  ['a broadcast for a gateway', { ipv4_gateway: '10.1.0.255' }, 400, '110', 'ipv4_gateway: 10.1.0.255'],
  ['nothing of it', { ipv4_network: undefined }, 400, '111', 'ipv4_network'],
])('%s is refused', async (_, values, status, code, message) => {
  const answer = await add({ ipv4_network: '10.1.0.0', ...values })
  expect([answer.status, answer.json.code]).toEqual([status, code])
  expect(answer.json.message).toContain(message)
  expect(api.view.routes.size).toBe(0)
})

test('a route may lead to a gateway, and into a physical network', async () => {
  const away = await add({ ipv4_network: '192.168.0.0/16', ipv4_gateway: '10.1.0.5' })
  expect(away.json).toMatchObject({ ipv4_network: '192.168.0.0', ipv4_prefix: 16, ipv4_gateway: '10.1.0.5' })
  const out = await add({ network_uuid: 'nw-p', ipv4_network: '0.0.0.0/0', ipv4_gateway: '172.16.0.254' })
  expect(out.json).toMatchObject({ network_uuid: 'nw-p', ipv4_prefix: 0, ipv4_gateway: '172.16.0.254' })
})

test('a route of IPv6 has gateways of its family', async () => {
  await api.call('PUT', '/networks/nw-a', { ipv6_network: '2001:db8:1::/64' })
  const everything = { ipv6_network: '::/0' }
  const away = await add({ ...everything, ipv6_gateway: '2001:DB8:1::5' })
  expect(away.json).toMatchObject({ ipv6_network: '::', ipv6_prefix: 0, ipv6_gateway: '2001:db8:1::5' })
  expect((await add(everything)).json.ipv6_gateway).toBeUndefined()
  for (const [values, problem] of [
    [{ ...everything, ipv6_gateway: '2001:db8:2::5' }, 'is no machine'],
    [{ ...everything, ipv6_gateway: '2001:db8:1::' }, 'is no machine'],
    [{ ...everything, ipv4_gateway: '10.1.0.5' }, 'give ipv6_gateway'],
    [{ ipv4_network: '10.9.0.0', ipv6_gateway: '2001:db8:1::5' }, 'give ipv4_gateway'],
  ] as const) {
    const { status, json } = await add(values)
    expect([status, json.code]).toEqual([400, '110'])
    expect(json.message).toContain(problem)
  }
})

test('IPv6 leads into a physical network, whose routers are known by link-local addresses, too', async () => {
  await api.call('PUT', '/networks/nw-p', { ipv6_network: '2001:db8:9::/64' })
  const out = { network_uuid: 'nw-p', ipv6_network: '::/0', ipv6_gateway: 'fe80::1' }
  expect((await add(out)).json).toMatchObject({ ipv6_network: '::', ipv6_gateway: 'fe80::1' })
  const machine = { uuid: 'if-v', mode: 'vif', network_uuid: 'nw-p', mac_address: '52:54:00:00:00:01' }
  const refused = await api.call('POST', '/interfaces', { ...machine, ipv6_address: '2001:db8:9::5' })
  expect([refused.status, refused.json.code]).toEqual([400, '110'])
  expect(refused.json.message).toContain('only simulated and host interfaces have IPv6 addresses')
})

test('only simulated interfaces and machines route, and machines are next hops themselves', async () => {
  await api.call('POST', '/interfaces', { uuid: 'if-h', mode: 'host', enable_routing: true })
  const { status, json } = await add({ interface_uuid: 'if-h', ipv4_network: '10.1.0.0' })
  expect([status, json.code]).toEqual([400, '110'])
  expect(json.message).toContain('if-h must be a simulated interface or a machine')
  await api.call('POST', '/interfaces', { uuid: 'if-v', mode: 'vif', enable_routing: true })
  const machine = { interface_uuid: 'if-v', ipv4_network: '192.168.5.0' }
  expect((await add({ ...machine, ipv4_gateway: '10.1.0.9' })).json.message).toContain('if-v is a machine')
  expect((await add(machine)).json).toMatchObject({ interface_uuid: 'if-v', ipv4_gateway: null })
})

test('a router interface is in the route links of its routes, and in those where it is static', async () => {
  const links = async () => (await api.call('GET', '/interfaces/if-r/route_links')).json.items
  await add({ uuid: 'r-1', ipv4_network: '10.1.0.0' })
  expect(await links()).toMatchObject([{ interface_id: 1, route_link_id: 1, static: false }])
  const kept = await api.call('PUT', '/interfaces/if-r/route_links/rl-1', { static: true })
  expect(kept.json).toMatchObject({ route_link_id: 1, static: true, route_link_uuid: 'rl-1' })
  await api.call('DELETE', '/routes/r-1')
  expect(await links()).toHaveLength(1)
  const ended = await api.call('PUT', '/interfaces/if-r/route_links/rl-1', { static: false })
  expect(ended.json).toMatchObject({ static: false, deleted_at: expect.stringMatching(/ UTC$/) })
  expect(await links()).toEqual([])
  expect((await api.call('PUT', '/interfaces/if-r/route_links/rl-1')).json).toEqual({})
})

test.each(['/interfaces/if-r', '/networks/nw-a', '/route_links/rl-1'])('routes go with %s', async (path) => {
  await add({ ipv4_network: '10.1.0.0' })
  expect((await api.call('DELETE', path)).status).toBe(200)
  expect([api.view.routes.size, api.view.interfaceRouteLinks.size]).toEqual([0, 0])
})
