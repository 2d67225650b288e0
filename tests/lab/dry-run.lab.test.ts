/** A batch that is only tried: what it says is what comes, and trying changes nothing. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { resolve } from 'node:path'
import type { Plan } from '../../runtime/http/answers/plan.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { runCommand } from '../support/open-vswitch.ts'
import { reaches } from '../support/reach.ts'

let network: Network
beforeAll(async () => {
  network = await startNetwork()
  await network.check()
})
afterAll(() => network?.stop())

const post = (path: string, body: object) => ({ method: 'POST', path, body })
const batch = (items: unknown) => network.host.api('POST', '/batch?wait=applied', items)
const plan = (items: unknown) => network.host.api<Plan>('POST', '/batch?dry_run=true', items)
const flowsIn = async (node: string) =>
  (await network.lab.hypervisor(node).openVswitch.ofctl('dump-flows', 'br0'))
    .split('\n')
    .filter((line) => line.includes('cookie=') && !line.includes('table=254'))
    .map((line) => line.replace(/duration=\S+|n_packets=\S+|n_bytes=\S+|idle_age=\S+|hard_age=\S+/g, ''))
    .sort()
const nodes = ['node1', 'node2', 'node3']

/** Tries, then does; the switches must gain and lose as many flows as was said. */
async function foreseen(items: unknown): Promise<Plan> {
  const planned = await plan(items)
  const before = await Promise.all(nodes.map(flowsIn))
  const { revision } = await network.host.api<{ revision: number }>('GET', '/audit')
  expect(planned.revision).toBe(revision)
  await batch(items)
  await network.check()
  const after = await Promise.all(nodes.map(flowsIn))
  for (const [at, node] of nodes.entries()) {
    const [had, has] = [new Set(before[at]), new Set(after[at])]
    const said = planned.datapaths.find(({ uuid }) => uuid === `dp-${node}`)
    const flows = (list: readonly string[]) =>
      list.filter((text) => !/^(meter|tunnel port|group|uplink) /.test(text))
    expect({
      node,
      added: flows(said?.added ?? []).length,
      removed: flows(said?.removed ?? []).length,
    }).toEqual({
      node,
      added: after[at]!.filter((flow) => !had.has(flow)).length,
      removed: before[at]!.filter((flow) => !has.has(flow)).length,
    })
  }
  return planned
}

test('a machine more: its rows, and its flows on every datapath, in names; and nothing has happened', async () => {
  const items = [
    post('/interfaces', {
      ...{ uuid: 'if-more', mode: 'simulated', network_uuid: 'nw-red' },
      ...{ mac_address: '52:54:00:00:09:01', ipv4_address: '10.0.0.99' },
    }),
  ]
  const before = await Promise.all(nodes.map(flowsIn))
  const tried = await plan(items)
  expect(await Promise.all(nodes.map(flowsIn))).toEqual(before)
  expect((await network.host.request('GET', '/interfaces/if-more')).status).toBe(404)
  const lease = tried.rows.find(({ resource }) => resource === 'ip_leases')
  expect(lease).toMatchObject({ change: 'created' })
  expect(lease!.fields).toContainEqual({ name: 'ipv4_address', before: null, after: '10.0.0.99' })
  expect(lease!.fields).toContainEqual({ name: 'interface_uuid', before: null, after: 'if-more' })
  expect(tried.datapaths.map(({ uuid }) => uuid)).toEqual(['dp-node1', 'dp-node2', 'dp-node3'])
  const { added, removed } = tried.datapaths[0]!
  expect(added.some((flow) => /^arp \d+ network=nw-red .*arp_tpa=10\.0\.0\.99/.test(flow))).toBe(true)
  expect(removed).toEqual([])
  expect((await foreseen(items)).rows.map(({ resource }) => resource)).toEqual(
    tried.rows.map(({ resource }) => resource),
  )
}, 60_000)

test('what is changed and what is deleted, with all that belongs to it', async () => {
  const renamed = await foreseen([
    { method: 'PUT', path: '/interfaces/if-red2', body: { display_name: 'x' } },
  ])
  expect(renamed.rows).toContainEqual({
    ...{ change: 'changed', resource: 'interfaces', uuid: 'if-red2' },
    fields: [{ name: 'display_name', before: null, after: 'x' }],
  })
  expect(renamed.datapaths).toEqual([])
  const deleted = await foreseen([{ method: 'DELETE', path: '/interfaces/if-blue2' }])
  expect(deleted.rows.map(({ change, resource }) => [change, resource])).toContainEqual([
    'deleted',
    'ip_leases',
  ])
  expect(deleted.datapaths.every(({ complete }) => complete)).toBe(true)
  // What comes when the new tunnel port is there comes later, and is not part of it.
  const encapsulation = await plan([
    { method: 'PUT', path: '/networks/nw-red', body: { encapsulation: 'vxlan' } },
  ])
  expect(
    encapsulation.datapaths.some(({ added }) => added.some((text) => text.startsWith('tunnel port'))),
  ).toBe(true)
  const red1 = network.lab.machine('red1')
  await red1.dhcp()
  await reaches(red1, '10.0.0.2')
}, 60_000)

test('a whole tenant at once, and a datapath that nobody serves', async () => {
  const { rows, datapaths } = await foreseen([
    post('/networks', { uuid: 'nw-green', mode: 'virtual', ipv4_network: '10.0.0.0', ipv4_prefix: 24 }),
    ...nodes.map((node) => post(`/datapaths/dp-${node}/networks/nw-green`, { interface_uuid: `if-${node}` })),
    ...nodes.map((_, n) =>
      post('/interfaces', {
        ...{ uuid: `if-green${n}`, mode: 'simulated', network_uuid: 'nw-green' },
        ...{ mac_address: `52:54:00:00:0a:0${n}`, ipv4_address: `10.0.0.10${n}` },
      }),
    ),
    post('/datapaths', { uuid: 'dp-new', display_name: 'new', dpid: '0x99', node_id: 'node9' }),
  ])
  expect(rows.filter(({ resource }) => resource === 'datapath_networks')).toHaveLength(3)
  expect(datapaths.find(({ uuid }) => uuid === 'dp-new')?.added_count).toBeGreaterThan(0)
}, 60_000)

test('what would be refused is refused, and what cannot be tried is not done', async () => {
  const { host } = network
  const twice = post('/networks', { uuid: 'nw-red', ipv4_network: '10.0.0.0' })
  expect(await host.request('POST', '/batch?dry_run=true', [twice])).toMatchObject({
    status: 400,
    answer: { index: 0 },
  })
  expect(await plan([])).toMatchObject({ rows: [], datapaths: [] })
  expect(
    await host.request('POST', '/networks?dry_run=true', { uuid: 'nw-x', ipv4_network: '10.7.0.0' }),
  ).toMatchObject({
    status: 400,
    answer: { message: expect.stringContaining('only a batch') },
  })
  expect((await host.request('GET', '/networks/nw-x')).status).toBe(404)
  expect((await host.request('POST', '/batch?dry_run=perhaps', [])).status).toBe(400)
  await network.check()
}, 30_000)

test('vnctl del --dry-run shows what would go along, and nothing goes', async () => {
  const vnctl = (...words: string[]) =>
    runCommand([resolve(import.meta.dir, '../../bin/vnctl'), ...words, '--api', network.host.apiUrl])
  const told = await vnctl('interfaces', 'del', 'if-red1', '--dry-run')
  const lines = told.trim().split('\n')
  expect(lines).toContain('- interfaces if-red1')
  expect(lines.filter((line) => line.startsWith('- ip_leases il-'))).toHaveLength(1)
  const gone = lines.filter((line) => line.startsWith('- ')).length
  expect(lines).toContain(`${gone} to delete, 0 to change`)
  expect(told).toMatch(/^ {2}dp-node1: \d+ flows more, [1-9]\d* less$/m)
  expect((await network.host.api<{ uuid: string }>('GET', '/interfaces/if-red1')).uuid).toBe('if-red1')
  await reaches(network.lab.machine('red1'), '10.0.0.2')
  await expect(
    runCommand([resolve(import.meta.dir, '../../bin/vnctl'), 'batch', '--dry-run']),
  ).rejects.toThrow('--dry-run')
})
