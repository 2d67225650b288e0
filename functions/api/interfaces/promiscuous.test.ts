import { afterEach, beforeEach, expect, test } from 'bun:test'
import { openTestApi, type TestApi } from '../testing.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
  for (const [uuid, mode] of [
    ['seg-a', 'virtual'],
    ['seg-b', 'virtual'],
    ['seg-p', 'physical'],
  ] as const)
    await api.call('POST', '/segments', { uuid, mode })
  for (const [uuid, more] of [
    ['nw-v', {}],
    ['nw-s', { segment_uuid: 'seg-b' }],
    ['nw-p', { mode: 'physical' }],
  ] as const)
    await api.call('POST', '/networks', { uuid, mode: 'virtual', ipv4_network: '10.0.0.0', ...more })
})
afterEach(() => api.dispose())

const create = (body: object) =>
  api.call('POST', '/interfaces', { uuid: 'if-x', mode: 'promiscuous', port_name: 'x', ...body })
const join = (path: string) => api.call('PUT', `/interfaces/if-x/${path}`, { static: true })

test('a promiscuous interface is in the segment or network that it is made in, without an address', async () => {
  expect((await create({ segment_uuid: 'seg-a' })).status).toBe(200)
  const { items } = (await api.call('GET', '/interfaces/if-x/segments')).json
  expect(items).toMatchObject([{ static: true }])
  expect((await create({ uuid: 'if-y', port_name: 'y', network_uuid: 'nw-v' })).status).toBe(200)
  const networks = (await api.call('GET', '/interfaces/if-y/networks')).json
  expect(networks.items).toMatchObject([{ network_uuid: 'nw-v', static: true }])
})

test('it is in one, and in another when it has left that', async () => {
  await create({})
  expect((await join('segments/seg-a')).status).toBe(200)
  for (const path of ['segments/seg-b', 'networks/nw-v']) {
    const { status, json } = await join(path)
    expect([status, json.code]).toEqual([400, '110'])
    expect(json.message).toContain('in one already')
  }
  await api.call('PUT', '/interfaces/if-x/segments/seg-a', { static: false })
  expect((await join('networks/nw-v')).status).toBe(200)
})

test.each([
  ['segments/seg-p', 'physical'],
  ['networks/nw-s', 'lies on a segment'],
])('it is not in %s: %s', async (path, reason) => {
  await create({})
  const { status, json } = await join(path)
  expect([status, json.code]).toEqual([400, '110'])
  expect(json.message).toContain(reason)
})

test.each(['promiscuous', 'edge'])('nothing decides what passes at one that is %s', async (mode) => {
  await create({ mode })
  await api.call('POST', '/security_groups', { uuid: 'sg-a', display_name: 'a', rules: '' })
  for (const [method, path, body] of [
    ['PUT', '/interfaces/if-x', { enable_filtering: true }],
    ['PUT', '/interfaces/if-x', { ingress_filtering_enabled: true }],
    ['POST', '/interfaces', { uuid: 'if-y', mode, enable_filtering: true }],
    ['POST', '/filters', { uuid: 'fil-a', interface_uuid: 'if-x', mode: 'static' }],
    ['POST', '/security_groups/sg-a/interfaces/if-x', {}],
    ['POST', '/interfaces/if-x/security_groups/sg-a', {}],
  ] as const) {
    const { status, json } = await api.call(method, path, body)
    expect({ path, status, code: json.code }).toEqual({ path, status: 400, code: '110' })
    expect(json.message).toContain(`is ${mode}: filters and security groups are about the addresses`)
  }
  expect((await api.call('PUT', '/interfaces/if-x', { enable_filtering: false })).status).toBe(200)
})

test('it says how many machines behind it are learned, and for how long; others cannot', async () => {
  expect((await create({})).json).toMatchObject({ mac_learning_limit: null, mac_ageing_time: null })
  const settings = { mac_learning_limit: 20, mac_ageing_time: 3_600 }
  expect((await api.call('PUT', '/interfaces/if-x', settings)).json).toMatchObject(settings)
  for (const wrong of [{ mac_learning_limit: 0 }, { mac_ageing_time: 9 }, { mac_ageing_time: 65_536 }])
    expect((await api.call('PUT', '/interfaces/if-x', wrong)).status).toBe(400)
  const { status, json } = await create({ uuid: 'if-y', mode: 'vif', port_name: 'y', mac_learning_limit: 5 })
  expect([status, json.code]).toEqual([400, '110'])
  expect(json.message).toContain('mac_learning_limit: if-y is vif')
})

test('in a physical network it leads to that, unless a host interface does', async () => {
  const isBehindPort = () => api.view.networks.one('uuid', 'nw-p')?.behind_port
  await create({})
  expect((await join('networks/nw-p')).status).toBe(200)
  expect(isBehindPort()).toBe(true)
  const host = { uuid: 'if-h', mode: 'host', network_uuid: 'nw-p', mac_address: '02:00:00:00:00:01' }
  expect((await api.call('POST', '/interfaces', { ...host, ipv4_address: '10.0.0.1' })).status).toBe(200)
  expect(isBehindPort()).toBe(false)
  await api.call('DELETE', '/interfaces/if-h')
  expect(isBehindPort()).toBe(true)
  await api.call('PUT', '/interfaces/if-x/networks/nw-p', { static: false })
  expect(isBehindPort()).toBe(false)
  await join('networks/nw-p')
  await api.call('DELETE', '/interfaces/if-x')
  expect(isBehindPort()).toBe(false)
})
