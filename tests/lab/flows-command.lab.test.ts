/** `vnctl flows` against what Open vSwitch itself says: every flow, in names, with its packets; and what changes. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { resolve } from 'node:path'
import { main } from '../../cli/vnctl/main.ts'
import type { DatapathFlows } from '../../runtime/http/answers/flows.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { reaches } from '../support/reach.ts'

let network: Network
beforeAll(async () => {
  network = await startNetwork()
  await network.check()
  await Promise.all(network.lab.machines.map((one) => one.dhcp()))
})
afterAll(() => network?.stop())

const machine = (name: string) => network.lab.machine(name)
const flowsOf = (query = '') => network.host.api<DatapathFlows>('GET', `/datapaths/dp-node1/flows${query}`)
const dump = async () =>
  (await network.lab.hypervisor('node1').openVswitch.ofctl('dump-flows', 'br0'))
    .split('\n')
    .filter((line) => line.includes('cookie=') && !line.includes('table=254'))

async function vnctl(...words: string[]) {
  let out = ''
  let error = ''
  const streams = {
    out: (text: string) => void (out += text),
    error: (text: string) => void (error += `${text}\n`),
  }
  const code = await main([...words, '--api', network.host.apiUrl], {}, false, streams)
  return { code, out, error }
}

test('every flow of the switch is told, with its packets, and nothing is left as a number that has a name', async () => {
  await reaches(machine('red1'), '10.0.0.12')
  const { flows, total_count, complete } = await flowsOf()
  const lines = await dump()
  expect([total_count, flows.length, complete]).toEqual([lines.length, lines.length, true])
  const cookies = lines.map((line) => /cookie=(0x[0-9a-f]+)/.exec(line)![1]!).sort()
  expect(flows.map(({ cookie }) => cookie).sort()).toEqual(cookies)
  const delivery = flows.find(
    ({ table, match }) => table === 'destination' && match.includes(machine('red1').mac),
  )
  expect(delivery).toMatchObject({ feature: 'member', object: 'if-red1', priority: 100 })
  expect(delivery!.match).toContain('network=nw-red')
  expect(delivery!.actions).toContain('outInterface=if-red1')
  expect(delivery!.packets).toBeGreaterThan(0)
  expect(flows.filter(({ table, feature }) => /^\d+$/.test(table) || /^\d+$/.test(feature))).toEqual([])
  expect(flows.filter(({ match, actions }) => /reg\d|NXAST|OFPAT/.test(`${match} ${actions}`))).toEqual([])
}, 30_000)

test('tables, features and objects choose', async () => {
  const tables = await flowsOf('?table=destination')
  expect(new Set(tables.flows.map(({ table }) => table))).toEqual(new Set(['destination']))
  expect((await flowsOf('?table=64')).flows).toHaveLength(tables.flows.length)
  const red2 = await flowsOf('?object=if-red2')
  expect(red2.flows.length).toBeGreaterThan(0)
  expect(red2.flows.every(({ object }) => object === 'if-red2')).toBe(true)
  expect(
    (await flowsOf('?object=nw-blue')).flows.every(({ match, actions, object }) =>
      `${match} ${actions} ${object}`.includes('nw-blue'),
    ),
  ).toBe(true)
  const punts = await flowsOf('?feature=dhcp')
  expect(punts.flows.map(({ object }) => object).sort()).toEqual(['if-blue1', 'if-red1'])
  expect((await flowsOf('?feature=nothing')).flows).toEqual([])
  const { host } = network
  expect((await host.request('GET', '/datapaths/dp-node1/flows?table=nowhere')).status).toBe(400)
  expect((await host.request('GET', '/datapaths/dp-none/flows')).status).toBe(404)
  expect((await host.request('GET', '/datapaths/nw-red/flows')).status).toBe(400)
  await host.api('POST', '/datapaths', { uuid: 'dp-away', display_name: '', dpid: '0x77', node_id: 'away' })
  expect(await host.request('GET', '/datapaths/dp-away/flows')).toMatchObject({
    status: 503,
    answer: { message: expect.stringContaining('not connected') },
  })
}, 30_000)

test('vnctl prints them by table, and watches what changes', async () => {
  const { code, out } = await vnctl('flows', 'dp-node1', '--table', 'destination', '--object', 'nw-red')
  expect(code).toBe(0)
  expect(out).toStartWith('destination (64)\n')
  expect(out).toMatch(/ 100 network=nw-red eth_dst=\S+ → .*\(member if-red1\)\n/)
  expect(out).toMatch(/\d+ of \d+ flows\n$/)
  expect((await vnctl('flows')).error).toContain('usage: vnctl flows DATAPATH')
  expect((await vnctl('flows', 'dp-node1', '--watch', '--interval', '0')).error).toContain('--interval')
  const child = Bun.spawn(
    [
      resolve(import.meta.dir, '../../bin/vnctl'),
      'flows',
      'dp-node1',
      '--watch',
      '--interval',
      '0.2',
      '--object',
      'nw-red',
      '--api',
      network.host.apiUrl,
    ],
    { stdout: 'pipe', stderr: 'ignore' },
  )
  let text = ''
  void (async () => {
    for await (const bytes of child.stdout) text += new TextDecoder().decode(bytes)
  })()
  try {
    await eventually('it to watch', async () => text.includes('watching'))
    await network.host.api('POST', '/interfaces?wait=applied', {
      ...{ uuid: 'if-late', mode: 'simulated', network_uuid: 'nw-red' },
      ...{ mac_address: '52:54:00:00:09:01', ipv4_address: '10.0.0.99' },
    })
    await eventually('the flow', async () => /\+ .*\d+ network=nw-red .*10\.0\.0\.99/.test(text))
    await network.host.api('DELETE', '/interfaces/if-late')
    await eventually('its end', async () => /- .*\d+ network=nw-red .*10\.0\.0\.99/.test(text))
    await reaches(machine('red1'), '10.0.0.13')
    await eventually('packets', async () => /^ +\+\d+ +\d+ network=nw-red/m.test(text))
  } finally {
    child.kill()
    await child.exited
  }
}, 30_000)
