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
  ['networks/nw-p', 'physical'],
  ['segments/seg-p', 'physical'],
  ['networks/nw-s', 'lies on a segment'],
])('it is not in %s: %s', async (path, reason) => {
  await create({})
  const { status, json } = await join(path)
  expect([status, json.code]).toEqual([400, '110'])
  expect(json.message).toContain(reason)
})
