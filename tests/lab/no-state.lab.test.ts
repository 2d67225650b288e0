/** A host that knows nothing of a switch touches nothing of it. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { demoPlan } from '../../cli/lab/plan.ts'
import { demoRequests } from '../../cli/vnet/demo/network.ts'
import { snapshot } from '../support/bridge-snapshot.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { reaches } from '../support/reach.ts'

/** Long enough for a host to read an OVSDB, dial its bridges and do what it would. */
const patienceMs = 1_200

let network: Network
const switchOf = (name: string) => network.lab.hypervisor(name).openVswitch
const bridges = ['br0', 'br-else']

/** Somebody else's network: flows, a group, a meter, a bridge that is not secure, a port, marks of their own. */
async function furnish(name: string) {
  const openVswitch = switchOf(name)
  await openVswitch.vsctl('add-br', 'br-else', '--', 'set', 'bridge', 'br-else', 'datapath_type=netdev')
  for (const bridge of bridges) {
    await openVswitch.ofctl('add-meter', bridge, 'meter=7,kbps,band=type=drop,rate=1000')
    await openVswitch.ofctl('add-group', bridge, 'group_id=7,type=all,bucket=output:1')
    await openVswitch.ofctl('add-flow', bridge, 'cookie=0x7,table=0,priority=7,ip,actions=group:7')
    await openVswitch.ofctl('add-flow', bridge, 'table=9,priority=0,actions=drop')
    // With the cookie of one of our own features.
    await openVswitch.ofctl('add-flow', bridge, 'cookie=0x1000000000001,table=4,priority=0,actions=drop')
  }
  await openVswitch.vsctl(
    ...[
      'add-port',
      'br0',
      'theirs',
      '--',
      'set',
      'interface',
      'theirs',
      'type=gre',
      'options:remote_ip=192.0.2.1',
    ],
    ...['--', 'set', 'bridge', 'br0', 'external_ids:owner=them', 'other_config:mac-aging-time=77'],
  )
}

const all = () =>
  Promise.all(network.lab.hypervisors.map(({ openVswitch }) => snapshot(openVswitch, bridges)))

beforeAll(async () => {
  network = await startNetwork(demoPlan, [])
  await network.host.stop()
  for (const { name } of network.lab.hypervisors) await furnish(name)
})
afterAll(() => network?.stop())

test('with no state at all, not a flow, a setting or a port changes', async () => {
  const before = await all()
  expect(before[0]!['flows of br0']!.length).toBeGreaterThan(2)
  await network.host.start()
  await Bun.sleep(patienceMs)
  expect(await all()).toEqual(before)
  await network.host.kill9()
  await network.host.start()
  await Bun.sleep(patienceMs)
  expect(await all()).toEqual(before)
}, 60_000)

test('with another datapath registered, and networks and interfaces on it, neither', async () => {
  const before = await all()
  const others = demoRequests(demoPlan).map((request) =>
    request.path === '/datapaths'
      ? {
          ...request,
          body: { ...request.body, dpid: `0x00000000000000a${String(request.body['dpid']).at(-1)}` },
        }
      : request,
  )
  await network.host.api('POST', '/batch', others)
  await Bun.sleep(patienceMs)
  expect(await all()).toEqual(before)
}, 60_000)

test('as the control, the datapath that is registered is served, it alone, and only its bridge', async () => {
  const [, node2, node3] = await all()
  const elseBefore = await snapshot(switchOf('node1'), ['br-else'])
  const { host } = network
  await host.api('DELETE', '/datapaths/dp-node1')
  await host.api('POST', '/batch', [
    {
      method: 'POST',
      path: '/datapaths',
      body: {
        uuid: 'dp-real',
        display_name: 'node1',
        dpid: `0x${demoPlan.hypervisors[0]!.dpid}`,
        node_id: 'node1',
      },
    },
    {
      method: 'POST',
      path: '/interfaces/if-node1/ports',
      body: { datapath_uuid: 'dp-real', port_name: 'eth0', singular: true },
    },
  ])
  await eventually('dp-real to be served', async () => {
    const flows = await switchOf('node1').ofctl('dump-flows', '--no-stats', 'br0')
    return flows.includes('table=64') && !flows.includes('table=9,')
  })
  await network.check()
  const [node1, ...others] = await all()
  expect(others).toEqual([node2!, node3!])
  for (const kept of ['flows of br-else', 'groups of br-else', 'meters of br-else'])
    expect(node1![kept]).toEqual(elseBefore[kept]!)
  // Ports and marks of others stay where they are on a bridge that is served, too.
  const bridge = node1!['Bridge']!.find((row) => row.includes('"br0"'))!
  expect(bridge).toContain('["owner","them"]')
  expect(bridge).toContain('["mac-aging-time","77"]')
  expect(node1!['Port']!.some((row) => row.includes('"theirs"'))).toBe(true)
  const machine = network.lab.machine('red1')
  expect((await machine.dhcp()).address).toBe('10.0.0.11')
  await reaches(machine, '10.0.0.2')
  await network.check()
}, 60_000)
