/** The stream of events beside a network that changes: state, ports, switches, what they have applied. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { resolve } from 'node:path'
import { listenTo } from '../support/event-reader.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { plug, unplug } from '../support/plugging.ts'

let network: Network
beforeAll(async () => {
  network = await startNetwork()
  await network.check()
})
afterAll(() => network?.stop())

const vnctl = resolve(import.meta.dir, '../../bin/vnctl')
const fieldsOf = (event: { data: Readonly<Record<string, unknown>> }) =>
  event.data['fields'] as Record<string, unknown>

test('a port that goes and comes is told with its interface, and that the switches follow', async () => {
  const { host, lab } = network
  const reader = await listenTo(host.apiUrl)
  const begin = reader.events[0]!.data
  expect(begin['datapaths']).toContainEqual(expect.objectContaining({ uuid: 'dp-node1', connected: true }))
  const others = await listenTo(host.apiUrl, 'datapath=dp-node2')
  const red1 = lab.machine('red1')
  await unplug(lab.hypervisor('node1'), red1)
  const gone = await reader.until('the port gone', ({ name }) => name === 'port_gone')
  expect(fieldsOf(gone)).toMatchObject({ port_name: 'red1', datapath_uuid: 'dp-node1' })
  await reader.until(
    'the interface unplugged',
    ({ name, data }) => name === 'deleted' && data['resource'] === 'active_interfaces',
  )
  await plug(lab.hypervisor('node1'), red1)
  const come = await reader.until('the port again', ({ name }) => name === 'port_appeared')
  await reader.until(
    'dp-node1 to have applied it',
    ({ name, data, ...event }) =>
      name === 'applied' &&
      data['uuid'] === 'dp-node1' &&
      Number(fieldsOf({ data, ...event })['applied_revision']) >= Number(come.id),
  )
  // Of another datapath nobody who asks for that one is told.
  expect(
    others.events.filter(({ data }) => data['fields'] && fieldsOf({ data })['datapath_uuid'] === 'dp-node1'),
  ).toEqual([])
  expect(others.events.some(({ name }) => name === 'applied')).toBe(true)
  reader.close()
  others.close()
  await network.check()
}, 60_000)

test('writes are told in the words of the API; who comes back to another life of the host misses none', async () => {
  const { host } = network
  const reader = await listenTo(host.apiUrl, 'resource=networks,interfaces')
  await host.api('POST', '/networks', { uuid: 'nw-more', ipv4_network: '10.9.0.0', display_name: 'more' })
  const created = await reader.until('the network', ({ name }) => name === 'created')
  expect(created.data).toMatchObject({ uuid: 'nw-more', fields: { ipv4_network: '10.9.0.0' } })
  await host.api('PUT', '/networks/nw-more', { display_name: 'less' })
  await host.stop()
  await eventually('the stream to end', async () => reader.ended)
  expect(reader.events.at(-1)).toMatchObject({ name: 'end', data: { reason: 'stopping' } })
  await host.start()
  await host.api('DELETE', '/networks/nw-more')
  const again = await listenTo(host.apiUrl, `since=${created.id}&resource=networks`)
  const deleted = await again.until('the end of it', ({ name }) => name === 'deleted')
  expect(again.events.map(({ name }) => name)).toEqual(['begin', 'changed', 'deleted'])
  expect(again.events[1]!.data).toMatchObject({
    fields: { display_name: 'less' },
    before: { display_name: 'more' },
  })
  expect(deleted.data['uuid']).toBe('nw-more')
  again.close()
}, 60_000)

test('a switch that goes away and comes back is told', async () => {
  const { host, lab } = network
  const { openVswitch } = lab.hypervisor('node3')
  const reader = await listenTo(host.apiUrl, 'kind=datapath_connected,datapath_disconnected')
  await openVswitch.killVswitchd()
  await reader.until(
    'dp-node3 gone',
    ({ name, data }) => name === 'datapath_disconnected' && data['uuid'] === 'dp-node3',
  )
  await openVswitch.startVswitchd()
  await reader.until(
    'dp-node3 back',
    ({ name, data }) => name === 'datapath_connected' && data['uuid'] === 'dp-node3',
  )
  reader.close()
}, 60_000)

test('vnctl events prints a line each, and goes on where it was when the host is back', async () => {
  const { host } = network
  const since = String((await host.api<{ revision: number }>('GET', '/audit')).revision)
  const child = Bun.spawn(
    [vnctl, 'events', '--follow', '--resource', 'networks', '--since', since, '--api', host.apiUrl],
    { stdout: 'pipe', stderr: 'ignore' },
  )
  let text = ''
  void (async () => {
    for await (const bytes of child.stdout) text += new TextDecoder().decode(bytes)
  })()
  await host.api('POST', '/networks', { uuid: 'nw-cli', ipv4_network: '10.8.0.0' })
  await eventually('the line', async () => /created networks nw-cli .*ipv4_network=10\.8\.0\.0/.test(text))
  await host.stop()
  await host.start()
  await host.api('PUT', '/networks/nw-cli', { display_name: 'again' })
  await eventually('the change', async () => /changed networks nw-cli display_name="" → again/.test(text))
  expect(text.match(/created networks nw-cli/g)).toHaveLength(1)
  child.kill()
  await child.exited
  // What has happened, and no more.
  const past = ['events', '--last', '2', '--resource', 'networks', '--api', host.apiUrl]
  const ended = Bun.spawn([vnctl, ...past], { stdout: 'pipe', stderr: 'pipe' })
  const [told, complaint, status] = await Promise.all([
    new Response(ended.stdout).text(),
    new Response(ended.stderr).text(),
    ended.exited,
  ])
  expect([complaint, status]).toEqual(['', 0])
  expect(told.trim().split('\n')).toEqual([
    expect.stringMatching(/^\d+ created networks nw-cli .*ipv4_network=10\.8\.0\.0/),
    expect.stringMatching(/^\d+ changed networks nw-cli display_name="" → again$/),
  ])
  const wrong = Bun.spawn([vnctl, 'events', '--kind', 'made', '--api', host.apiUrl], {
    stderr: 'pipe',
    stdout: 'ignore',
  })
  expect([await wrong.exited, await new Response(wrong.stderr).text()]).toEqual([
    1,
    expect.stringContaining('kind: must be some of created'),
  ])
}, 60_000)
