/** Clients that want the same at the same time: one gets it, the others are told, and nothing is half-written. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { openTestApi, type TestApi } from './testing.ts'

const clients = 20
let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
  await api.call('POST', '/networks', { uuid: 'nw-a', ipv4_network: '10.0.0.0' })
})
afterEach(() => api.dispose())

async function statusesOf(request: (client: number) => Promise<{ status: number; json: { code?: string } }>) {
  const answers = await Promise.all(Array.from({ length: clients }, (_, client) => request(client)))
  return answers.map(({ status, json }) => (status === 200 ? 'done' : `${status} ${json.code}`)).sort()
}

const oneDone = (refusal: string) => [...Array(clients - 1).fill(refusal), 'done'].sort()

test('one uuid', async () => {
  const create = () => api.call('POST', '/networks', { uuid: 'nw-b', ipv4_network: '10.0.0.0' })
  expect(await statusesOf(create)).toEqual(oneDone('400 102'))
  expect([api.view.networks.size, api.view.tunnelKeys.size]).toEqual([2, 2])
})

test('one address', async () => {
  const create = (client: number) =>
    api.call('POST', '/interfaces', {
      mode: 'vif',
      network_uuid: 'nw-a',
      ipv4_address: '10.0.0.1',
      mac_address: `02:00:00:00:00:${(client + 16).toString(16)}`,
    })
  expect(await statusesOf(create)).toEqual(oneDone('409 115'))
  expect([api.view.interfaces.size, api.view.macLeases.size, api.view.ipLeases.size]).toEqual([1, 1, 1])
})

test('one port of a switch', async () => {
  const create = () => api.call('POST', '/interfaces', { mode: 'vif', port_name: 'tap0' })
  expect(await statusesOf(create)).toEqual(oneDone('409 102'))
})

test('a network that goes while interfaces come: each comes before, or is told', async () => {
  const interfaces = statusesOf((client) =>
    client === 10
      ? api.call('DELETE', '/networks/nw-a')
      : api.call('POST', '/interfaces', {
          mode: 'vif',
          network_uuid: 'nw-a',
          ipv4_address: `10.0.0.${client + 1}`,
          mac_address: `02:00:00:00:00:${(client + 16).toString(16)}`,
        }),
  )
  const allowed = new Set(['done', '404 100'])
  expect((await interfaces).filter((status) => !allowed.has(status))).toEqual([])
  expect([api.view.networks.size, api.view.ipLeases.size]).toEqual([0, 0])
})
