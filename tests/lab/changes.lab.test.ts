import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { ipBatch } from '../../cli/lab/namespaces.ts'
import { broadcast, datagram } from '../support/frames.ts'
import { whereTheyArrive } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually, runCommand } from '../support/open-vswitch.ts'
import { move, plug, unplug } from '../support/plugging.ts'
import { isSilent, reaches } from '../support/reach.ts'

let network: Network
beforeAll(async () => {
  network = await startNetwork()
  await Promise.all(network.lab.machines.map((machine) => machine.dhcp()))
})
afterAll(() => network?.stop())
afterEach(() => network.check())

const machine = (name: string) => network.lab.machine(name)
const flowsOf = async (node: string) =>
  (await network.lab.hypervisor(node).openVswitch.ofctl('dump-flows', 'br0')).split('\n')

test('a port that goes takes its machine with it, and one that comes back under another number brings it back', async () => {
  const node1 = network.lab.hypervisor('node1')
  await reaches(machine('red2'), '10.0.0.11')
  const before = await node1.openVswitch.vsctl('get', 'interface', 'red1', 'ofport')
  await unplug(node1, machine('red1'))
  await eventually('red1 to be gone', () => isSilent(machine('red2'), '10.0.0.11'))
  await eventually(
    'no flow to send there any more',
    async () => !(await flowsOf('node2')).some((flow) => flow.includes('52:54:00:00:01:01')),
  )
  await reaches(machine('red2'), '10.0.0.13')

  await plug(node1, machine('red1'))
  await reaches(machine('red2'), '10.0.0.11')
  expect(await node1.openVswitch.vsctl('get', 'interface', 'red1', 'ofport')).not.toBe(before)
}, 60_000)

test('filters let nothing through where there is none, not even a broadcast, and without them everything passes again', async () => {
  const { host } = network
  const setting = (body: object) => host.api('PUT', '/interfaces/if-red2?wait=applied', body)
  const toAll = (marker: string) =>
    datagram([broadcast, machine('red1').mac], '10.0.0.11', '10.0.0.255', [7_777, 7_777], marker)
  const hears = async () =>
    (await whereTheyArrive(machine('red1'), [machine('red2'), machine('red3')], { toAll })).toAll
  for (const address of ['10.0.0.12', '10.0.0.13']) await reaches(machine('red1'), address)
  expect(await hears()).toEqual(['red2', 'red3'])
  await setting({ enable_filtering: true })
  expect(await isSilent(machine('red1'), '10.0.0.12')).toBe(true)
  expect(await isSilent(machine('red2'), '10.0.0.13')).toBe(true)
  expect(await hears()).toEqual(['red3'])
  await reaches(machine('red1'), '10.0.0.13')
  await setting({ enable_filtering: false })
  await reaches(machine('red1'), '10.0.0.12')
  expect(await hears()).toEqual(['red2', 'red3'])
}, 60_000)

test('a change is applied when the flows of a tunnel port are there that had to be made for it', async () => {
  const { host } = network
  const encapsulate = (encapsulation: string) =>
    host.api('PUT', '/networks/nw-red?wait=applied', { encapsulation })
  expect(await encapsulate('geneve')).toMatchObject({ applied: { pending: [] } })
  for (const node of ['node1', 'node2', 'node3']) {
    const { openVswitch } = network.lab.hypervisor(node)
    const port = await openVswitch.vsctl('get', 'interface', 't-geneve', 'ofport')
    const flows = await openVswitch.ofctl('--no-names', 'dump-flows', 'br0')
    expect(flows).toContain(`in_port=${port} actions=goto_table`)
    expect(flows).toContain(`output:${port}`)
  }
  await reaches(machine('red1'), '10.0.0.13')
  await encapsulate('gre')
  await reaches(machine('red1'), '10.0.0.13')
}, 60_000)

test('a machine that moves to another hypervisor is reached there, from everywhere, with the address that it had', async () => {
  await reaches(machine('red3'), '10.0.0.11')
  await move(network.lab, machine('red1'), 'node1', 'node3')
  await reaches(machine('red3'), '10.0.0.11')
  await reaches(machine('red2'), '10.0.0.11')
  await reaches(machine('red1'), '10.0.0.12')
  expect((await flowsOf('node1')).filter((flow) => flow.includes('reg1=0x'))).not.toHaveLength(0)
  await move(network.lab, machine('red1'), 'node3', 'node1')
  await reaches(machine('red2'), '10.0.0.11')
  await reaches(machine('red3'), '10.0.0.11')
}, 60_000)

test('a network that is deleted carries nothing more, and made again carries again', async () => {
  const { host } = network
  const interfaces = ['if-red1', 'if-red2', 'if-red3']
  await reaches(machine('red1'), '10.0.0.12')
  await host.api('DELETE', '/networks/nw-red?wait=applied')
  await eventually('red to be silent', () => isSilent(machine('red1'), '10.0.0.12'))
  await reaches(machine('blue1'), '10.0.0.12')
  for (const node of ['node1', 'node2', 'node3'])
    expect((await flowsOf(node)).filter((flow) => /52:54:00:00:01:/.test(flow))).toEqual([])

  const again = [
    {
      method: 'POST',
      path: '/networks',
      body: { uuid: 'nw-red', mode: 'virtual', ipv4_network: '10.0.0.0' },
    },
    ...['node1', 'node2', 'node3'].map((node) => ({
      method: 'POST',
      path: `/datapaths/dp-${node}/networks/nw-red`,
      body: { interface_uuid: `if-${node}` },
    })),
    ...interfaces.map((uuid, i) => ({
      method: 'POST',
      path: '/ip_leases',
      body: { interface_uuid: uuid, network_uuid: 'nw-red', ipv4_address: `10.0.0.${11 + i}` },
    })),
  ]
  await host.api('POST', '/batch?wait=applied', again)
  await reaches(machine('red1'), '10.0.0.12')
  await reaches(machine('red1'), '10.0.0.13')
}, 60_000)

test('a port is known by its iface-id, whatever it is called', async () => {
  const { openVswitch } = network.lab.hypervisor('node2')
  await network.host.api('POST', '/interfaces', {
    uuid: 'if-tap',
    mode: 'vif',
    port_name: 'a-name-that-libvirt-gave',
    network_uuid: 'nw-blue',
    mac_address: '52:54:00:00:02:99',
    ipv4_address: '10.0.0.99',
  })
  await openVswitch.vsctl(
    'add-port',
    'br0',
    'tap99',
    '--',
    'set',
    'interface',
    'tap99',
    'type=internal',
    'external_ids:iface-id=a-name-that-libvirt-gave',
  )
  await openVswitch.exec('ip', 'link', 'set', 'tap99', 'address', '52:54:00:00:02:99', 'up')
  // In a namespace of its own, as in a machine: the hypervisor must not answer for it.
  const netns = `${openVswitch.netns}-tap`
  await runCommand(['ip', 'netns', 'add', netns])
  try {
    await openVswitch.exec('ip', 'link', 'set', 'tap99', 'netns', netns)
    await ipBatch(netns, [
      'address add 10.0.0.99/24 dev tap99',
      'link set tap99 address 52:54:00:00:02:99 up',
    ])
    await reaches(machine('blue1'), '10.0.0.99')
    expect(await isSilent(machine('red1'), '10.0.0.99')).toBe(true)
  } finally {
    await runCommand(['ip', 'netns', 'del', netns])
  }
  await openVswitch.vsctl('del-port', 'br0', 'tap99')
  await network.host.api('DELETE', '/interfaces/if-tap?wait=applied')
}, 60_000)

test('a bridge that is removed takes its ports with it, and one with the same id brings them back', async () => {
  const { openVswitch } = network.lab.hypervisor('node2')
  const ports = async () =>
    (await network.host.api<{ ports: number }>('GET', '/datapaths/dp-node2/status')).ports
  await reaches(machine('red1'), '10.0.0.12')
  await openVswitch.vsctl('del-br', 'br0')
  await eventually('the ports to be gone', async () => (await ports()) === 0)
  expect(await isSilent(machine('red1'), '10.0.0.12')).toBe(true)
  await reaches(machine('red1'), '10.0.0.13')

  const settings = [
    'datapath_type=netdev',
    'fail_mode=secure',
    'other_config:datapath-id=0000000000000002',
    'other_config:hwaddr="02:00:00:00:00:02"',
  ]
  const withPorts = ['eth0', 'red2', 'blue2'].flatMap((port) => ['--', 'add-port', 'br0', port])
  await openVswitch.vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', ...settings, ...withPorts)
  await openVswitch.exec('ethtool', '-K', 'br0', 'tx', 'off')
  await openVswitch.exec('ip', 'address', 'replace', '192.168.10.12/24', 'dev', 'br0')
  await openVswitch.exec('ip', 'link', 'set', 'br0', 'up')
  await reaches(machine('red1'), '10.0.0.12')
  await reaches(machine('blue1'), '10.0.0.12')
}, 60_000)
