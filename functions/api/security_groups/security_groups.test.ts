import { afterEach, beforeEach, expect, test } from 'bun:test'
import { openTestApi, type TestApi } from '../testing.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
  for (const uuid of ['if-1', 'if-2']) await api.call('POST', '/interfaces', { uuid, mode: 'vif' })
  await add({ uuid: 'sg-1' })
})
afterEach(() => api.dispose())

const add = (values: object) => api.call('POST', '/security_groups', { display_name: 'a', ...values })
const refusal = ({ status, json }: Awaited<ReturnType<typeof add>>) => [status, json.code, json.message]

test('a group has the fields that OpenVNet gave it, and its rules as they were written', async () => {
  const rules = 'tcp:22:10.101.0.12 # ssh\nicmp:-1:sg-1,egress:udp:53:0.0.0.0/0'
  const { status, json } = await add({ uuid: 'sg-2', description: 'd', rules })
  expect(status).toBe(200)
  expect(json).toEqual({ uuid: 'sg-2', display_name: 'a', description: 'd', rules })
  expect((await api.call('PUT', '/security_groups/sg-2', { rules: '' })).json.rules).toBe('')
  expect((await api.call('DELETE', '/security_groups/sg-2')).json).toEqual(['sg-2'])
})

test.each([
  ['foo:22:1.2.3.4', "invalid protocol in rule 'foo:22:1.2.3.4'"],
  ['tcp:x:1.2.3.4', "invalid port in rule 'tcp:x:1.2.3.4'"],
  ['tcp:1:nowhere', "invalid ipv4 address or security group uuid in rule 'tcp:1:nowhere'"],
  ['tcp:1:sg-none', "Unknown security group uuid in rule 'tcp:1:sg-none'"],
  ['#'.repeat(65_537), 'at most 65536 characters'],
])('rules %p are refused with what is wrong', async (rules, reason) => {
  for (const answer of [await add({ rules }), await api.call('PUT', '/security_groups/sg-1', { rules })])
    expect(refusal(answer)).toEqual([400, '110', expect.stringContaining(reason)])
})

test('who is in a group is told of both, and goes with either', async () => {
  const joined = await api.call('POST', '/security_groups/sg-1/interfaces/if-1')
  expect(joined.json).toEqual({ uuid: 'sg-1', interfaces: ['if-1'] })
  expect(refusal(await api.call('POST', '/security_groups/sg-1/interfaces/if-1'))).toEqual([
    400,
    '112',
    'sg-1 <=> if-1',
  ])
  const mirrored = await api.call('POST', '/interfaces/if-2/security_groups/sg-1')
  expect(mirrored.json).toEqual({ uuid: 'if-2', security_groups: ['sg-1'] })
  const members = await api.call('GET', '/security_groups/sg-1/interfaces?limit=1&offset=1')
  expect(members.json).toMatchObject({ total_count: 2, items: [{ uuid: 'if-2' }] })
  expect((await api.call('GET', '/interfaces/if-2/security_groups')).json.items).toMatchObject([
    { uuid: 'sg-1' },
  ])
  expect((await api.call('DELETE', '/interfaces/if-2/security_groups/sg-1')).json.security_groups).toEqual([])
  expect(refusal(await api.call('DELETE', '/security_groups/sg-1/interfaces/if-2'))).toEqual([
    404,
    '114',
    expect.stringContaining('if-2'),
  ])
  await api.call('DELETE', '/interfaces/if-1')
  expect(api.view.securityGroupInterfaces.size).toBe(0)
})

test('an interface is marked as filtered in its networks as long as it is', async () => {
  await api.call('POST', '/networks', { uuid: 'nw-a', mode: 'virtual', ipv4_network: '10.0.0.0' })
  await api.call('POST', '/interfaces', {
    ...{ uuid: 'if-3', mode: 'vif', network_uuid: 'nw-a', ingress_filtering_enabled: true },
    ...{ ipv4_address: '10.0.0.3', mac_address: '02:00:00:00:00:03' },
  })
  const marks = () => [...api.view.interfaceNetworks.all()].map(({ filtered }) => filtered)
  expect(marks()).toEqual([true])
  const { json } = await api.call('PUT', '/interfaces/if-3', { ingress_filtering_enabled: false })
  expect([json.ingress_filtering_enabled, marks()]).toEqual([false, [false]])
  await api.call('PUT', '/interfaces/if-3', { enable_filtering: true })
  expect(marks()).toEqual([true])
})
