import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { eventually, type OpenVswitch, startOpenVswitch } from '../../tests/support/open-vswitch.ts'
import { type OvsdbRig, startOvsdbRig } from '../../tests/support/ovsdb-rig.ts'

const dpid = '0x00000000000000d1'

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
