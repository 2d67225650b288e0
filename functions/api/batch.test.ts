import { afterEach, beforeEach, expect, test } from 'bun:test'
import { batchItemsMax } from '../../runtime/http/batch.ts'
import { openTestApi, type TestApi } from './testing.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
})
afterEach(() => api.dispose())

const batch = (items: unknown) => api.call('POST', '/batch', items)
const network = { method: 'POST', path: '/networks', body: { uuid: 'nw-a', ipv4_network: '10.0.0.0' } }

test('items see what items before them made, and each has an answer with real ids', async () => {
  const { status, json } = await batch([
    network,
    {
      method: 'post',
      path: '/api/1.0/interfaces.json',
      body: {
        interface: {
          uuid: 'if-a',
          mode: 'vif',
          network_uuid: 'nw-a',
          mac_address: '02:00:00:00:00:01',
          ipv4_address: '10.0.0.1',
        },
      },
    },
    { method: 'PUT', path: '/networks/nw-a?display_name=x' },
    { method: 'GET', path: '/networks/nw-a' },
    { method: 'DELETE', path: '/interfaces/if-a' },
  ])
  expect(status).toBe(200)
  expect(json.map((answer: { status: number }) => answer.status)).toEqual([200, 200, 200, 200, 200])
  expect(json[1].body).toMatchObject({ id: 1, ipv4_address: '10.0.0.1', mac_leases: [{ interface_id: 1 }] })
  expect(json[3].body).toMatchObject({ id: 1, display_name: 'x' })
  expect(json[4].body).toEqual(['if-a'])
  expect([api.view.networks.size, api.view.interfaces.size]).toEqual([1, 0])
})

test.each([
  ['a refusal', { method: 'POST', path: '/networks', body: { ipv4_network: 'x' } }, 400, '110'],
  ['a name that is taken', network, 400, '102'],
  ['what is unknown', { method: 'DELETE', path: '/networks/nw-b' }, 404, '100'],
  ['no such path', { method: 'POST', path: '/nothing' }, 404, '404'],
  ['no such method', { method: 'PATCH', path: '/networks' }, 400, '110'],
  ['a batch', { method: 'POST', path: '/batch' }, 400, '110'],
  ['no item', 7, 400, '110'],
])(
  '%s: the whole batch is refused, with the index, and nothing is written',
  async (_, item, status, code) => {
    const answer = await batch([network, item, network])
    expect([answer.status, answer.json.code, answer.json.index]).toEqual([status, code, 1])
    expect(api.view.networks.size).toBe(0)
  },
)

test('what is no batch is refused', async () => {
  for (const body of [{}, 'x', null, 7, { items: 1 }]) expect((await batch(body)).status).toBe(400)
  const many = Array.from({ length: batchItemsMax + 1 }, () => ({ method: 'GET', path: '/networks' }))
  expect((await batch(many)).json.message).toContain(String(batchItemsMax))
  expect((await batch([])).json).toEqual([])
})

test('what only a host knows is no part of a batch', async () => {
  await api.call('POST', '/datapaths', { uuid: 'dp-s', display_name: '', dpid: '0x5', node_id: 's' })
  const { status, json } = await api.call('POST', '/batch', [
    { method: 'GET', path: '/datapaths/dp-s/status' },
  ])
  expect([status, json.code]).toEqual([400, '110'])
})

test('a name that looks like a placeholder for an id stays', async () => {
  const display_name = 'see "-1000000000001", or -1000000000002, \\'
  const { json } = await batch([{ ...network, body: { ...network.body, display_name } }])
  expect(json[0].body).toMatchObject({ id: 1, display_name })
})

test('a thousand interfaces fit into one batch', async () => {
  const items = Array.from({ length: 1_000 }, (_, index) => ({
    method: 'POST',
    path: '/interfaces',
    body: {
      uuid: `if-${index}`,
      mode: 'vif',
      port_name: `tap${index}`,
      network_uuid: 'nw-a',
      mac_address: `02:00:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`,
      ipv4_address: `10.0.${1 + (index >> 8)}.${index & 255}`,
    },
  }))
  const wide = { ...network, body: { ...network.body, ipv4_prefix: 16 } }
  expect((await batch([wide, ...items])).status).toBe(200)
  expect([api.view.interfaces.size, api.view.ipLeases.size]).toEqual([1_000, 1_000])
})
