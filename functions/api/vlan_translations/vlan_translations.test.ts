import { afterEach, beforeEach, expect, test } from 'bun:test'
import { openTestApi, type TestApi } from '../testing.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
  await api.call('POST', '/interfaces', { uuid: 'if-e', mode: 'edge', port_name: 'trunk0' })
  await api.call('POST', '/interfaces', { uuid: 'if-r', mode: 'simulated' })
  await api.call('POST', '/translations', { uuid: 'tr-e', interface_uuid: 'if-e', mode: 'vnet_edge' })
  await api.call('POST', '/translations', { uuid: 'tr-r', interface_uuid: 'if-r', mode: 'static_address' })
  for (const [uuid, mode] of [
    ['nw-a', 'virtual'],
    ['nw-b', 'virtual'],
    ['nw-p', 'physical'],
  ])
    await api.call('POST', '/networks', { uuid, mode, ipv4_network: '10.0.0.0' })
})
afterEach(() => api.dispose())

const given = { uuid: 'vt-1', translation_uuid: 'tr-e', network_uuid: 'nw-a', vlan_id: 100 }
const add = (values: object = {}) => api.call('POST', '/vlan_translations', { ...given, ...values })
const networks = async () =>
  (await api.call('GET', '/interfaces/if-e/networks')).json.items.map(
    (row: { network_id: number }) => row.network_id,
  )

test('a VLAN puts its trunk port into the network, as long as it is there', async () => {
  const { status, json } = await add()
  expect([status, json]).toEqual([
    200,
    {
      ...given,
      id: 1,
      translation_id: 1,
      network_id: 1,
      mac_address: null,
      serving_interface_uuid: null,
      created_at: expect.stringMatching(/ UTC$/),
      updated_at: expect.stringMatching(/ UTC$/),
      deleted_at: null,
      is_deleted: 0,
    },
  ])
  expect(await networks()).toEqual([1])
  const changed = { network_uuid: 'nw-b', vlan_id: 200, mac_address: '02:00:00:00:00:01' }
  expect((await api.call('PUT', '/vlan_translations/vt-1', changed)).json).toMatchObject(changed)
  expect(await networks()).toEqual([2])
  expect((await api.call('DELETE', '/vlan_translations/vt-1')).json).toEqual(['vt-1'])
  expect(await networks()).toEqual([])
})

test.each(['/translations/tr-e', '/networks/nw-a', '/interfaces/if-e'])(
  'it goes with %s, and with it what serves it',
  async (path) => {
    await add()
    expect((await api.call('DELETE', path)).status).toBe(200)
    expect([api.view.vlanTranslations.size, api.view.interfaceNetworks.size]).toEqual([0, 0])
  },
)

test.each([
  [{ translation_uuid: undefined }, [400, '111', 'translation_uuid']],
  [{ network_uuid: undefined }, [400, '111', 'network_uuid']],
  [{ vlan_id: undefined }, [400, '111', 'vlan_id']],
  [{ vlan_id: 0 }, [400, '110', expect.stringContaining('1 to 4094')]],
  [{ vlan_id: 4095 }, [400, '110', expect.stringContaining('1 to 4094')]],
  [{ translation_uuid: 'tr-x' }, [404, '100', 'Translation#translation_uuid: tr-x']],
  [{ network_uuid: 'nw-x' }, [404, '100', 'Network#network_uuid: nw-x']],
  [{ translation_uuid: 'tr-r' }, [400, '110', expect.stringContaining('must be of mode vnet_edge')]],
  [{ network_uuid: 'nw-p' }, [400, '110', expect.stringContaining('nw-p is physical')]],
  [{ mac_address: 'x' }, [400, '110', expect.stringContaining('mac_address')]],
])('with %j it is refused', async (values, expected) => {
  const { status, json } = await add(values)
  expect([status, json.code, json.message]).toEqual(expected as never)
})

test('a VLAN of a port is one network, and a network one VLAN of it', async () => {
  await add()
  const refusal = async (values: object) => {
    const { status, json } = await add({ uuid: 'vt-2', ...values })
    return [status, json.code, json.message]
  }
  expect(await refusal({ network_uuid: 'nw-b' })).toEqual([
    409,
    '115',
    'vlan_id: 100 of if-e is nw-a already',
  ])
  expect(await refusal({ vlan_id: 200 })).toEqual([409, '112', 'if-e: nw-a <=> VLAN 100'])
  // Another translation of the same port is no way around.
  await api.call('POST', '/translations', { uuid: 'tr-f', interface_uuid: 'if-e', mode: 'vnet_edge' })
  expect((await refusal({ translation_uuid: 'tr-f', network_uuid: 'nw-b' }))[0]).toBe(409)
  expect((await add({ uuid: 'vt-2', network_uuid: 'nw-b', vlan_id: 200 })).status).toBe(200)
  const mode = { mode: 'static_address', interface_uuid: 'if-r' }
  expect((await api.call('PUT', '/translations/tr-e', mode)).json.code).toBe('113')
})
