import { afterEach, beforeEach, expect, test } from 'bun:test'
import { linkTo } from '../../flows/underlay.ts'
import { openTestApi, type TestAnswer, type TestApi } from '../testing.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
})
afterEach(() => api.dispose())

const datapath = (uuid: string, dpid: string) =>
  api.call('POST', '/datapaths', { uuid, dpid, display_name: uuid, node_id: uuid })
const host = (uuid: string, owner_datapath_uuid: string, number: number) =>
  api.call('POST', '/interfaces', {
    uuid,
    mode: 'host',
    port_name: 'eth0',
    owner_datapath_uuid,
    network_uuid: 'nw-p',
    mac_address: `02:01:00:00:00:0${number}`,
    ipv4_address: `172.16.0.${number}`,
  })
const carry = (path: string, body: object) => api.call('POST', `/datapaths/${path}`, body)

async function twoHypervisors() {
  await api.call('POST', '/networks', { uuid: 'nw-p', mode: 'physical', ipv4_network: '172.16.0.0' })
  await api.call('POST', '/networks', { uuid: 'nw-v', mode: 'virtual', ipv4_network: '10.0.0.0' })
  await api.call('POST', '/segments', { uuid: 'seg-v', mode: 'virtual' })
  for (const number of [1, 2]) {
    await datapath(`dp-${number}`, `0x${number}`)
    expect((await host(`if-h${number}`, `dp-${number}`, number)).status).toBe(200)
  }
}

test.each([
  ['ABC', '0x0000000000000abc'],
  ['0xffffffffffffffff', '0xffffffffffffffff'],
])('dpid %p is %p', async (given, kept) => {
  expect((await datapath('dp-a', given)).json.dpid).toBe(kept)
})

test.each(['0x', '', '0x0', '0x10000000000000000', 'g', '0x 1'])('dpid %p is refused', async (dpid) => {
  const { status, json } = await datapath('dp-a', dpid)
  expect(status).toBe(400)
  expect(json).toMatchObject({
    code: '110',
    message: expect.stringContaining('dpid: must be above 0, in 1 to 16 hexadecimal digits'),
  })
})

test('a datapath id belongs to one datapath', async () => {
  await datapath('dp-a', '0x1')
  const { status, json } = await datapath('dp-b', '1')
  expect(status).toBe(409)
  expect(json).toMatchObject({ code: '102', message: expect.stringContaining('dpid') })
})

test('a network spans a datapath under a made-up address that nobody else has', async () => {
  await twoHypervisors()
  const { status, json } = await carry('dp-1/networks/nw-v', { interface_uuid: 'if-h1' })
  expect(status).toBe(200)
  expect(json).toMatchObject({
    datapath_id: 1,
    network_id: 2,
    interface_id: 1,
    ip_lease_id: 1,
    topology_id: null,
    mac_address_id: json.id,
  })
  // Locally administered, and of one station.
  expect(Math.floor(json.mac_address / 2 ** 40) & 3).toBe(2)
  const list = await api.call('GET', '/datapaths/dp-1/networks')
  expect(list.json).toMatchObject({ total_count: 1, items: [{ uuid: 'nw-v', ipv4_network: '10.0.0.0' }] })
  const again = await carry('dp-1/networks/nw-v', { interface_uuid: 'if-h1' })
  expect([again.status, again.json.code]).toEqual([409, '112'])
  expect((await api.call('DELETE', '/datapaths/dp-1/networks/nw-v')).json).toEqual(['nw-v'])
  expect((await api.call('DELETE', '/datapaths/dp-1/networks/nw-v')).json.code).toBe('114')
})

test('segments span datapaths as networks do', async () => {
  await twoHypervisors()
  const body = { interface_uuid: 'if-h2', mac_address: '02:00:00:00:00:99' }
  expect((await carry('dp-2/segments/seg-v', body)).json).toMatchObject({
    segment_id: 1,
    mac_address: 0x020000000099,
  })
  expect((await api.call('GET', '/datapaths/dp-2/segments')).json.items).toMatchObject([{ uuid: 'seg-v' }])
  expect((await api.call('DELETE', '/datapaths/dp-2/segments/seg-v')).json).toEqual(['seg-v'])
})

test('route links span datapaths as networks do', async () => {
  await twoHypervisors()
  await api.call('POST', '/route_links', { uuid: 'rl-1' })
  const body = { interface_uuid: 'if-h1', mac_address: '02:00:10:aa:00:01' }
  const { status, json } = await carry('dp-1/route_links/rl-1', body)
  expect(status).toBe(200)
  expect(json).toMatchObject({
    datapath_id: 1,
    route_link_id: 1,
    interface_id: 1,
    ip_lease_id: 1,
    mac_address: 0x020010aa0001,
    route_link_uuid: 'rl-1',
  })
  expect((await carry('dp-1/route_links/rl-1', body)).json.code).toBe('112')
  const taken = await carry('dp-2/route_links/rl-1', { ...body, interface_uuid: 'if-h2' })
  expect(taken.json.code).toBe('115')
  expect((await api.call('GET', '/datapaths/dp-1/route_links')).json.items).toMatchObject([{ uuid: 'rl-1' }])
  expect((await api.call('DELETE', '/datapaths/dp-1/route_links/rl-1')).json).toEqual(['rl-1'])
  expect((await api.call('DELETE', '/datapaths/dp-1/route_links/rl-1')).json.code).toBe('114')
})

test('only a host interface carries networks, and those of one datapath', async () => {
  await twoHypervisors()
  await api.call('POST', '/interfaces', { uuid: 'if-v', mode: 'vif', port_name: 'v' })
  for (const [interface_uuid, status] of [
    ['if-v', 400],
    ['if-none', 404],
  ] as const)
    expect((await carry('dp-1/networks/nw-v', { interface_uuid })).status).toBe(status)
  // A second port does not make one host interface the end of tunnels of two hypervisors.
  await api.call('POST', '/interfaces/if-h1/ports', { datapath_uuid: 'dp-2', port_name: 'eth1' })
  expect((await carry('dp-1/networks/nw-v', { interface_uuid: 'if-h1' })).status).toBe(200)
  expect((await carry('dp-2/networks/nw-v', { interface_uuid: 'if-h1' })).json.message).toContain('dp-1')
})

test('a host interface that carries networks of a datapath stays there', async () => {
  await twoHypervisors()
  const ports = (method: string, body: object) => api.call(method, '/interfaces/if-h1/ports', body)
  const refused = async (answer: Promise<TestAnswer>) => {
    const { status, json } = await answer
    expect([status, json.code]).toEqual([400, '113'])
    expect(json.message).toContain('if-h1 carries networks of dp-1')
  }
  const move = () => api.call('PUT', '/interfaces/if-h1', { owner_datapath_uuid: 'dp-2' })
  const elsewhere = { datapath_uuid: 'dp-2', port_name: 'eth1' }
  await carry('dp-1/networks/nw-v', { interface_uuid: 'if-h1' })
  await refused(move())
  await refused(ports('DELETE', { port_name: 'eth0' }))
  await refused(ports('POST', { ...elsewhere, singular: true }))
  await refused(ports('POST', { port_name: 'eth1', singular: true }))
  expect((await ports('DELETE', { port_name: 'eth7' })).json).toEqual([])
  expect((await ports('POST', elsewhere)).status).toBe(200)
  expect((await ports('DELETE', elsewhere)).status).toBe(200)
  await api.call('DELETE', '/datapaths/dp-1/networks/nw-v')
  expect((await ports('DELETE', { port_name: 'eth0' })).status).toBe(200)
  expect((await move()).status).toBe(200)
})

test('what a host interface carries is in force where it is plugged in, whatever was said first', async () => {
  await twoHypervisors()
  await carry('dp-2/networks/nw-v', { interface_uuid: 'if-h2' })
  expect((await api.call('DELETE', '/datapaths/dp-1')).status).toBe(200)
  await datapath('dp-3', '0x3')
  const plugIn = (interface_id: number, datapath_id: number) =>
    api.write((draft) => {
      const { id } = draft.activeInterfaces.many('interface', interface_id)[0] ?? { id: 0 }
      if (id > 0) draft.activeInterfaces.delete(id)
      draft.activeInterfaces.insert({
        ...{ interface_id, datapath_id, port_name: 'eth0', port_number: 1, singular: true },
      })
    })
  const [first, second, third] = [1, 2, 3].map((n) => api.view.interfaces.one('uuid', `if-h${n}`)?.id ?? 0)
  expect(third).toBe(0)
  await plugIn(second!, 2)
  expect((await carry('dp-3/networks/nw-v', { interface_uuid: 'if-h1' })).status).toBe(200)
  await plugIn(first!, 3)
  expect(linkTo(api.view, 2, 3, 2)?.peerAddress).toBe(0xac10_0001)
  await datapath('dp-4', '0x4')
  await plugIn(first!, 4)
  expect(linkTo(api.view, 2, 3, 2)).toBeUndefined()
  // Its port may come, go elsewhere and come, as long as it is not where it carries something.
  const port = { datapath_uuid: 'dp-4', port_name: 'eth0', singular: true }
  expect((await api.call('POST', '/interfaces/if-h1/ports', port)).status).toBe(200)
  expect((await api.call('DELETE', '/interfaces/if-h1/ports', port)).status).toBe(200)
})

test('a MAC address is used once, whatever it is used for', async () => {
  await twoHypervisors()
  const taken = { interface_uuid: 'if-h1', mac_address: '02:01:00:00:00:01' }
  const first = await carry('dp-1/networks/nw-v', taken)
  expect([first.status, first.json.code]).toEqual([409, '115'])
  await carry('dp-1/networks/nw-v', { ...taken, mac_address: '02:00:00:00:00:77' })
  const lease = await api.call('POST', '/mac_leases', {
    interface_uuid: 'if-h1',
    mac_address: '02:00:00:00:00:77',
  })
  expect([lease.status, lease.json.code]).toEqual([409, '115'])
})

test('a hypervisor that gets another address keeps what it carries', async () => {
  await twoHypervisors()
  await carry('dp-1/networks/nw-v', { interface_uuid: 'if-h1' })
  const relation = () => api.view.datapathNetworks.one('pair', 1, 2)
  const old = api.view.ipLeases.get(relation()!.ip_lease_id!)!
  expect((await api.call('DELETE', `/ip_leases/${old.uuid}`)).status).toBe(200)
  expect(relation()).toMatchObject({ interface_id: 1, ip_lease_id: null })
  const again = await api.call('POST', '/ip_leases', {
    network_uuid: 'nw-p',
    ipv4_address: '172.16.0.99',
    interface_uuid: 'if-h1',
  })
  expect(again.status).toBe(200)
  expect(linkTo(api.view, 1, 2, 2)).toBeUndefined()
  await carry('dp-2/networks/nw-v', { interface_uuid: 'if-h2' })
  expect(linkTo(api.view, 1, 2, 2)?.localAddress).toBe(0xac10_0063)
})

test('deleting a datapath takes along what is on it', async () => {
  await twoHypervisors()
  await carry('dp-1/networks/nw-v', { interface_uuid: 'if-h1' })
  expect((await api.call('DELETE', '/datapaths/dp-1')).json).toEqual(['dp-1'])
  expect(api.view.datapathNetworks.size).toBe(0)
  expect((await api.call('GET', '/interfaces/if-h1/ports')).json.total_count).toBe(0)
  expect((await datapath('dp-1', '0x1')).status).toBe(200)
})

test('that a datapath was deleted is kept, with where its hypervisor is, until its id is registered again', async () => {
  await datapath('dp-a', '0x1')
  const { id } = (await api.call('GET', '/datapaths/dp-a')).json
  await api.write((draft) => {
    draft.activePorts.insert({
      ...{ datapath_id: id, port_name: 'eth0', port_number: 1, iface_id: null, uplink: true },
    })
  })
  await api.call('DELETE', '/datapaths/dp-a')
  const dpid = '0x0000000000000001'
  expect(api.view.deletedDatapaths.one('dpid', dpid)?.uplink_port_name).toBe('eth0')
  await datapath('dp-b', '0x1')
  expect(api.view.deletedDatapaths.size).toBe(0)
})
