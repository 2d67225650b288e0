import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { eventually, type OpenVswitch, startOpenVswitch } from '../../tests/support/open-vswitch.ts'
import { type OvsdbRig, startOvsdbRig } from '../../tests/support/ovsdb-rig.ts'
import type { TunnelPort } from './tunnels.ts'

const dpid = '0x00000000000000d1'
const flowBased = { remote_ip: 'flow', key: 'flow' }
const gre: TunnelPort = { name: 'gre0', type: 'gre', options: flowBased }
const vxlan: TunnelPort = { name: 'vxlan0', type: 'vxlan', options: flowBased }
const geneve: TunnelPort = { name: 'geneve0', type: 'geneve', options: flowBased }

let ovs: OpenVswitch
let rig: OvsdbRig

const start = (...registered: string[]) => (rig = startOvsdbRig([`unix:${ovs.dbSocket}`], registered))
const addBridge = (name: string, id: string) =>
  ovs.vsctl(
    'add-br',
    name,
    '--',
    'set',
    'bridge',
    name,
    'datapath_type=netdev',
    `other_config:datapath-id=${id.slice(2)}`,
  )
const addPort = (name: string, ...settings: string[]) =>
  ovs.vsctl('add-port', 'br0', name, '--', 'set', 'interface', name, 'type=internal', ...settings)
const numbered = (name: string) =>
  eventually(`a number for ${name}`, () => (rig.port(dpid, name)?.portNumber ? rig.port(dpid, name) : null))
const listed = async () =>
  (await ovs.vsctl('list-ports', 'br0'))
    .split('\n')
    .filter((name) => name !== '')
    .sort()

beforeAll(async () => {
  ovs = await startOpenVswitch({ name: 'ports' })
})
beforeEach(() => addBridge('br0', dpid))
afterEach(async () => {
  rig?.manager.close()
  for (const name of (await ovs.vsctl('list-br')).split('\n')) await ovs.vsctl('--if-exists', 'del-br', name)
})
afterAll(async () => {
  await ovs?.stop()
})

describe('ports', () => {
  test('come, are bound by iface-id, are renamed and go', async () => {
    start(dpid)
    await rig.secure(dpid)
    await addPort('tap1', 'external_ids:iface-id=vm-1')
    const port = await numbered('tap1')
    expect(port).toEqual({
      name: 'tap1',
      portNumber: port.portNumber,
      ifaceId: 'vm-1',
      type: 'internal',
      error: null,
    })
    expect(await ovs.ofctl('show', 'br0')).toContain(` ${port.portNumber}(tap1)`)

    await ovs.vsctl('set', 'interface', 'tap1', 'external_ids:iface-id=vm-2')
    await eventually('the new iface-id', () => rig.port(dpid, 'tap1')?.ifaceId === 'vm-2')
    await ovs.vsctl('remove', 'interface', 'tap1', 'external_ids', 'iface-id')
    await eventually('no iface-id', () => rig.port(dpid, 'tap1')?.ifaceId === null)

    rig.deltas.length = 0
    await ovs.vsctl(
      'del-port',
      'tap1',
      '--',
      'add-port',
      'br0',
      'tap2',
      '--',
      'set',
      'interface',
      'tap2',
      'type=internal',
    )
    await numbered('tap2')
    expect(rig.deltas[0]![1]).toMatchObject({ added: [{ name: 'tap2' }], removed: [{ name: 'tap1' }] })
    await ovs.vsctl('del-port', 'tap2')
    await eventually('the port to be gone', () => rig.port(dpid, 'tap2') === undefined)
    expect(rig.deltas.at(-1)![1]).toMatchObject({ added: [], changed: [], removed: [{ name: 'tap2' }] })
    expect(rig.ports.get(dpid)!.map((each) => each.name)).toEqual(['br0'])
  })

  test('that were there before the bridge was registered are told of when it is', async () => {
    await addPort('tap1', 'external_ids:iface-id=vm-1')
    start()
    await rig.manager.whenSynced(2_000)
    await Bun.sleep(20)
    expect(rig.deltas).toEqual([])
    rig.registered.add(dpid)
    rig.manager.registrationsChanged()
    expect((await numbered('tap1')).ifaceId).toBe('vm-1')
    expect(rig.deltas[0]![1].added.map((port) => port.name).sort()).toEqual(['br0', 'tap1'])
  })

  test('of a device that is not there have an error and no number', async () => {
    start(dpid)
    await ovs.vsctl('add-port', 'br0', 'nothere').catch(() => {})
    await eventually('an error', () => rig.port(dpid, 'nothere')?.error)
    expect(rig.port(dpid, 'nothere')).toMatchObject({
      portNumber: null,
      error: expect.stringContaining('No such device'),
    })
    await ovs.exec('ip', 'link', 'add', 'nothere', 'type', 'veth', 'peer', 'name', 'peer0')
    expect((await numbered('nothere')).error).toBe(null)
  })
})

describe('tunnel ports', () => {
  test('are made, changed, and removed as the list says', async () => {
    await addPort('tap1')
    start(dpid)
    rig.manager.setTunnelPorts(dpid, [gre, vxlan, geneve])
    for (const { name } of [gre, vxlan, geneve]) await numbered(name)
    expect(await listed()).toEqual(['geneve0', 'gre0', 'tap1', 'vxlan0'])
    expect(await ovs.vsctl('get', 'port', 'gre0', 'external_ids')).toBe('{openvnet=tunnel}')
    expect(await ovs.vsctl('get', 'interface', 'gre0', 'type', 'options')).toBe(
      'gre\n{key=flow, remote_ip=flow}',
    )

    const elsewhere = { ...gre, options: { remote_ip: '192.0.2.7' } }
    rig.manager.setTunnelPorts(dpid, [elsewhere])
    await eventually('one tunnel', async () => (await listed()).join() === 'gre0,tap1')
    await eventually(
      'its options',
      async () => (await ovs.vsctl('get', 'interface', 'gre0', 'options')) === '{remote_ip="192.0.2.7"}',
    )
    rig.manager.setTunnelPorts(dpid, [])
    await eventually('no tunnel', async () => (await listed()).join() === 'tap1')
    expect(rig.alarms).toEqual([])
  })

  test('that are as they should be cost no transaction', async () => {
    start(dpid)
    rig.manager.setTunnelPorts(dpid, [gre, vxlan])
    await numbered('gre0')
    await numbered('vxlan0')
    await rig.secure(dpid)
    const configuration = () => ovs.vsctl('--columns=next_cfg', 'list', 'open_vswitch')
    const before = await configuration()
    rig.manager.setTunnelPorts(dpid, [vxlan, gre])
    rig.manager.close()
    start(dpid)
    rig.manager.setTunnelPorts(dpid, [gre, vxlan])
    await numbered('gre0')
    await Bun.sleep(100)
    expect(await configuration()).toBe(before)
  })

  test('are repaired when somebody changes or removes them', async () => {
    start(dpid)
    rig.manager.setTunnelPorts(dpid, [gre, vxlan])
    await numbered('gre0')
    await numbered('vxlan0')
    await ovs.vsctl('del-port', 'gre0', '--', 'set', 'interface', 'vxlan0', 'options:remote_ip=192.0.2.1')
    await eventually('the port', async () => (await listed()).join() === 'gre0,vxlan0')
    await eventually(
      'the options',
      async () => (await ovs.vsctl('get', 'interface', 'vxlan0', 'options:remote_ip')) === 'flow',
    )
    await numbered('gre0')
  })

  test('never replace or remove a port that somebody else made', async () => {
    await ovs.vsctl(
      'add-port',
      'br0',
      'gre0',
      '--',
      'set',
      'interface',
      'gre0',
      'type=gre',
      'options:remote_ip=192.0.2.1',
    )
    await addBridge('br1', '0x00000000000000d2')
    await ovs.vsctl('add-port', 'br1', 'vxlan0', '--', 'set', 'interface', 'vxlan0', 'type=internal')
    const before = [await ovs.vsctl('list', 'port', 'gre0'), await ovs.vsctl('list', 'port', 'vxlan0')]
    start(dpid)
    rig.manager.setTunnelPorts(dpid, [gre, vxlan, geneve])
    await numbered('geneve0')
    await eventually('two alarms', () => rig.alarms.length === 2)
    expect(rig.alarms.map(({ kind, problem }) => [kind, problem.where])).toEqual([
      ['tunnel', 'br0/gre0'],
      ['tunnel', 'br0/vxlan0'],
    ])
    rig.manager.setTunnelPorts(dpid, [])
    await eventually('our tunnel to go', async () => (await listed()).join() === 'gre0')
    expect([await ovs.vsctl('list', 'port', 'gre0'), await ovs.vsctl('list', 'port', 'vxlan0')]).toEqual(
      before,
    )
  })

  test('that Open vSwitch cannot make are reported', async () => {
    await ovs.vsctl(
      'add-port',
      'br0',
      'mine',
      '--',
      'set',
      'interface',
      'mine',
      'type=gre',
      'options:remote_ip=flow',
      'options:key=flow',
    )
    start(dpid)
    rig.manager.setTunnelPorts(dpid, [gre])
    const alarm = await rig.alarm('tunnel')
    expect(alarm.problem).toMatchObject({
      where: 'br0/gre0',
      received: expect.stringContaining('File exists'),
    })
    expect(rig.port(dpid, 'gre0')).toMatchObject({ portNumber: null })
  })
})

describe('the uplink', () => {
  test('is recorded in the bridge, and known again without any state', async () => {
    await addPort('eth9')
    start(dpid)
    rig.manager.setUplink(dpid, 'eth9')
    await eventually('the record', () => rig.bridges.get(dpid)?.uplink === 'eth9')
    const { portNumber } = await numbered('eth9')
    rig.manager.close()

    start()
    await rig.manager.whenSynced(2_000)
    const known = [
      { dpid, bridge: 'br0', openflowAddress: `unix:${ovs.dir}/br0.mgmt`, portName: 'eth9', portNumber },
    ]
    expect(rig.manager.bootstrapUplinks()).toEqual(known)
    await eventually('the callback', () => rig.uplinks.length > 0)
    expect(rig.uplinks.at(-1)).toEqual(known)
    await ovs.vsctl('set-fail-mode', 'br0', 'standalone')
    await eventually('a bridge that is not secure to be left out', () => rig.uplinks.at(-1)!.length === 0)
  })

  test('that others record is put right, and forgotten when asked', async () => {
    start(dpid)
    rig.manager.setUplink(dpid, 'eth9')
    await eventually('the record', () => rig.bridges.get(dpid)?.uplink === 'eth9')
    await ovs.vsctl('set', 'bridge', 'br0', 'external_ids:openvnet-uplink=tap1', 'external_ids:other=kept')
    await eventually('the repair', async () =>
      (await ovs.vsctl('get', 'bridge', 'br0', 'external_ids')).includes('eth9'),
    )
    rig.manager.setUplink(dpid, null)
    await eventually(
      'no record',
      async () => (await ovs.vsctl('get', 'bridge', 'br0', 'external_ids')) === '{other=kept}',
    )
  })
})

describe('daemons that die', () => {
  test('ovsdb-server: what is adopted stays, and what changed meanwhile is caught up with', async () => {
    await addPort('tap1')
    start(dpid)
    await rig.secure(dpid)
    rig.manager.setTunnelPorts(dpid, [gre])
    await numbered('gre0')
    await ovs.killOvsdb()
    await eventually('the loss to be noticed', () => rig.manager.status()[0]!.connected === false)
    rig.manager.setTunnelPorts(dpid, [vxlan])
    expect(rig.manager.status()[0]!.adopted).toEqual([dpid])
    await ovs.startOvsdb()
    await ovs.vsctl('--no-wait', 'set', 'interface', 'tap1', 'external_ids:iface-id=vm-1')
    await eventually('the change', () => rig.port(dpid, 'tap1')?.ifaceId === 'vm-1')
    await numbered('vxlan0')
    await eventually('the other tunnel to go', async () => (await listed()).join() === 'tap1,vxlan0')
    expect(rig.gone).toEqual([])
    expect(rig.flushed).toEqual([])
    expect(rig.manager.status()[0]!.connected).toBe(true)
  })

  test('ovs-vswitchd: the bridge stays adopted, and is secure when it comes back', async () => {
    await addPort('tap1')
    start(dpid)
    await rig.secure(dpid)
    await numbered('tap1')
    await ovs.killVswitchd()
    await ovs.vsctl('--no-wait', 'set-fail-mode', 'br0', 'standalone')
    await eventually('the drift', () => rig.bridges.get(dpid)?.failModeSecure === false)
    await rig.alarm('drift')
    // Nobody can have carried it out yet.
    await Bun.sleep(100)
    expect(rig.bridges.get(dpid)?.failModeSecure).toBe(false)
    await ovs.startVswitchd()
    await rig.secure(dpid)
    await numbered('tap1')
    await eventually(
      'a secure bridge without flows',
      async () => !(await ovs.ofctl('dump-flows', 'br0')).includes('NORMAL'),
    )
  })
})

test('1,000 ports: all are told of once, and one more costs little', async () => {
  start(dpid)
  await rig.secure(dpid)
  const names = Array.from({ length: 1_000 }, (_, index) => `p${index}`)
  const add = (name: string) => [
    ...[
      '--',
      'add-port',
      'br0',
      name,
      '--',
      'set',
      'interface',
      name,
      'type=gre',
      `options:remote_ip=10.0.0.1`,
    ],
    ...[`options:key=${name.slice(1)}`, `external_ids:iface-id=vm-${name}`],
  ]
  await ovs.vsctl(...names.flatMap(add))
  await eventually(
    'all numbers',
    () => rig.ports.get(dpid)!.filter((port) => port.portNumber !== null).length === 1_001,
  )
  const told = rig.deltas
    .flatMap(([, delta]) => delta.added.map((port) => port.name))
    .filter((name) => name !== 'br0')
  expect(told.sort()).toEqual([...names].sort())
  const before = rig.deltas.length
  await ovs.vsctl(...add('p1000'))
  await numbered('p1000')
  expect(
    rig.deltas
      .slice(before)
      .flatMap(([, { added, changed, removed }]) => [...added, ...changed, ...removed])
      .every(({ name }) => name === 'p1000'),
  ).toBe(true)
  rig.manager.close()

  start(dpid)
  await eventually('everything to be read again', () => rig.ports.get(dpid)?.length === 1_002)
  expect(rig.deltas.length).toBe(1)
}, 60_000)
