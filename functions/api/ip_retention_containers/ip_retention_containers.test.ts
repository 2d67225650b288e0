import { afterEach, beforeEach, expect, test } from 'bun:test'
import { releaseTimeOf } from '../../state/retention.ts'
import { openTestApi, type TestApi } from '../testing.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
  await api.call('POST', '/ip_retention_containers', { uuid: 'irc-a', lease_time: 90, grace_time: 60 })
  await api.call('POST', '/networks', { uuid: 'nw-a', ipv4_network: '10.0.0.0' })
  await api.call('POST', '/ip_range_groups', { uuid: 'iprg-a' })
  await api.call('POST', '/ip_range_groups/iprg-a/ip_ranges', {
    begin_ipv4_address: '10.0.0.1',
    end_ipv4_address: '10.0.0.9',
  })
  await api.call('POST', '/lease_policies', { uuid: 'lp-a' })
  await api.call('POST', '/lease_policies/lp-a/networks/nw-a', { ip_range_group_uuid: 'iprg-a' })
  await api.call('POST', '/lease_policies/lp-a/ip_retention_containers/irc-a')
  await api.call('POST', '/interfaces', { uuid: 'if-a', mode: 'vif', mac_address: '02:00:00:00:00:01' })
})
afterEach(() => api.dispose())

const retentions = async () =>
  (await api.call('GET', '/ip_retention_containers/irc-a/ip_retentions')).json.items

test('its times are set, changed and left alone', async () => {
  expect((await api.call('GET', '/ip_retention_containers/irc-a')).json).toMatchObject({
    uuid: 'irc-a',
    lease_time: 90,
    grace_time: 60,
  })
  const changed = await api.call('PUT', '/ip_retention_containers/irc-a', { grace_time: 0 })
  expect(changed.json).toMatchObject({ lease_time: 90, grace_time: 0 })
  const { json } = await api.call('POST', '/ip_retention_containers')
  expect(json).toMatchObject({ lease_time: null, grace_time: null })
  for (const wrong of [{ lease_time: 0 }, { grace_time: -1 }, { lease_time: 2 ** 31 }, { grace_time: 'x' }]) {
    const answer = await api.call('PUT', '/ip_retention_containers/irc-a', wrong)
    expect([answer.status, answer.json.code]).toEqual([400, '110'])
  }
})

test('a lease of the policy is retained from when it is given; attaching counts anew', async () => {
  await api.call('POST', '/lease_policies/lp-a/ip_leases', { ip_lease_uuid: 'il-a' })
  const utc = expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/)
  expect(await retentions()).toMatchObject([
    { ip_lease_id: 1, ip_retention_container_id: 1, leased_at: utc, released_at: null },
  ])
  await api.call('PUT', '/ip_leases/il-a/attach', { interface_uuid: 'if-a' })
  await api.call('PUT', '/ip_leases/il-a/release')
  expect(await retentions()).toMatchObject([{ released_at: utc }])
  expect(api.view.ipRetentions.get(1)?.released_mac_lease_id).toBe(1)
  await api.call('PUT', '/ip_leases/il-a/attach', { interface_uuid: 'if-a' })
  expect(await retentions()).toMatchObject([{ released_at: null }])
  expect(api.view.ipRetentions.get(1)?.released_mac_lease_id).toBeNull()
})

test('any lease may be retained, from when that is said', async () => {
  await api.call('POST', '/ip_leases', { uuid: 'il-b', network_uuid: 'nw-a', ipv4_address: '10.0.0.7' })
  const before = Date.now()
  const path = '/ip_retention_containers/irc-a/ip_retentions/il-b'
  expect((await api.call('POST', path)).json).toMatchObject({ ip_lease_uuid: 'il-b', released_at: null })
  expect(releaseTimeOf(api.view, api.view.ipRetentions.get(1)!)).toBeWithin(
    before + 90_000,
    Date.now() + 90_001,
  )
  expect((await api.call('DELETE', path)).json).toEqual(['il-b'])
  expect([await retentions(), api.view.ipLeases.size]).toEqual([[], 1])
})

test('who had a lease may be deleted; the address stays reserved', async () => {
  await api.call('POST', '/lease_policies/lp-a/interfaces/if-a')
  const { uuid } = (await api.call('GET', '/ip_leases')).json.items[0]
  await api.call('PUT', `/ip_leases/${uuid}/release`)
  await api.call('DELETE', '/interfaces/if-a')
  expect(api.view.ipRetentions.get(1)).toMatchObject({
    released_at: expect.any(Number),
    released_mac_lease_id: null,
  })
  expect((await api.call('GET', `/ip_leases/${uuid}`)).json.ipv4_address).toBe('10.0.0.1')
  await api.call('DELETE', `/ip_leases/${uuid}`)
  expect(await retentions()).toEqual([])
})

test('a container that goes retains nothing any more', async () => {
  await api.call('POST', '/lease_policies/lp-a/interfaces/if-a')
  expect((await api.call('DELETE', '/ip_retention_containers/irc-a')).json).toEqual(['irc-a'])
  expect([api.view.ipRetentions.size, api.view.leasePolicyIpRetentionContainers.size]).toEqual([0, 0])
  expect(api.view.ipLeases.size).toBe(1)
})
