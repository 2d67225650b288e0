import { afterEach, beforeEach, expect, test } from 'bun:test'
import { openTestApi, type TestApi } from '../testing.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
  await api.call('POST', '/networks', { uuid: 'nw-a', ipv4_network: '10.0.0.0', ipv4_prefix: 29 })
  await api.call('POST', '/ip_range_groups', { uuid: 'iprg-a' })
  await addRange('10.0.0.0', '10.0.0.255')
  await api.call('POST', '/lease_policies', { uuid: 'lp-a' })
  await api.call('POST', '/lease_policies/lp-a/networks/nw-a', { ip_range_group_uuid: 'iprg-a' })
})
afterEach(() => api.dispose())

const addRange = (begin: string, end: string) =>
  api.call('POST', '/ip_range_groups/iprg-a/ip_ranges', {
    begin_ipv4_address: begin,
    end_ipv4_address: end,
  })
const outcome = ({ status, json }: Awaited<ReturnType<TestApi['call']>>) => [status, json.code, json.message]
let macs = 0
const addInterface = (uuid: string, body: object = {}) =>
  api.call('POST', '/interfaces', {
    uuid,
    mode: 'vif',
    mac_address: `02:00:00:00:01:${(16 + (macs++ % 200)).toString(16)}`,
    ...body,
  })
const give = (uuid: string, body: object = {}) =>
  api.call('POST', `/lease_policies/lp-a/interfaces/${uuid}`, body)
const free = (body: object = {}) => api.call('POST', '/lease_policies/lp-a/ip_leases', body)
const addressOf = async (uuid: string) => (await api.call('GET', `/interfaces/${uuid}`)).json.ipv4_address

test('an interface gets its address at once, on its first MAC', async () => {
  await addInterface('if-a')
  await addInterface('if-b')
  expect((await give('if-a')).json).toEqual({ uuid: 'lp-a' })
  expect((await give('if-b')).status).toBe(200)
  expect([await addressOf('if-a'), await addressOf('if-b')]).toEqual(['10.0.0.1', '10.0.0.2'])
  expect((await api.call('GET', '/interfaces/if-a/networks')).json.total_count).toBe(1)
  const listed = await api.call('GET', '/lease_policies/lp-a/interfaces')
  expect(listed.json.items.map(({ uuid }: { uuid: string }) => uuid)).toEqual(['if-a', 'if-b'])
  expect(outcome(await give('if-a'))).toEqual([409, '112', 'lp-a <=> if-a'])
})

test('who has what it shall have is put into a policy without being given more', async () => {
  await addInterface('if-a')
  await api.call('POST', '/ip_leases', {
    ...{ uuid: 'il-a', interface_uuid: 'if-a', network_uuid: 'nw-a', ipv4_address: '10.0.0.5' },
  })
  expect((await give('if-a', { allocate: false })).status).toBe(200)
  expect([await addressOf('if-a'), api.view.ipLeases.size]).toEqual(['10.0.0.5', 1])
  await api.call('POST', '/ip_lease_containers', { uuid: 'ilc-a' })
  const path = '/ip_lease_containers/ilc-a/ip_leases'
  expect((await api.call('POST', `${path}/il-a`)).json).toMatchObject({ uuid: 'il-a' })
  expect((await api.call('GET', path)).json.items).toMatchObject([{ uuid: 'il-a' }])
  expect((await api.call('DELETE', `${path}/il-a`)).json).toEqual(['il-a'])
  expect([(await api.call('GET', path)).json.total_count, api.view.ipLeases.size]).toEqual([0, 1])
})

test('where the network has IPv6, the address that follows from its MAC comes with it, once', async () => {
  const ipv6Of = async (uuid: string) =>
    (await api.call('GET', `/interfaces/${uuid}`)).json.mac_leases[0].ip_leases.map(
      (lease: { ipv6_address?: string }) => lease.ipv6_address,
    )
  await api.call('PUT', '/networks/nw-a', { ipv6_network: '2001:db8::/64' })
  await addInterface('if-a', { mac_address: '52:54:00:00:00:01' })
  await give('if-a')
  expect(await ipv6Of('if-a')).toEqual(['2001:db8::5054:ff:fe00:1'])
  // Somebody has it already; of other prefixes machines make none; and who has no MAC address gets none.
  await addInterface('if-b', { mac_address: '52:54:00:00:00:02' })
  const taken = { network_uuid: 'nw-a', ipv6_address: '2001:db8::5054:ff:fe00:2' }
  expect((await api.call('POST', '/ip_leases', taken)).status).toBe(200)
  await give('if-b')
  expect(await ipv6Of('if-b')).toEqual([undefined])
  expect((await free()).json.ipv6_address).toBeUndefined()
  await api.call('POST', '/networks', {
    uuid: 'nw-c',
    ipv4_network: '10.0.0.0',
    ipv6_network: '2001:db8:c::/80',
  })
  await api.call('POST', '/lease_policies', { uuid: 'lp-c' })
  await api.call('POST', '/lease_policies/lp-c/networks/nw-c', { ip_range_group_uuid: 'iprg-a' })
  await addInterface('if-c', { mac_address: '52:54:00:00:00:03' })
  expect((await api.call('POST', '/lease_policies/lp-c/interfaces/if-c')).status).toBe(200)
  expect(await ipv6Of('if-c')).toEqual([undefined])
})

test('what keeps an interface from getting one is told, and nothing is written', async () => {
  await api.call('POST', '/interfaces', { uuid: 'if-n', mode: 'vif' })
  expect(outcome(await give('if-n'))).toEqual([
    400,
    '110',
    'interface_uuid: if-n has no MAC lease; add one first',
  ])
  await addInterface('if-a')
  await api.call('POST', '/lease_policies', { uuid: 'lp-b' })
  const none = await api.call('POST', '/lease_policies/lp-b/interfaces/if-a')
  expect(outcome(none)).toEqual([400, '110', 'uuid: lp-b has no network to give addresses of'])
  expect(outcome(await give('if-z'))).toEqual([404, '100', 'Interface#interface_uuid: if-z'])
  await api.call('POST', '/segments', { uuid: 'seg-a', mode: 'virtual' })
  await api.call('POST', '/segments', { uuid: 'seg-b', mode: 'virtual' })
  await api.call('POST', '/networks', { uuid: 'nw-s', ipv4_network: '10.0.0.0', segment_uuid: 'seg-a' })
  await api.call('POST', '/lease_policies/lp-b/networks/nw-s', { ip_range_group_uuid: 'iprg-a' })
  await addInterface('if-s', { segment_uuid: 'seg-b' })
  expect((await api.call('POST', '/lease_policies/lp-b/interfaces/if-s')).json.code).toBe('103')
  expect((await api.call('POST', '/lease_policies/lp-b/interfaces/if-a')).status).toBe(200)
  expect((await api.call('GET', '/interfaces/if-a/segments')).json.total_count).toBe(1)
  expect(api.view.leasePolicyInterfaces.size).toBe(1)
})

test('a policy gives what its network has for hosts and nobody has, and then tells that it is full', async () => {
  await api.call('POST', '/ip_leases', { network_uuid: 'nw-a', ipv4_address: '10.0.0.3' })
  const given = []
  for (let count = 0; count < 5; count++) given.push((await free()).json.ipv4_address)
  expect(given).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.4', '10.0.0.5', '10.0.0.6'])
  const full = 'uuid: lp-a has no free address: of the 6 that iprg-a has in nw-a none was found'
  expect(outcome(await free())).toEqual([409, '115', full])
  const { uuid } = (await api.call('GET', '/ip_leases')).json.items[0]
  await api.call('DELETE', `/ip_leases/${uuid}`)
  expect((await free()).json.ipv4_address).toBe('10.0.0.3')
})

test('a lease that nobody has yet may be named, and attached later', async () => {
  const lease = await free({ ip_lease_uuid: 'il-a' })
  expect(lease.json).toMatchObject({
    uuid: 'il-a',
    ipv4_address: '10.0.0.1',
    interface: null,
    mac_lease: null,
    network_uuid: 'nw-a',
  })
  expect(outcome(await free({ ip_lease_uuid: 'il-a' }))).toEqual([400, '102', 'il-a'])
  await addInterface('if-a')
  await api.call('PUT', '/ip_leases/il-a/attach', { interface_uuid: 'if-a' })
  expect(await addressOf('if-a')).toBe('10.0.0.1')
})

test('a range that is not in the network is none', async () => {
  await api.call('POST', '/networks', { uuid: 'nw-b', ipv4_network: '10.9.0.0' })
  await api.call('POST', '/lease_policies', { uuid: 'lp-b' })
  await api.call('POST', '/lease_policies/lp-b/networks/nw-b', { ip_range_group_uuid: 'iprg-a' })
  const answer = await api.call('POST', '/lease_policies/lp-b/ip_leases')
  expect(outcome(answer)).toEqual([400, '110', 'uuid: iprg-a of lp-b has no range within nw-b'])
})

test('each policy goes on from its own last address, in the order that its group has by then', async () => {
  await api.call('POST', '/networks', { uuid: 'nw-b', ipv4_network: '10.0.0.0', ipv4_prefix: 24 })
  await api.call('POST', '/lease_policies', { uuid: 'lp-b' })
  await api.call('POST', '/lease_policies/lp-b/networks/nw-b', { ip_range_group_uuid: 'iprg-a' })
  const other = async () =>
    (await api.call('POST', '/lease_policies/lp-b/ip_leases')).json.ipv4_address as string
  const first = await free({ ip_lease_uuid: 'il-a' })
  expect([first.json.ipv4_address, await other(), await other()]).toEqual([
    '10.0.0.1',
    '10.0.0.1',
    '10.0.0.2',
  ])
  await api.call('DELETE', '/ip_leases/il-a')
  expect((await free()).json.ipv4_address).toBe('10.0.0.2')
  await api.call('PUT', '/ip_range_groups/iprg-a', { allocation_type: 'decremental' })
  expect([await other(), await other()]).toEqual(['10.0.0.254', '10.0.0.253'])
  await api.call('PUT', '/ip_range_groups/iprg-a', { allocation_type: 'random' })
  const random = [await other(), await other()]
  expect(new Set(random).size).toBe(2)
})

test('networks are listed and taken off; one is there once', async () => {
  const again = await api.call('POST', '/lease_policies/lp-a/networks/nw-a', {
    ip_range_group_uuid: 'iprg-a',
  })
  expect(outcome(again)).toEqual([409, '112', 'lp-a <=> nw-a'])
  expect((await api.call('POST', '/lease_policies/lp-a/networks/nw-a')).json.code).toBe('111')
  const listed = await api.call('GET', '/lease_policies/lp-a/networks')
  expect(listed.json.items).toMatchObject([{ uuid: 'nw-a', ipv4_network: '10.0.0.0' }])
  const remove = () => api.call('DELETE', '/lease_policies/lp-a/networks/nw-a')
  expect((await remove()).json).toEqual({ uuid: 'lp-a' })
  expect(outcome(await remove())).toEqual([404, '100', 'Network#network_uuid: nw-a'])
})

test('leases go to the containers of their label, and to all where they have none', async () => {
  for (const [uuid, label] of [
    ['ilc-a', 'a'],
    ['ilc-b', 'b'],
    ['ilc-n', undefined],
  ]) {
    await api.call('POST', '/ip_lease_containers', { uuid })
    const added = await api.call('POST', `/lease_policies/lp-a/ip_lease_containers/${uuid}`, { label })
    expect(added.json).toMatchObject({ uuid, is_deleted: 0 })
  }
  await free({ label: 'a' })
  await free()
  await addInterface('if-b')
  await give('if-b', { label: 'b' })
  const inside = async (uuid: string) =>
    (await api.call('GET', `/ip_lease_containers/${uuid}/ip_leases`)).json.items.map(
      ({ ipv4_address }: { ipv4_address: string }) => ipv4_address,
    )
  expect(await inside('ilc-a')).toEqual(['10.0.0.1', '10.0.0.2'])
  expect(await inside('ilc-b')).toEqual(['10.0.0.2', '10.0.0.3'])
  expect(await inside('ilc-n')).toEqual(['10.0.0.2'])
  await api.call('DELETE', '/ip_lease_containers/ilc-a')
  expect(api.view.ipLeases.size).toBe(3)
})

test.each(['ip_lease_container', 'ip_retention_container'])('relations to an %s', async (kind) => {
  const uuid = kind === 'ip_lease_container' ? 'ilc-a' : 'irc-a'
  const model = kind === 'ip_lease_container' ? 'IpLeaseContainer' : 'IpRetentionContainer'
  const at = (method: string) => api.call(method, `/lease_policies/lp-a/${kind}s/${uuid}`)
  expect(outcome(await at('POST'))).toEqual([404, '100', `${model}#${kind}_uuid: ${uuid}`])
  await api.call('POST', `/${kind}s`, { uuid })
  expect((await at('POST')).json.uuid).toBe(uuid)
  expect(outcome(await at('POST'))).toEqual([400, '112', `lp-a <=> ${uuid}`])
  expect((await api.call('GET', `/lease_policies/lp-a/${kind}s`)).json.items).toMatchObject([{ uuid }])
  expect((await at('DELETE')).json.uuid).toBe(uuid)
  expect(outcome(await at('DELETE'))).toEqual([404, '100', `${model}#${kind}_uuid: ${uuid}`])
})

test('with the timing dhcp nothing is leased before it is asked for; the interface is in the network', async () => {
  expect((await api.call('PUT', '/lease_policies/lp-a', { timing: 'dhcp' })).json.timing).toBe('dhcp')
  await api.call('POST', '/interfaces', { uuid: 'if-n', mode: 'vif' })
  await addInterface('if-a')
  await addInterface('if-b', { network_uuid: 'nw-a', ipv4_address: '10.0.0.5' })
  for (const uuid of ['if-n', 'if-a', 'if-b']) expect((await give(uuid)).status).toBe(200)
  expect(api.view.ipLeases.size).toBe(1)
  const networks = async (uuid: string) =>
    (await api.call('GET', `/interfaces/${uuid}/networks`)).json.total_count
  expect([await networks('if-n'), await networks('if-a'), await networks('if-b')]).toEqual([0, 1, 1])
  await api.call('DELETE', '/lease_policies/lp-a/interfaces/if-a')
  expect(await networks('if-a')).toBe(0)
})

test('when the timing becomes immediate, who waits gets an address', async () => {
  await api.call('PUT', '/lease_policies/lp-a', { timing: 'dhcp' })
  await addInterface('if-a')
  await addInterface('if-b')
  await give('if-a')
  await give('if-b')
  expect((await api.call('PUT', '/lease_policies/lp-a', { timing: 'immediate' })).status).toBe(200)
  expect([await addressOf('if-a'), await addressOf('if-b')]).toEqual(['10.0.0.1', '10.0.0.2'])
  await api.call('DELETE', '/lease_policies/lp-a')
  expect([await addressOf('if-a'), api.view.leasePolicyCursors.size]).toEqual(['10.0.0.1', 0])
})

test('a network that goes takes its place in the policy along: who waited waits in the next one', async () => {
  await api.call('PUT', '/lease_policies/lp-a', { timing: 'dhcp' })
  await api.call('POST', '/networks', { uuid: 'nw-b', ipv4_network: '10.0.0.0' })
  await api.call('POST', '/lease_policies/lp-a/networks/nw-b', { ip_range_group_uuid: 'iprg-a' })
  await addInterface('if-a')
  await give('if-a')
  const member = async () =>
    (await api.call('GET', '/interfaces/if-a/networks')).json.items.map(
      ({ network_uuid }: { network_uuid: string }) => network_uuid,
    )
  expect(await member()).toEqual(['nw-a'])
  await api.call('DELETE', '/networks/nw-a')
  expect(await member()).toEqual(['nw-b'])
})
