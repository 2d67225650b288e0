import { afterEach, beforeEach, expect, test } from 'bun:test'
import { silent } from '../../../runtime/log.ts'
import { openTestApi, type TestApi } from '../../api/testing.ts'
import retention from './retention.ts'

let api: TestApi
/** When the leases of a test begin, in ms since 1970. */
let began: number
beforeEach(async () => {
  api = await openTestApi()
  await api.call('POST', '/networks', { uuid: 'nw-a', ipv4_network: '10.0.0.0' })
  await api.call('POST', '/ip_range_groups', { uuid: 'iprg-a' })
  await api.call('POST', '/ip_range_groups/iprg-a/ip_ranges', {
    begin_ipv4_address: '10.0.0.1',
    end_ipv4_address: '10.0.0.99',
  })
  await api.call('POST', '/lease_policies', { uuid: 'lp-a' })
  await api.call('POST', '/lease_policies/lp-a/networks/nw-a', { ip_range_group_uuid: 'iprg-a' })
  await api.call('POST', '/interfaces', { uuid: 'if-a', mode: 'vif', mac_address: '02:00:00:00:00:01' })
})
afterEach(() => api.dispose())

const retain = async (uuid: string, times: object) => {
  await api.call('POST', '/ip_retention_containers', { uuid, ...times })
  await api.call('POST', `/lease_policies/lp-a/ip_retention_containers/${uuid}`)
}
async function lease() {
  await api.call('POST', '/lease_policies/lp-a/interfaces/if-a')
  began = api.view.ipRetentions.get(1)?.leased_at ?? Date.now()
}

/** Runs the schedule so many seconds after the leases began. */
async function after(seconds: number) {
  let result: unknown
  await api.write((draft) => {
    const now = began + seconds * 1_000
    result = retention.handle({
      state: api.view,
      now,
      random: () => 0,
      remembered: () => undefined,
      log: silent,
      switches: { applied: new Map(), here: new Set(), silentMs: new Map(), undeletedMs: 0, unheardMs: 0 },
      draft: () => draft,
    })
  })
  return result
}
const interfaceIdOf = (id: number) => api.view.ipLeases.get(id)?.interface_id

test('a lease is released when its lease_time is over, and deleted when its grace_time is', async () => {
  await retain('irc-a', { lease_time: 90, grace_time: 60 })
  await lease()
  await after(89.9)
  expect(interfaceIdOf(1)).toBe(1)
  expect(await after(90)).toContainEqual({ type: 'metric', name: 'released', value: 1 })
  expect(interfaceIdOf(1)).toBeNull()
  expect((await api.call('GET', '/interfaces/if-a/networks')).json.total_count).toBe(0)
  expect(api.view.ipRetentions.get(1)).toMatchObject({
    released_at: began + 90_000,
    released_mac_lease_id: 1,
  })
  await after(149.9)
  expect(api.view.ipLeases.size).toBe(1)
  expect(await after(150)).toContainEqual({ type: 'metric', name: 'deleted', value: 1 })
  expect([api.view.ipLeases.size, api.view.ipRetentions.size]).toEqual([0, 0])
  expect(await after(1_000)).toBeUndefined()
})

test('without lease_time it is never released for its age, without grace_time never deleted', async () => {
  await retain('irc-a', { grace_time: 60 })
  await lease()
  await after(1e9)
  expect(interfaceIdOf(1)).toBe(1)
  await api.call('PUT', '/ip_retention_containers/irc-a', { lease_time: 90 })
  await after(90)
  expect(interfaceIdOf(1)).toBeNull()
  await api.call('POST', '/ip_retention_containers', { uuid: 'irc-n', lease_time: 1 })
  await after(149)
  expect(api.view.ipLeases.size).toBe(1)
})

test('a lease without retention stays', async () => {
  await lease()
  expect(await after(1e9)).toBeUndefined()
  expect(interfaceIdOf(1)).toBe(1)
})

test('of several retentions the first that ends counts', async () => {
  await retain('irc-a', { lease_time: 90, grace_time: 600 })
  await retain('irc-b', { lease_time: 30, grace_time: 700 })
  await lease()
  await after(30)
  expect(interfaceIdOf(1)).toBeNull()
  expect([...api.view.ipRetentions.all()].map((row) => row.released_at)).toEqual([
    began + 30_000,
    began + 30_000,
  ])
  await after(629)
  expect(api.view.ipLeases.size).toBe(1)
  await after(630)
  expect(api.view.ipLeases.size).toBe(0)
})

test('a lease that was released by hand is deleted after its grace time; attached again, it lasts anew', async () => {
  await retain('irc-a', { lease_time: 90, grace_time: 60 })
  await lease()
  const { uuid } = api.view.ipLeases.get(1)!
  await api.call('PUT', `/ip_leases/${uuid}/release`)
  const released = (api.view.ipRetentions.get(1)!.released_at! - began) / 1_000
  await after(released + 59)
  await api.call('PUT', `/ip_leases/${uuid}/attach`, { interface_uuid: 'if-a' })
  await after(released + 61)
  expect(interfaceIdOf(1)).toBe(1)
  await api.call('PUT', `/ip_leases/${uuid}/release`)
  await after(released + 200)
  expect(api.view.ipLeases.size).toBe(0)
})

test('a run does two hundred, the next ones the rest', async () => {
  await retain('irc-a', { lease_time: 1 })
  await api.write((draft) => {
    for (let number = 0; number < 300; number++) {
      const { id } = draft.ipLeases.insert({
        uuid: `il-${number}`,
        network_id: 1,
        ipv4_address: 0x0a00_0000 + number,
      })
      draft.ipRetentions.insert({ ip_lease_id: id, ip_retention_container_id: 1, leased_at: 0 })
    }
  })
  began = Date.now()
  expect(await after(1)).toContainEqual({ type: 'metric', name: 'released', value: 200 })
  expect(await after(2)).toContainEqual({ type: 'metric', name: 'released', value: 100 })
})
