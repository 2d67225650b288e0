import { afterEach, beforeEach, expect, test } from 'bun:test'
import { openTestApi, type TestApi } from '../testing.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
  await api.call('POST', '/interfaces', { uuid: 'if-1', mode: 'vif' })
  await api.call('POST', '/filters', { uuid: 'fil-1', interface_uuid: 'if-1', mode: 'static' })
})
afterEach(() => api.dispose())

const path = '/filters/fil-1/static'
const add = (values: object) => api.call('POST', path, { protocol: 'tcp', action: 'pass', ...values })
const refusal = ({ status, json }: Awaited<ReturnType<typeof add>>) => [status, json.code, json.message]

test('a filter is of an interface, and goes with it; one default changes without the other', async () => {
  const changed = await api.call('PUT', '/filters/fil-1', { egress_passthrough: true })
  expect(changed.json).toMatchObject({
    ingress_passthrough: false,
    egress_passthrough: true,
    interface_uuid: 'if-1',
  })
  expect(
    (await api.call('PUT', '/filters/fil-1', { ingress_passthrough: true })).json.egress_passthrough,
  ).toBe(true)
  await add({})
  await api.call('DELETE', '/interfaces/if-1')
  expect([api.view.filters.size, api.view.filterStatics.size]).toEqual([0, 0])
})

test('a rule is told as it counts: addresses without what their prefix leaves out, ports where there are some', async () => {
  const tcp = await add({ src_address: '10.0.0.9/24', dst_address: '10.1.0.1', dst_port: 80 })
  expect(tcp.json).toMatchObject({
    ...{ src_address: '10.0.0.0', src_prefix: 24, dst_address: '10.1.0.1', dst_prefix: 32 },
    ...{ src_port: 0, dst_port: 80, action: 'pass', filter_id: 1 },
  })
  const icmp = await add({ protocol: 'icmp', dst_port: 80 })
  expect(icmp.json).toMatchObject({ src_address: '0.0.0.0', src_prefix: 0, dst_prefix: 0 })
  expect(icmp.json).not.toContainAnyKeys(['src_port', 'dst_port'])
  expect((await api.call('GET', path)).json.total_count).toBe(2)
})

test('an IPv6 address makes a rule about IPv6: what is not said of it is all of it', async () => {
  const rule = { ipv6_src_address: '2001:DB8::5/64', dst_port: 80 }
  const { json } = await add(rule)
  expect(json).toMatchObject({
    ...{ ipv6_src_address: '2001:db8::', ipv6_src_prefix: 64, ipv6_dst_address: '::', ipv6_dst_prefix: 0 },
    ...{ src_port: 0, dst_port: 80 },
  })
  expect(json).not.toContainAnyKeys(['src_address', 'dst_address', 'src_prefix', 'dst_prefix'])
  // About IPv4, and so another one.
  expect((await add({ dst_port: 80 })).json).not.toContainAnyKeys(['ipv6_src_address', 'ipv6_dst_prefix'])
  expect(refusal(await add({ ...rule, ipv6_dst_address: '::/0' }))[1]).toBe('112')
  const gone = await api.call('DELETE', path, { protocol: 'tcp', ...rule })
  expect(gone.json).toMatchObject({ ipv6_src_prefix: 64 })
  expect(api.view.filterStatics.size).toBe(1)
})

test.each([
  [{ ipv6_src_address: '::/0', dst_address: '10.0.0.1' }, 'not beside addresses of IPv4'],
  [{ protocol: 'arp', ipv6_dst_address: '::/0' }, 'arp is of IPv4'],
  [{ ipv6_dst_address: '10.0.0.1' }, 'ipv6_dst_address: must be an IPv6 address'],
  [{ src_address: '0.0.0.0' }, 'src_address: 0.0.0.0 must be 0.0.0.0/0'],
  [{ dst_port: 65_536 }, '0 to 65535'],
  [{ action: 'allow' }, 'one of pass, drop, conn'],
  [{ protocol: 'sctp' }, 'one of tcp, udp, icmp, arp, ip'],
  [{ protocol: 'arp', action: 'conn' }, 'ARP has no connections'],
])('a rule of %j is refused', async (values, reason) => {
  expect(refusal(await add(values))).toEqual([400, '110', expect.stringContaining(reason)])
})

test('names of a version before are taken, too', async () => {
  const former = { protocol: 'tcp', ipv4_address: '10.0.0.0/8', port_number: 22 }
  const added = await api.call('POST', path, { ...former, passthrough: true })
  expect(added.json).toMatchObject({
    ...{ src_address: '10.0.0.0', src_prefix: 8, dst_address: '0.0.0.0', dst_prefix: 0 },
    ...{ src_port: 0, dst_port: 22, action: 'pass' },
  })
  const all = { protocol: 'all', ipv4_address: '0.0.0.0/0', passthrough: false }
  expect((await api.call('POST', path, all)).json).toMatchObject({ protocol: 'ip', action: 'drop' })
  // Also what the interface sends to port 22 over there.
  expect((await api.call('GET', path)).json.items).toMatchObject([
    { dst_port: 22, action: 'pass' },
    { src_address: '10.0.0.0', src_port: 22, dst_port: 0, action: 'conn' },
    { protocol: 'ip' },
  ])
  expect((await api.call('DELETE', path, former)).json).toMatchObject({ dst_port: 22 })
  expect((await api.call('GET', path)).json.items).toMatchObject([{ protocol: 'ip' }])
  expect(refusal(await api.call('POST', path, former))).toEqual([400, '111', 'action'])
})

test('no two rules are about the same packets, and one is deleted by what it is about', async () => {
  await add({ protocol: 'icmp' })
  expect(refusal(await add({ protocol: 'icmp', action: 'drop' }))).toEqual([
    409,
    '112',
    expect.stringContaining('pass'),
  ])
  const gone = (values: object) => api.call('DELETE', path, values)
  expect(refusal(await gone({ protocol: 'udp' }))[1]).toBe('114')
  expect(refusal(await gone({ protocol: 'icmp', action: 'drop' }))[1]).toBe('114')
  expect((await gone({ protocol: 'icmp', action: 'pass' })).json).toMatchObject({
    protocol: 'icmp',
    action: 'pass',
  })
  expect(api.view.filterStatics.size).toBe(0)
})
