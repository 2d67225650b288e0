import { afterEach, beforeEach, expect, test } from 'bun:test'
import { openTestApi, type TestApi } from '../testing.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
  for (const [uuid, mode] of [
    ['if-r', 'simulated'],
    ['if-s', 'simulated'],
    ['if-e', 'edge'],
    ['if-v', 'vif'],
  ])
    await api.call('POST', '/interfaces', { uuid, mode })
  for (const uuid of ['rl-1', 'rl-2']) await api.call('POST', '/route_links', { uuid })
  await api.call('POST', '/networks', { uuid: 'nw-a', ipv4_network: '10.0.0.0' })
  await add({ uuid: 'tr-1', interface_uuid: 'if-r' })
})
afterEach(() => api.dispose())

const add = (values: object) => api.call('POST', '/translations', { mode: 'static_address', ...values })
const pair = { ingress_ipv4_address: '1.2.3.4', egress_ipv4_address: '10.0.0.1' }
const ports = { ingress_port_number: 80, egress_port_number: 8080 }
const path = '/translations/tr-1/static_address'
const addAddress = (values: object) => api.call('POST', path, { ...pair, ...values })
const refusal = ({ status, json }: Awaited<ReturnType<typeof add>>) => [status, json.code, json.message]

test('a translation is of an interface, and goes with it', async () => {
  const { status, json } = await add({ uuid: 'tr-2', interface_uuid: 'if-r', passthrough: 'yes' })
  expect(status).toBe(200)
  expect(json).toEqual({
    id: 2,
    uuid: 'tr-2',
    mode: 'static_address',
    interface_id: 1,
    passthrough: true,
    created_at: expect.stringMatching(/ UTC$/),
    updated_at: expect.stringMatching(/ UTC$/),
    deleted_at: null,
    is_deleted: 0,
    interface_uuid: 'if-r',
  })
  await addAddress({})
  expect((await api.call('DELETE', '/interfaces/if-r')).status).toBe(200)
  expect([api.view.translations.size, api.view.translationStaticAddresses.size]).toEqual([0, 0])
})

test.each([
  [{ interface_uuid: 'if-v' }, [400, '110', expect.stringContaining('if-v must be of mode simulated')]],
  [{ interface_uuid: 'if-e' }, [400, '110', expect.stringContaining('if-e must be of mode simulated')]],
  [
    { interface_uuid: 'if-r', mode: 'vnet_edge' },
    [400, '110', expect.stringContaining('if-r must be of mode edge for vnet_edge, its mode is simulated')],
  ],
  [{ interface_uuid: 'if-none' }, [404, '100', 'Interface#interface_uuid: if-none']],
  [{}, [400, '111', 'interface_uuid']],
  [{ interface_uuid: 'if-r', uuid: 'tr-1' }, [400, '102', 'tr-1']],
  [{ interface_uuid: 'if-r', mode: 'none' }, [400, '110', expect.stringContaining('mode')]],
])('a translation of %j is refused', async (values, expected) => {
  expect(refusal(await add(values))).toEqual(expected as never)
})

test('it is changed in what is given, and in nothing else', async () => {
  expect((await api.call('PUT', '/translations/tr-1', { passthrough: true })).json).toMatchObject({
    passthrough: true,
    interface_uuid: 'if-r',
  })
  expect((await api.call('PUT', '/translations/tr-1', { interface_uuid: 'if-s' })).json).toMatchObject({
    passthrough: true,
    interface_uuid: 'if-s',
  })
  const edge = { interface_uuid: 'if-e', mode: 'vnet_edge' }
  expect((await api.call('PUT', '/translations/tr-1', edge)).json).toMatchObject(edge)
  const wrong = await addAddress({})
  expect(refusal(wrong)).toEqual([400, '110', 'uuid: tr-1 is of mode vnet_edge, not static_address'])
})

test('an address is told with what the request named', async () => {
  const networks = { ingress_network_uuid: 'nw-a', egress_network_uuid: 'nw-a' }
  const { json } = await addAddress({ ...ports, ...networks, route_link_uuid: 'rl-1' })
  const told = { ...pair, ...ports, translation_id: 1, route_link_id: 1, route_link_uuid: 'rl-1' }
  expect(json).toMatchObject({ id: 1, ...told, ...networks })
  const { items } = (await api.call('GET', path)).json
  expect(items).toMatchObject([told])
  expect(items[0]).not.toContainKeys(Object.keys(networks))
  expect(
    (await addAddress({ ingress_network_uuid: 'nw-a', egress_port_number: undefined })).json,
  ).toMatchObject({ ...pair, route_link_id: null, ingress_port_number: null, egress_port_number: null })
})

test.each([
  [{ ingress_port_number: 80 }, [400, '111', 'egress_port_number']],
  [{ egress_port_number: 80 }, [400, '111', 'ingress_port_number']],
  [{ ingress_port_number: 0, egress_port_number: 1 }, [400, '110', expect.stringContaining('1 to 65535')]],
  [
    { ingress_ipv4_address: 'x' },
    [400, '110', expect.stringContaining('ingress_ipv4_address: must be an IPv4 address')],
  ],
  [{ route_link_uuid: 'rl-none' }, [404, '100', 'RouteLink#route_link_uuid: rl-none']],
  [{ egress_network_uuid: 'nw-none' }, [404, '100', 'Network#egress_network_uuid: nw-none']],
])('an address of %j is refused', async (values, expected) => {
  expect(refusal(await addAddress(values))).toEqual(expected as never)
})

test('an address stands for one thing, wherever it is said', async () => {
  await add({ uuid: 'tr-2', interface_uuid: 'if-r' })
  await addAddress({ route_link_uuid: 'rl-1' })
  expect(refusal(await addAddress({}))).toEqual([409, '112', 'tr-1: 1.2.3.4 <=> 10.0.0.1'])
  const other = (values: object) =>
    api.call('POST', '/translations/tr-2/static_address', { ...pair, ...values })
  expect(refusal(await other({ egress_ipv4_address: '10.0.0.2' }))).toEqual([
    409,
    '115',
    'ingress_ipv4_address: 1.2.3.4 tcp is taken: static_address 1.2.3.4 <=> 10.0.0.1',
  ])
  const second = { ingress_ipv4_address: '1.2.3.5' }
  expect(refusal(await other({ ...second, route_link_uuid: 'rl-1' }))).toEqual([
    409,
    '115',
    'egress_ipv4_address: 10.0.0.1 behind route link 1 is taken: static_address 1.2.3.4 <=> 10.0.0.1',
  ])
  // Behind another route link the same address is another machine's; ports of an address are apart from it.
  expect((await other({ ...second, route_link_uuid: 'rl-2' })).status).toBe(200)
  expect((await other(ports)).status).toBe(200)
  expect((await other({ ...ports, ingress_port_number: 81, egress_port_number: 81 })).status).toBe(200)
})

test('what is deleted is the address without ports, or the pairs of ports', async () => {
  const count = () => api.view.translationStaticAddresses.size
  const removeAddress = (values: object) => api.call('DELETE', path, { ...pair, ...values })
  await addAddress({})
  await addAddress(ports)
  await addAddress({ ingress_port_number: 81, egress_port_number: 81 })
  expect((await removeAddress({})).json).toEqual({ uuid: 'tr-1' })
  expect(count()).toBe(2)
  expect((await removeAddress({ ingress_port_number: 81, egress_port_number: 82 })).json).toMatchObject({
    code: '114',
    message:
      'Couldn\'t find resource with parameters: {"ingress_ipv4_address":"1.2.3.4","egress_ipv4_address":"10.0.0.1","ingress_port_number":81,"egress_port_number":82}',
  })
  expect((await removeAddress({ route_link_uuid: 'rl-1' })).json.code).toBe('114')
  expect((await removeAddress({})).status).toBe(200)
  expect(count()).toBe(0)
})

test('addresses go with their route link', async () => {
  await addAddress({ route_link_uuid: 'rl-1' })
  await api.call('DELETE', '/route_links/rl-1')
  expect(api.view.translationStaticAddresses.size).toBe(0)
})

const addOther = async (mode: string, body: object, uuid = `tr-${mode[0]}`) => {
  await add({ uuid, interface_uuid: 'if-r', mode })
  return api.call('POST', `/translations/${uuid}/${mode}`, body)
}

test('a network inside shares one address outside, or a few', async () => {
  const { json } = await addOther('source_address', {
    ...{ ingress_ipv4_address: '1.2.3.4', ingress_end_ipv4_address: '1.2.3.7' },
    ...{ egress_ipv4_network: '10.0.0.0/16', route_link_uuid: 'rl-1' },
  })
  expect(json).toMatchObject({
    ...{ translation_id: 2, route_link_id: 1, route_link_uuid: 'rl-1' },
    ...{ egress_ipv4_network: '10.0.0.0', egress_ipv4_prefix: 16 },
    ...{ ingress_ipv4_address: '1.2.3.4', ingress_end_ipv4_address: '1.2.3.7' },
  })
  const more = (body: object) =>
    api.call('POST', '/translations/tr-s/source_address', { ingress_ipv4_address: '1.2.3.4', ...body })
  const same = { egress_ipv4_network: '10.0.0.0', egress_ipv4_prefix: 16, route_link_uuid: 'rl-1' }
  expect(refusal(await more(same))).toEqual([409, '112', 'tr-s: 1.2.3.4 <= 10.0.0.0/16'])
  expect(refusal(await more({ ...same, ingress_ipv4_address: '1.2.3.9' }))).toEqual([
    409,
    '115',
    'egress_ipv4_network: 10.0.0.0/16 behind route link 1 is taken: source_address 1.2.3.4 <= 10.0.0.0/16',
  ])
  for (const [body, message] of [
    [{ egress_ipv4_network: '10.0.0.1' }, 'egress_ipv4_network: 10.0.0.1 is no network address of a /24'],
    [{ egress_ipv4_network: '10.0.0.0/8', egress_ipv4_prefix: 9 }, 'is not the /8 of egress_ipv4_network'],
    [{ egress_ipv4_network: '10.1.0.0', ingress_end_ipv4_address: '1.2.3.3' }, 'must be 1.2.3.4 or one'],
    [{ egress_ipv4_network: '10.1.0.0', ingress_end_ipv4_address: '1.2.4.4' }, 'one of the 255 after it'],
  ] as const)
    expect(refusal(await more(body))).toEqual([400, '110', expect.stringContaining(message)])
  // What stands for one machine is not shared.
  const one = { ...pair, ingress_ipv4_address: '1.2.3.6' }
  expect(refusal(await addAddress(one))[0]).toBe(409)
  expect((await addAddress({ ...one, ...ports })).status).toBe(200)
  expect((await api.call('GET', '/translations/tr-s/source_address')).json.total_count).toBe(1)
  const { ingress_ipv4_address } = pair
  const removed = { ingress_ipv4_address, egress_ipv4_network: '10.0.0.0/16' }
  expect((await api.call('DELETE', '/translations/tr-s/source_address', removed)).json).toEqual({
    uuid: 'tr-s',
  })
  expect((await api.call('DELETE', '/translations/tr-s/source_address', removed)).json.code).toBe('114')
})

test('connections to an address outside, or to a port of it, go somewhere inside', async () => {
  const body = { ...pair, ingress_port_number: 80, protocol: 'tcp' }
  const { json } = await addOther('destination_address', body)
  expect(json).toMatchObject({ ...body, egress_port_number: 80, route_link_id: null })
  const more = (values: object) =>
    api.call('POST', '/translations/tr-d/destination_address', { ...pair, ...values })
  expect((await more({ ...ports, protocol: 'udp' })).status).toBe(200)
  expect(refusal(await more({ ...ports, egress_ipv4_address: '10.0.0.9' }))).toEqual([
    409,
    '115',
    'ingress_ipv4_address: 1.2.3.4:80 tcp is taken: destination_address 1.2.3.4:80 => 10.0.0.1:80',
  ])
  expect(refusal(await more({ protocol: 'tcp' }))).toEqual([400, '111', 'ingress_port_number'])
  expect(refusal(await more({ egress_port_number: 1 }))).toEqual([400, '111', 'ingress_port_number'])
  expect((await more({})).json).toMatchObject({ ...pair, protocol: null, ingress_port_number: null })
  const remove = (values: object) =>
    api.call('DELETE', '/translations/tr-d/destination_address', { ...pair, ...values })
  expect((await remove({})).status).toBe(200)
  expect(api.view.translationDestinationAddresses.size).toBe(2)
  expect((await remove({ ...ports, protocol: 'tcp' })).json.code).toBe('114')
  expect((await remove({})).status).toBe(200)
  expect(api.view.translationDestinationAddresses.size).toBe(0)
})

test('what the modes take is told apart', async () => {
  for (const mode of ['source_address', 'destination_address'])
    expect(
      (await api.call('POST', `/translations/tr-1/${mode}`, { ...pair, egress_ipv4_network: '10.0.0.0' }))
        .json.message,
    ).toBe(`uuid: tr-1 is of mode static_address, not ${mode}`)
})
