import { afterEach, beforeEach, expect, test } from 'bun:test'
import { openTestApi, type TestApi } from '../testing.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
  await api.call('POST', '/interfaces', { uuid: 'if-dns', mode: 'simulated' })
  for (const mode of ['dns', 'dhcp'])
    await api.call('POST', '/network_services', { uuid: `ns-${mode}`, interface_uuid: 'if-dns', mode })
  await api.call('POST', '/dns_services', { uuid: 'dnss-1', network_service_uuid: 'ns-dns' })
})
afterEach(() => api.dispose())

const refusal = async (method: string, path: string, body: object) => {
  const { status, json } = await api.call(method, path, body)
  return [status, json.code, json.message]
}
const records = '/dns_services/dnss-1/dns_records'
const record = (body: object) => api.call('POST', records, { uuid: 'dnsr-1', name: 'www', ...body })

test('a DNS service belongs to a network service of mode dns, and goes with it', async () => {
  const body = { uuid: 'dnss-2', network_service_uuid: 'ns-dns', public_dns: ' 8.8.8.8 , 8.8.4.4 ' }
  expect((await api.call('POST', '/dns_services', body)).json).toMatchObject({
    id: expect.any(Number),
    uuid: 'dnss-2',
    network_service_id: expect.any(Number),
    public_dns: '8.8.8.8,8.8.4.4',
    is_deleted: 0,
    network_service: { uuid: 'ns-dns', mode: 'dns' },
    network_service_uuid: 'ns-dns',
  })
  expect((await api.call('GET', '/dns_services')).json.total_count).toBe(2)
  expect((await api.call('PUT', '/dns_services/dnss-2', { public_dns: '1.1.1.1' })).json.public_dns).toBe(
    '1.1.1.1',
  )
  expect((await api.call('PUT', '/dns_services/dnss-2', {})).json.public_dns).toBe('1.1.1.1')
  const both = await api.call('PUT', '/dns_services/dnss-2', { public_dns: '1.1.1.1, 2001:DB8:0::5' })
  expect(both.json.public_dns).toBe('1.1.1.1,2001:db8::5')
  for (const none of ['fe80::1', 'ff02::1', '::'])
    expect((await api.call('PUT', '/dns_services/dnss-2', { public_dns: none })).status).toBe(400)
  expect((await api.call('PUT', '/dns_services/dnss-2', { public_dns: '' })).json.public_dns).toBeNull()
  expect((await api.call('DELETE', '/dns_services/dnss-2')).json).toEqual(['dnss-2'])
  expect((await api.call('GET', '/dns_services/dnss-2')).status).toBe(404)

  await record({ ipv4_address: '10.0.0.1' })
  await api.call('DELETE', '/network_services/ns-dns')
  expect((await api.call('GET', '/dns_services')).json.total_count).toBe(0)
  expect(api.view.dnsRecords.size).toBe(0)
})

test.each([
  [{}, [400, '111', 'network_service_uuid']],
  [{ network_service_uuid: 'ns-none' }, [404, '100', 'NetworkService#network_service_uuid: ns-none']],
  [
    { network_service_uuid: 'ns-dhcp' },
    [400, '110', expect.stringContaining('network_service_uuid: ns-dhcp is of mode dhcp')],
  ],
  [{ network_service_uuid: 'ns-dns', uuid: 'dnss-1' }, [400, '102', 'dnss-1']],
  [
    { network_service_uuid: 'ns-dns', public_dns: '8.8.8.8,dns.test' },
    [400, '110', expect.stringContaining('public_dns:')],
  ],
  [
    { network_service_uuid: 'ns-dns', public_dns: '8.8.8.8,' },
    [400, '110', expect.stringContaining('public_dns:')],
  ],
  [
    { network_service_uuid: 'ns-dns', public_dns: '0.0.0.0' },
    [400, '110', expect.stringContaining('public_dns:')],
  ],
  [
    { network_service_uuid: 'ns-dns', public_dns: '224.0.0.251' },
    [400, '110', expect.stringContaining('public_dns:')],
  ],
  [
    { network_service_uuid: 'ns-dns', public_dns: Array(9).fill('8.8.8.8').join() },
    [400, '110', expect.stringContaining('at most 8')],
  ],
])('a service of %j is refused', async (body, expected) => {
  expect(await refusal('POST', '/dns_services', body)).toEqual(expected)
})

test('what a record has makes its type', async () => {
  expect((await record({ ipv4_address: '10.0.0.1' })).json).toMatchObject({
    uuid: 'dnsr-1',
    name: 'www',
    ipv4_address: 0x0a00_0001,
    ipv6_address: null,
    target: null,
    ttl: null,
    type: 'A',
  })
  const others = [
    [
      { name: 'WWW.', ipv6_address: '2001:DB8:0::1', ttl: 60 },
      { name: 'WWW.', type: 'AAAA', ipv6_address: '2001:db8::1', ttl: 60 },
    ],
    [
      { name: 'web', target: 'www' },
      { type: 'CNAME', target: 'www' },
    ],
    [
      { name: '1.0.0.10.in-addr.arpa', target: 'www.a' },
      { type: 'PTR', target: 'www.a' },
    ],
    [{ name: 'www', ipv4_address: '10.0.0.2' }, { type: 'A' }],
  ] as const
  for (const [at, [body, expected]] of others.entries())
    expect((await record({ uuid: `dnsr-${at + 2}`, ...body })).json).toMatchObject(expected)
  const { json } = await api.call('GET', `${records}?limit=2&offset=1`)
  expect([json.total_count, json.items.map(({ uuid }: { uuid: string }) => uuid)]).toEqual([
    5,
    ['dnsr-2', 'dnsr-3'],
  ])
  expect((await api.call('DELETE', `${records}/dnsr-1`)).json).toEqual(['dnsr-1'])
  expect((await api.call('DELETE', `${records}/dnsr-1`)).status).toBe(404)
})

test.each([
  [{ uuid: undefined, ipv4_address: '10.0.0.1' }, [400, '111', 'uuid']],
  [
    { uuid: 'dns-1', ipv4_address: '10.0.0.1' },
    [400, '101', expect.stringContaining('DnsRecord#uuid: dns-1')],
  ],
  [{ name: undefined, ipv4_address: '10.0.0.1' }, [400, '111', 'name']],
  [{}, [400, '111', 'ipv4_address']],
  [{ name: 'a b', ipv4_address: '10.0.0.1' }, [400, '110', expect.stringContaining('name:')]],
  [{ name: '', ipv4_address: '10.0.0.1' }, [400, '110', expect.stringContaining('name:')]],
  [{ ipv4_address: '10.0.0' }, [400, '110', expect.stringContaining('ipv4_address:')]],
  [{ ipv6_address: 'fe80::1%eth0' }, [400, '110', expect.stringContaining('ipv6_address:')]],
  [{ ipv4_address: '10.0.0.1', target: 'a' }, [400, '110', 'target: the record has ipv4_address already']],
  [{ target: 'a..b' }, [400, '110', expect.stringContaining('target:')]],
  [{ ipv4_address: '10.0.0.1', ttl: -1 }, [400, '110', expect.stringContaining('ttl:')]],
  [{ ipv4_address: '10.0.0.1', ttl: 2 ** 31 }, [400, '110', expect.stringContaining('ttl:')]],
])('a record of %j is refused', async (body, expected) => {
  expect(await refusal('POST', records, { uuid: 'dnsr-1', name: 'www', ...body })).toEqual(expected)
})

test('a record is changed, in part or into another type', async () => {
  await record({ ipv4_address: '10.0.0.1' })
  const change = async (body: object, uuid = 'dnsr-1') =>
    (await api.call('PUT', `${records}/${uuid}`, body)).json
  expect(await change({ ttl: 5 })).toMatchObject({ name: 'www', ipv4_address: 0x0a00_0001, ttl: 5 })
  expect(await change({ name: '*.WWW', ipv6_address: '2001:db8::1' })).toMatchObject({
    ...{ name: '*.WWW', type: 'AAAA', ipv4_address: null, ipv6_address: '2001:db8::1', ttl: 5 },
  })
  expect(await change({ target: 'x' })).toMatchObject({ type: 'CNAME', ipv6_address: null })
  expect(api.view.dnsRecords.one('name', 1, '*.www')?.uuid).toBe('dnsr-1')
  expect(await change({})).toMatchObject({ type: 'CNAME' })
  expect((await change({ ipv4_address: '10.0.0.1', target: 'x' })).code).toBe('110')
  expect((await change({ name: 'a.*' })).code).toBe('110')
  expect((await change({ name: '**' })).code).toBe('110')
  expect((await change({}, 'dnsr-9')).code).toBe('100')
})

test('a CNAME is alone under its name, in any case of letters', async () => {
  await record({ ipv4_address: '10.0.0.1' })
  expect((await refusal('POST', records, { uuid: 'dnsr-2', name: 'WWW.', target: 'x' })).slice(0, 2)).toEqual(
    [409, '102'],
  )
  await record({ uuid: 'dnsr-2', name: 'alias', target: 'x' })
  for (const body of [{ target: 'y' }, { ipv4_address: '10.0.0.1' }])
    expect((await refusal('POST', records, { uuid: 'dnsr-3', name: 'alias', ...body })).slice(0, 2)).toEqual([
      409,
      '102',
    ])
  // Another service may have it.
  await api.call('POST', '/dns_services', { uuid: 'dnss-2', network_service_uuid: 'ns-dns' })
  const elsewhere = await api.call('POST', '/dns_services/dnss-2/dns_records', {
    uuid: 'dnsr-3',
    name: 'alias',
    ipv4_address: '10.0.0.1',
  })
  expect(elsewhere.status).toBe(200)
  expect((await refusal('DELETE', `${records}/dnsr-3`, {})).slice(0, 2)).toEqual([404, '114'])
})

test('an interface is known in its networks by its display name, where that can be a host name', async () => {
  await api.call('POST', '/networks', { uuid: 'nw-a', ipv4_network: '10.0.0.0', mode: 'virtual' })
  const names = () => [...api.view.interfaceNetworks.all()].map(({ host_name }) => host_name)
  const body = {
    uuid: 'if-1',
    mode: 'vif',
    network_uuid: 'nw-a',
    mac_address: '02:00:00:00:00:01',
    ipv4_address: '10.0.0.1',
  }
  await api.call('POST', '/interfaces', { ...body, display_name: 'Web-1' })
  expect(names()).toEqual(['web-1'])
  for (const [display_name, host_name] of [
    ['web 1', null],
    ['-a', null],
    ['a'.repeat(64), null],
    ['', null],
    ['X', 'x'],
  ] as const) {
    await api.call('PUT', '/interfaces/if-1', { display_name })
    expect(names()).toEqual([host_name])
  }
  await api.call('PUT', '/interfaces/if-dns', { display_name: 'dns' })
  await api.call('PUT', '/interfaces/if-dns/networks/nw-a', { static: true })
  expect(names()).toEqual(['x', 'dns'])
})
