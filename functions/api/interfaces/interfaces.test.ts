import { afterEach, beforeEach, expect, test } from 'bun:test'
import { openTestApi, type TestApi } from '../testing.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
  await api.call('POST', '/datapaths', { uuid: 'dp-1', dpid: '1', display_name: 'a', node_id: 'a' })
  await api.call('POST', '/datapaths', { uuid: 'dp-2', dpid: '2', display_name: 'b', node_id: 'b' })
  await api.call('POST', '/networks', { uuid: 'nw-v', mode: 'virtual', ipv4_network: '10.0.0.0' })
  await api.call('POST', '/networks', { uuid: 'nw-p', mode: 'physical', ipv4_network: '172.16.0.0' })
})
afterEach(() => api.dispose())

const create = (body: object) => api.call('POST', '/interfaces', { mode: 'vif', ...body })
const leased = (ipv4_address: string, mac_address: string) => ({
  network_uuid: 'nw-v',
  ipv4_address,
  mac_address,
})

test.each([
  ['10.0.0.0', 'the network'],
  ['10.0.0.255', 'broadcast'],
  ['10.0.1.1', 'IP Address 10.0.1.1 not in subnet 10.0.0.0.'],
])('address %p is refused: %p', async (address, reason) => {
  const { status, json } = await create(leased(address, '02:00:00:00:00:01'))
  expect([status, json.code]).toEqual([400, '110'])
  expect(json.message).toContain(reason)
})

test('0.0.0.0 is a lease of an address that is not known', async () => {
  expect((await create(leased('0.0.0.0', '02:00:00:00:00:01'))).json.ipv4_address).toBe('0.0.0.0')
})

test.each([
  '01:00:00:00:00:01',
  'ff:ff:ff:ff:ff:ff',
  '00:00:00:00:00:00',
  '02:00:00:00:00',
  '02-00-00-00-00-01',
])('MAC address %p is refused', async (address) => {
  const { status, json } = await create(leased('10.0.0.1', address))
  expect([status, json.code]).toEqual([400, '110'])
})

test('an address without what it needs is refused, not lost', async () => {
  expect(
    (await create({ ipv4_address: '10.0.0.1', mac_address: '02:00:00:00:00:01' })).json.message,
  ).toContain('network_uuid')
  expect((await create({ ipv4_address: '10.0.0.1', network_uuid: 'nw-v' })).json.message).toContain(
    'mac_address',
  )
})

test('a machine needs no mode, as once; a trunk port has no address, whatever is said', async () => {
  const bare = await api.call('POST', '/interfaces', { port_name: 'tap1' })
  expect([bare.status, bare.json.mode]).toEqual([200, 'vif'])
  const edge = { mode: 'edge', mac_address: '02:01:00:00:00:00', ipv4_address: '0.0.0.0', port_name: 'trunk' }
  expect((await create({ ...edge, owner_datapath_uuid: 'dp-1' })).json).toMatchObject({
    ...{ mode: 'edge', mac_address: '02:01:00:00:00:00', ip_leases: [] },
  })
})

test('a refused interface leaves nothing behind', async () => {
  await create({ uuid: 'if-a', ...leased('10.0.0.1', '02:00:00:00:00:01') })
  const { status } = await create({
    uuid: 'if-b',
    port_name: 'b',
    ...leased('10.0.0.1', '02:00:00:00:00:02'),
  })
  expect(status).toBe(409)
  expect([api.view.interfaces.size, api.view.interfacePorts.size, api.view.macLeases.size]).toEqual([1, 1, 1])
})

test('a port name is one interface only, on a datapath and on any', async () => {
  await create({ uuid: 'if-a', port_name: 'tap0' })
  const rival = await create({ uuid: 'if-b', port_name: 'tap0' })
  expect([rival.status, rival.json.code]).toEqual([409, '102'])
  expect(rival.json.message).toContain('if-a')
  expect((await create({ uuid: 'if-b', port_name: 'tap0', owner_datapath_uuid: 'dp-1' })).status).toBe(200)
  expect((await create({ uuid: 'if-c', port_name: 'tap0', owner_datapath_uuid: 'dp-1' })).status).toBe(409)
})

test('a host interface is on a physical network, at an address of its own', async () => {
  const host = {
    mode: 'host',
    port_name: 'eth0',
    owner_datapath_uuid: 'dp-1',
    mac_address: '02:01:00:00:00:01',
  }
  expect((await create({ ...host, network_uuid: 'nw-v', ipv4_address: '10.0.0.1' })).json.message).toContain(
    'physical',
  )
  await api.call('POST', '/networks', { uuid: 'nw-q', mode: 'physical', ipv4_network: '172.16.0.0' })
  expect((await create({ ...host, network_uuid: 'nw-p', ipv4_address: '172.16.0.1' })).status).toBe(200)
  const other = { ...host, owner_datapath_uuid: 'dp-2', mac_address: '02:01:00:00:00:02' }
  const same = await create({ ...other, network_uuid: 'nw-q', ipv4_address: '172.16.0.1' })
  expect([same.status, same.json.code]).toEqual([409, '115'])
})

test('flags and the owner change by PUT', async () => {
  await create({ uuid: 'if-a', port_name: 'tap0' })
  const changes = { enable_filtering: 'yes', enable_routing: 1, enable_route_translation: 'T' }
  expect(
    (await api.call('PUT', '/interfaces/if-a', { ...changes, owner_datapath_uuid: 'dp-2' })).json,
  ).toMatchObject({
    enable_filtering: true,
    enable_routing: true,
    enable_route_translation: true,
  })
  const ports = await api.call('GET', '/interfaces/if-a/ports')
  expect(ports.json.items).toMatchObject([{ datapath_id: 2, port_name: 'tap0', singular: true }])
  expect(
    (await api.call('PUT', '/interfaces/if-a', { enable_filtering: 'perhaps' })).json.enable_filtering,
  ).toBe(true)
})

test('ports: one a datapath, filtered when they are deleted', async () => {
  await create({ uuid: 'if-a', port_name: 'tap0', owner_datapath_uuid: 'dp-1' })
  const added = await api.call('POST', '/interfaces/if-a/ports', { datapath_uuid: 'dp-2', port_name: 'tap0' })
  expect(added.json).toMatchObject({ interface_uuid: 'if-a', datapath_uuid: 'dp-2', singular: null })
  const again = await api.call('POST', '/interfaces/if-a/ports', { datapath_uuid: 'dp-2', port_name: 'tap1' })
  expect([again.status, again.json.code]).toEqual([409, '112'])
  expect((await api.call('DELETE', '/interfaces/if-a/ports?port_name=none')).json).toEqual([])
  expect((await api.call('DELETE', '/interfaces/if-a/ports?singular=false')).json).toMatchObject([
    { datapath_id: 2 },
  ])
  expect((await api.call('DELETE', '/interfaces/if-a/ports')).json).toHaveLength(1)
})

test('memberships follow leases, and stay where they are static', async () => {
  await create({ uuid: 'if-a', ...leased('10.0.0.1', '02:00:00:00:00:01') })
  const path = '/interfaces/if-a/networks'
  expect((await api.call('GET', path)).json.items).toMatchObject([{ network_id: 1, static: false }])
  expect((await api.call('PUT', `${path}/nw-v`, { static: true })).json.static).toBe(true)
  const [lease] = api.view.ipLeases.all()
  await api.call('DELETE', `/ip_leases/${lease!.uuid}`)
  expect((await api.call('GET', path)).json.total_count).toBe(1)
  const ended = await api.call('PUT', `${path}/nw-v`, { static: false })
  expect(ended.json).toMatchObject({ static: false, is_deleted: ended.json.id })
  expect((await api.call('GET', path)).json.total_count).toBe(0)
  expect((await api.call('PUT', `${path}/nw-v`, { static: false })).json).toEqual({})
})

test('an interface that is plugged in already is active at once, and its networks with it', async () => {
  await api.write((draft) =>
    draft.activePorts.insert({ datapath_id: 1, port_name: 'tap0', port_number: 7, iface_id: null }),
  )
  await create({ uuid: 'if-a', port_name: 'tap0', ...leased('10.0.0.1', '02:00:00:00:00:01') })
  expect([...api.view.activeInterfaces.all()]).toMatchObject([{ datapath_id: 1, port_number: 7 }])
  expect([...api.view.activeNetworks.all()]).toMatchObject([{ datapath_id: 1, network_id: 1 }])
  await api.call('DELETE', '/interfaces/if-a')
  expect([api.view.activeInterfaces.size, api.view.activeNetworks.size]).toEqual([0, 0])
})

test('an interface says its port and where it is plugged in; its ports and memberships say what of', async () => {
  const { json } = await create({
    uuid: 'if-a',
    port_name: 'vm1',
    ...leased('10.0.0.1', '02:00:00:00:00:01'),
  })
  expect(json).toMatchObject({ port_name: 'vm1', active_datapath_uuids: [] })
  await api.write((draft) => {
    const datapath_id = draft.datapaths.one('uuid', 'dp-2')!.id
    const interface_id = draft.interfaces.one('uuid', 'if-a')!.id
    draft.activeInterfaces.insert({
      interface_id,
      datapath_id,
      port_name: 'vm1',
      port_number: 3,
      singular: null,
    })
  })
  const shown = await api.call('GET', '/interfaces/if-a')
  expect(shown.json).toMatchObject({ port_name: 'vm1', active_datapath_uuids: ['dp-2'] })
  const ports = await api.call('GET', '/interfaces/if-a/ports')
  expect(ports.json.items).toMatchObject([{ interface_uuid: 'if-a', datapath_uuid: null, port_name: 'vm1' }])
  const members = await api.call('GET', '/interfaces/if-a/networks')
  expect(members.json.items).toMatchObject([{ network_uuid: 'nw-v', static: false }])
  expect((await create({ uuid: 'if-b' })).json.port_name).toBeNull()
})

test.each(['t-gre', 't-vxlan', 't-geneve'])('%s is no port of an interface', async (port_name) => {
  await create({ uuid: 'if-a' })
  for (const { status, json } of [
    await create({ uuid: 'if-b', port_name }),
    await api.call('POST', '/interfaces/if-a/ports', { datapath_uuid: 'dp-1', port_name }),
  ]) {
    expect([status, json.code]).toEqual([400, '110'])
    expect(json.message).toContain(`port_name: ${port_name}`)
  }
})

test('an interface is renamed, and keeps what it has', async () => {
  await create({ uuid: 'if-a', port_name: 'a', ...leased('10.0.0.1', '02:00:00:00:00:01') })
  await create({ uuid: 'if-b' })
  const rename = (new_uuid?: string) => api.call('PUT', '/interfaces/if-a/rename', { new_uuid })
  expect((await rename()).json).toMatchObject({ code: '111', message: 'new_uuid' })
  expect((await rename('if-B!')).json.code).toBe('101')
  expect((await rename('if-b')).json.code).toBe('102')
  expect((await rename('if-a')).json).toEqual(['if-a'])
  expect((await rename('if-z')).json).toEqual(['if-z'])
  expect((await rename('if-y')).json.code).toBe('100')
  const renamed = (await api.call('GET', '/interfaces/if-z')).json
  expect(renamed).toMatchObject({ id: 1, ipv4_address: '10.0.0.1', mac_leases: [{ interface_uuid: 'if-z' }] })
})

test('it may have more addresses than its leases', async () => {
  const shown = async () => (await api.call('GET', '/interfaces/if-more')).json.allowed_addresses
  const change = (allowed_addresses: string) => api.call('PUT', '/interfaces/if-more', { allowed_addresses })
  const added = await api.call('POST', '/interfaces', {
    ...{ uuid: 'if-more', mode: 'vif' },
    allowed_addresses:
      '10.1.0.100, 192.168.50.0/24,10.1.0.101@00:00:5E:00:01:0a,10.1.0.100/32,2001:DB8::/32,fe80::7@00:00:5e:00:02:0a',
  })
  expect(added.json).toMatchObject({
    allowed_addresses: [
      ...['10.1.0.100', '192.168.50.0/24', '10.1.0.101@00:00:5e:00:01:0a'],
      ...['2001:db8::/32', 'fe80::7@00:00:5e:00:02:0a'],
    ],
    held_addresses: [],
  })
  for (const [text, problem] of [
    ['10.1.0.300', '10.1.0.300 is none'],
    ['10.1.0.1/24', '10.1.0.0/24'],
    ['10.1.0.1/33', 'is none'],
    ['2001:db8::1/129', 'is none'],
    ['2001:db8::1/64', '2001:db8::/64'],
    ['2001:db8::g', 'is none'],
    ['2001:db8::1@00:00:5e:00:01:0a', '00:00:5e:00:02:xx of IPv6'],
    ['10.1.0.1@52:54:00:00:00:01', "a virtual router's"],
    [Array.from({ length: 65 }, (_, n) => `10.9.0.${n}`).join(), 'at most 64'],
  ] as const) {
    const { status, json } = await change(text)
    expect([status, json.code]).toEqual([400, '110'])
    expect(json.message).toContain(problem)
  }
  await api.call('PUT', '/interfaces/if-more', { display_name: 'more' })
  expect(await shown()).toHaveLength(5)
  await change('10.1.0.100')
  expect(await shown()).toEqual(['10.1.0.100'])
  await change('')
  expect(await shown()).toEqual([])
})

test('a port name that is taken anywhere is said with what to do', async () => {
  await create({ uuid: 'if-one', port_name: 'tap7' })
  const { status, json } = await create({ port_name: 'tap7' })
  expect([status, json.code]).toEqual([409, '102'])
  expect(json.message).toBe(
    "port_name: tap7 on any datapath is if-one's already; give both the owner_datapath_uuid of their hypervisor: a name may be used once on each",
  )
})
