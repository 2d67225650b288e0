/** Descriptions against a real host: what is exported is there already, what is applied is there afterwards. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { firstRequests, randomFrom, requestFrom } from '../../../functions/api/random-requests.ts'
import { world } from '../../../functions/api/sample-world.ts'
import type { Rows } from '../../../runtime/http/answers/rows.ts'
import { type HostProcess, startHostProcess } from '../../../tests/support/host-process.ts'
import { main } from '../main.ts'
import { kinds } from './kinds.ts'

/** Of what may come to be by requests that nobody planned. */
const randomRequests = 600

let host: HostProcess
let folder = ''
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vnctl-apply-'))
  host = await startHostProcess()
}, 30_000)
afterAll(async () => {
  await host?.remove()
  rmSync(folder, { recursive: true, force: true })
})

async function vnctl(words: readonly string[], on = host) {
  let out = ''
  let error = ''
  const streams = {
    out: (text: string) => void (out += text),
    error: (text: string) => void (error += `${text}\n`),
  }
  const code = await main([...words, '--api', on.apiUrl], {}, false, streams)
  return { code, out, error }
}

/** Objects by uuid: their numbers, and so their order, are those in which they were made. */
const sorted = (description: Record<string, { uuid: string }[]>) =>
  Object.fromEntries(
    Object.entries(description).map(([name, objects]) => [
      name,
      Object.fromEntries(objects.map((object) => [object.uuid, object])),
    ]),
  )

const file = (text: string): string => {
  const path = join(folder, 'description.yml')
  writeFileSync(path, text)
  return path
}
const apply = (text: string, ...options: string[]) => vnctl(['apply', '-f', file(text), ...options])
const revision = async () => (await host.api<{ revision: number }>('GET', '/audit')).revision

async function exported(on = host): Promise<string> {
  const { code, out, error } = await vnctl(['export'], on)
  expect([code, error]).toEqual([0, ''])
  return out
}

test('of everything there can be, what is exported is there already; and it can be made from nothing', async () => {
  const items = world.map(([path, body]) => ({ method: 'POST', path, body }))
  await host.api('POST', '/batch', items)
  const text = await exported()
  const before = await revision()
  expect(await apply(text, '--yes')).toEqual({ code: 0, out: 'Nothing to change.\n', error: '' })
  expect(await apply(text, '--yes', '--prune')).toEqual({ code: 0, out: 'Nothing to change.\n', error: '' })
  expect(await revision()).toBe(before)
}, 60_000)

const objectsOf = async (on: HostProcess) => sorted(parse(await exported(on)))
const everyKind = JSON.stringify(Object.fromEntries(kinds.map(({ name }) => [name, []])))

/** What is exported of one host is made on another, which is empty, and taken away again. */
async function movesFrom(source: HostProcess, empty: HostProcess): Promise<void> {
  const text = await exported(source)
  const made = await vnctl(['apply', '-f', file(text), '--yes'], empty)
  expect([made.error, made.out]).toEqual(['', expect.stringMatching(/Done\.\n$/)])
  expect(await objectsOf(empty)).toEqual(await objectsOf(source))
  const again = await vnctl(['apply', '-f', file(text), '--yes', '--prune'], empty)
  expect(again).toEqual({ code: 0, out: 'Nothing to change.\n', error: '' })
  const pruned = await vnctl(['apply', '-f', file(everyKind), '--prune', '-y'], empty)
  expect([pruned.error, parse(await exported(empty))]).toEqual(['', {}])
}

const flags: readonly (readonly [path: string, body: object])[] = [
  ['/interfaces/if-b/networks/nw-b', { static: true }],
  ['/interfaces/if-b/segments/seg-b', { static: true }],
  ['/interfaces/if-s/route_links/rl-a', { static: true }],
]

test('what is exported can be made from nothing, with relations, policies and topologies', async () => {
  const [source, empty] = await Promise.all([startHostProcess(), startHostProcess()])
  try {
    const posted = world.map(([path, body]) => ({ method: 'POST', path, body }))
    await source.api('POST', '/batch', [
      ...posted,
      ...flags.map(([path, body]) => ({ method: 'PUT', path, body })),
    ])
    const told = parse(await exported(source))
    const named = (kind: string, uuid: string) =>
      told[kind].find((one: { uuid: string }) => one.uuid === uuid)
    expect(named('interfaces', 'if-b')).toMatchObject({ networks: ['nw-b'], segments: ['seg-b'] })
    expect(named('interfaces', 'if-s')).toMatchObject({ route_links: ['rl-a'] })
    expect(named('lease_policies', 'lp-a').interfaces).toEqual([
      { interface_uuid: 'if-p', label: 'a', allocate: false },
    ])
    expect(named('ip_lease_containers', 'ilc-a').ip_leases).toContain('il-p')
    expect(named('ip_retention_containers', 'irc-a').ip_retentions).toContain('il-p')
    await movesFrom(source, empty)
    const random = randomFrom(7)
    for (const { method, target, headers, body } of firstRequests.concat(
      Array.from({ length: randomRequests }, () => requestFrom(random)),
    ))
      await fetch(`${source.apiUrl}${target}`, {
        ...{ method, headers },
        ...(method === 'GET' ? {} : { body }),
      }).catch(() => undefined)
    await movesFrom(source, empty)
  } finally {
    await Promise.all([source.remove(), empty.remove()])
  }
}, 60_000)

test('of what a file names nothing but that is taken away', async () => {
  const nothing = 'networks: []\n---\n{ip_range_groups: []}'
  const tried = await apply(nothing, '--prune', '--dry-run')
  expect(tried.out).toContain('- networks nw-a\n')
  expect(tried.out).not.toContain('- interfaces')
})

const description = (more = '', address = '10.20.0.11') => `
networks:
  - {uuid: nw-z, mode: virtual, ipv4_network: 10.20.0.0/24, display_name: first}
interfaces:
  - uuid: if-z1
    mode: vif
    port_name: t1
    network_uuid: nw-z
    mac_address: 52:54:00:00:20:01
    ipv4_address: ${address}
  - {uuid: if-hz1, mode: host, owner_datapath_uuid: dp-z1, port_name: eth1, network_uuid: nw-p, mac_address: 02:01:00:00:20:01, ipv4_address: 172.16.0.21}
  - {uuid: if-hz2, mode: host, owner_datapath_uuid: dp-z1, port_name: eth2, network_uuid: nw-q, mac_address: 02:01:00:00:20:02, ipv4_address: 172.16.0.22}
---
route_links: [{uuid: rl-z2}]
datapaths:
  - uuid: dp-z1
    dpid: 0x21
    display_name: t1
    node_id: t1
${more}`

test('what is described is made, changed, and the second time left alone', async () => {
  const first = await apply(description(), '--yes')
  expect(first.out).toContain('+ networks nw-z  mode=virtual ipv4_network=10.20.0.0/24 display_name=first\n')
  expect(first.out).toContain('6 to create, 0 to change, 0 to delete\n')
  expect((await apply(description(), '--yes')).out).toBe('Nothing to change.\n')
  const renamed = description().replace('first', 'second')
  const tried = await apply(renamed, '--dry-run')
  expect(tried.out).toContain('~ networks nw-z  display_name: first → second\n')
  expect(await host.api('GET', '/networks/nw-z')).toMatchObject({ display_name: 'first' })
  expect((await apply(renamed, '--yes')).code).toBe(0)
  expect(await host.api('GET', '/networks/nw-z')).toMatchObject({ display_name: 'second' })
  // An interface's address and port are things of their own in the API, and told with it here.
  const moved = renamed.replace('.0.11', '.0.12').replace('port_name: t1', 'port_name: t9')
  expect((await apply(moved, '--yes')).error).toBe('')
  expect(await host.api('GET', '/interfaces/if-z1')).toMatchObject({
    ipv4_address: '10.20.0.12',
    port_name: 't9',
  })
  expect((await apply(moved, '--yes')).out).toBe('Nothing to change.\n')
})

test('relations are made, changed and, with --prune, taken away', async () => {
  const uplink = `
    networks: [{network_uuid: nw-z, interface_uuid: if-hz1}]
    route_links: [{route_link_uuid: rl-z2, interface_uuid: if-hz1}]`
  expect((await apply(description(uplink), '--yes')).error).toBe('')
  const related = async () =>
    (await host.api<Rows>('GET', '/rows/datapath_networks?limit=1000')).items
      .map(({ fields }) => Object.fromEntries(fields.map(({ name, value }) => [name, value])))
      .filter(({ datapath_uuid }) => datapath_uuid === 'dp-z1')
  expect(await related()).toMatchObject([{ interface_uuid: 'if-hz1' }])
  const other = uplink.replace('if-hz1}]', 'if-hz2}]')
  const changed = await apply(description(other), '--yes')
  expect(changed.out).toContain('interface_uuid: if-hz1 → if-hz2')
  expect(await related()).toMatchObject([{ interface_uuid: 'if-hz2' }])
  const none = uplink.replace(/networks: .*/, 'networks: []')
  expect((await apply(description(none), '--yes')).out).toBe('Nothing to change.\n')
  // Of what the file does not name nothing is deleted: the world of the test before is still there.
  const few = `datapaths: [{uuid: dp-z1, dpid: 0x21, display_name: t1, node_id: t1, networks: []}]\n`
  const pruned = await apply(few, '--prune', '--dry-run')
  expect(pruned.out).toContain('- datapaths dp-z1 networks nw-z\n')
  expect(pruned.out).toContain('- datapaths dp-1\n')
  expect(pruned.out).not.toContain('- interfaces')
})

test('all of it is done, or nothing', async () => {
  const before = await revision()
  const wrong = await apply(
    'networks: [{uuid: nw-u, ipv4_network: 10.30.0.0}]\nroutes: [{uuid: r-u, interface_uuid: if-u, network_uuid: nw-u, route_link_uuid: rl-z2}]',
    '--yes',
  )
  expect([wrong.code, wrong.error]).toEqual([1, expect.stringContaining('routes r-u: ')])
  expect(wrong.error).toContain('there is no interface if-u')
  expect(await revision()).toBe(before)
  const fixed = await apply('networks: [{uuid: nw-z, ipv4_network: 10.21.0.0}]', '--yes')
  expect([fixed.code, fixed.error]).toEqual([
    1,
    expect.stringContaining('networks nw-z: ipv4_network is 10.20.0.0 and cannot become 10.21.0.0'),
  ])
})

test.each([
  ['nets: []', 'there is no resource nets'],
  ['networks: {}', 'networks: expected a list'],
  ['networks: [{ipv4_network: 10.0.0.0}]', 'networks[0]: uuid is missing'],
  ['networks: [{uuid: nw-a, ipv4_netwrk: 10.0.0.0}]', 'did you mean ipv4_network?'],
  ['networks: [{uuid: nw-a, ipv4_network: 10.0.0}]', 'networks nw-a.ipv4_network: must be an IPv4 address'],
  ['networks: [{uuid: nw-a, ipv4_prefix: [24, {}]}]', 'networks nw-a.ipv4_prefix: expected one value'],
  [
    'datapaths: [{uuid: dp-a, networks: [{interface_uuid: if-a}]}]',
    'datapaths dp-a.networks[0]: network_uuid is missing',
  ],
  ['networks: [{uuid: nw-a}, {uuid: nw-a}]', 'networks nw-a is described twice'],
  ['networks: [{uuid: nw-a', 'description.yml: '],
  ['- 1', 'expected resources with lists of objects'],
])('%s is refused before anything is sent', async (text, message) => {
  const { code, error } = await apply(text, '--yes')
  expect([code, error]).toEqual([2, expect.stringContaining(message)])
})

test('nothing is done unasked, and options of other commands are refused', async () => {
  const unasked = await apply('networks: [{uuid: nw-v, ipv4_network: 10.30.0.0}]')
  expect([unasked.code, unasked.error]).toEqual([2, expect.stringContaining('--yes')])
  expect((await host.request('GET', '/networks/nw-v')).status).toBe(404)
  expect((await vnctl(['apply'])).error).toContain('usage: vnctl apply -f FILE')
  expect((await vnctl(['apply', '-f', '/nonexistent'])).error).toContain('cannot be read')
  expect((await vnctl(['export', 'network'])).error).toContain('did you mean networks?')
  expect((await vnctl(['export', '--prune'])).error).toContain('has no option --prune')
})
