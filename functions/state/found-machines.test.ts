/** Machines that nobody has described, by what the API says of the lease policy that gives them addresses. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import type { Draft } from '../../runtime/openvnet.ts'
import { openTestApi, type TestApi } from '../api/testing.ts'
import { findMachine, mayBeFound } from './found-machines.ts'
import { grant } from './grant.ts'
import { deleteLease, releaseLease } from './retention.ts'

const mac = 0x06_0000_0000_01
let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
  for (const [path, body] of [
    ['/networks', { uuid: 'nw-a', ipv4_network: '10.0.0.0' }],
    ['/networks', { uuid: 'nw-b', ipv4_network: '10.0.1.0' }],
    ['/ip_range_groups', { uuid: 'iprg-a' }],
    ['/ip_range_groups/iprg-a/ip_ranges', { begin_ipv4_address: '10.0.0.1', end_ipv4_address: '10.0.0.9' }],
    ['/ip_retention_containers', { uuid: 'irc-a', lease_time: 60, grace_time: 60 }],
    ['/lease_policies', { uuid: 'lp-a', timing: 'dhcp' }],
    ['/lease_policies/lp-a/networks/nw-a', { ip_range_group_uuid: 'iprg-a' }],
    ['/lease_policies/lp-a/ip_retention_containers/irc-a', {}],
    ['/interfaces', { uuid: 'if-trunk', mode: 'edge', port_name: 'trunk' }],
    ['/interfaces', { uuid: 'if-vm', mode: 'vif', port_name: 'vm', mac_address: '02:00:00:00:00:01' }],
    ['/lease_policies/lp-a/interfaces/if-trunk', {}],
    ['/lease_policies/lp-a/interfaces/if-vm', {}],
  ] as const)
    expect({ path, status: (await api.call('POST', path, body)).status }).toEqual({ path, status: 200 })
})
afterEach(() => api.dispose())

const idOf = (uuid: string) => api.view.interfaces.one('uuid', uuid)!.id
const networkId = (uuid: string) => api.view.networks.one('uuid', uuid)!.id
const shown = async () =>
  (await api.call('GET', '/interfaces')).json.items
    .filter(({ lease_policy_uuid }: { lease_policy_uuid: string | null }) => lease_policy_uuid === 'lp-a')
    .map(({ mode, ipv4_address }: Record<string, unknown>) => [mode, ipv4_address ?? null])

/** Gives the machine an address, as its DISCOVER does. */
function give(draft: Draft) {
  const means = { state: draft, now: 0, random: () => 0 }
  const waiting = findMachine(draft, idOf('if-trunk'), networkId('nw-a'), mac, (prefix) => `${prefix}-found`)!
  return grant(means, { ...waiting, to: waiting.macLease })!
}
const lease = () => [...api.view.ipLeases.all()][0]!

test('one becomes an interface of the policy; with its last lease it goes, not before', async () => {
  await api.write((draft) => void give(draft))
  expect(await shown()).toEqual([['vif', '10.0.0.1']])
  await api.write((draft) => void releaseLease(draft, draft.ipLeases.get(lease().id)!, 0))
  expect(await shown()).toEqual([['vif', null]])
  await api.write((draft) => void deleteLease(draft, draft.ipLeases.get(lease().id)!))
  expect(await shown()).toEqual([])
  expect(api.view.macLeases.one('macAddress', mac)).toBeUndefined()
})

test('where the policy says so only: of its network, behind its interfaces, with an address of nobody else', () => {
  const trunk = idOf('if-trunk')
  expect(mayBeFound(api.view, trunk, networkId('nw-a'), mac)).toBe(true)
  expect(mayBeFound(api.view, trunk, networkId('nw-b'), mac)).toBe(false)
  expect(mayBeFound(api.view, idOf('if-vm'), networkId('nw-a'), mac)).toBe(false)
  expect(mayBeFound(api.view, trunk, networkId('nw-a'), 0x02_0000_0000_01)).toBe(false)
})

test('a policy that gives addresses at once has none for machines behind an interface', async () => {
  await api.call('POST', '/lease_policies', { uuid: 'lp-b', timing: 'immediate' })
  await api.call('POST', '/lease_policies/lp-b/networks/nw-a', { ip_range_group_uuid: 'iprg-a' })
  const { status, json } = await api.call('POST', '/lease_policies/lp-b/interfaces/if-trunk')
  expect([status, json.code]).toEqual([400, '110'])
  expect(json.message).toContain('the timing of lp-b must be dhcp')
})
