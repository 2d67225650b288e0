import { describe, expect, test } from 'bun:test'
import { eventually, runCommand } from '../../tests/support/open-vswitch.ts'
import { dpid, useBridge } from './testing-open-vswitch.ts'

const lab = useBridge('ports')

describe('ports', () => {
  test('come, are bound by iface-id, are renamed and go', async () => {
    lab.start([dpid])
    await lab.rig.secure(dpid)
    await lab.addPort('tap1', 'external_ids:iface-id=vm-1')
    const port = await lab.numbered('tap1')
    expect(port).toEqual({
      name: 'tap1',
      portNumber: port.portNumber,
      ifaceId: 'vm-1',
      linked: port.linked,
      type: 'internal',
      error: null,
    })
    expect(await lab.ovs.ofctl('show', 'br0')).toContain(` ${port.portNumber}(tap1)`)

    for (const state of ['up', 'down'] as const) {
      await runCommand(['ip', '-n', lab.ovs.netns, 'link', 'set', 'tap1', state])
      await eventually(`the link ${state}`, () => lab.rig.port(dpid, 'tap1')?.linked === (state === 'up'))
    }

    await lab.ovs.vsctl('set', 'interface', 'tap1', 'external_ids:iface-id=vm-2')
    await eventually('the new iface-id', () => lab.rig.port(dpid, 'tap1')?.ifaceId === 'vm-2')
    await lab.ovs.vsctl('remove', 'interface', 'tap1', 'external_ids', 'iface-id')
    await eventually('no iface-id', () => lab.rig.port(dpid, 'tap1')?.ifaceId === null)

    lab.rig.deltas.length = 0
    await lab.ovs.vsctl(
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
    await lab.numbered('tap2')
    expect(lab.rig.deltas[0]![1]).toMatchObject({ added: [{ name: 'tap2' }], removed: [{ name: 'tap1' }] })
    await lab.ovs.vsctl('del-port', 'tap2')
    await eventually('the port to be gone', () => lab.rig.port(dpid, 'tap2') === undefined)
    expect(lab.rig.deltas.at(-1)![1]).toMatchObject({ added: [], changed: [], removed: [{ name: 'tap2' }] })
    expect(lab.rig.ports.get(dpid)!.map((each) => each.name)).toEqual(['br0'])
  })

  test('that were there before the bridge was registered are told of when it is', async () => {
    await lab.addPort('tap1', 'external_ids:iface-id=vm-1')
    lab.start()
    await lab.rig.manager.whenSynced(2_000)
    await Bun.sleep(20)
    expect(lab.rig.deltas).toEqual([])
    lab.rig.registered.add(dpid)
    lab.rig.manager.registrationsChanged()
    expect((await lab.numbered('tap1')).ifaceId).toBe('vm-1')
    expect(lab.rig.deltas[0]![1].added.map((port) => port.name).sort()).toEqual(['br0', 'tap1'])
  })

  test('of a device that is not there have an error and no number', async () => {
    lab.start([dpid])
    await lab.ovs.vsctl('add-port', 'br0', 'nothere').catch(() => {})
    await eventually('an error', () => lab.rig.port(dpid, 'nothere')?.error)
    expect(lab.rig.port(dpid, 'nothere')).toMatchObject({
      portNumber: null,
      error: expect.stringContaining('No such device'),
    })
    await lab.ovs.exec('ip', 'link', 'add', 'nothere', 'type', 'veth', 'peer', 'name', 'peer0')
    expect((await lab.numbered('nothere')).error).toBe(null)
  })
})

test('1,000 ports: all are told of once, and one more costs little', async () => {
  lab.start([dpid])
  await lab.rig.secure(dpid)
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
  await lab.ovs.vsctl(...names.flatMap(add))
  await eventually(
    'all numbers',
    () => lab.rig.ports.get(dpid)!.filter((port) => port.portNumber !== null).length === 1_001,
  )
  const told = lab.rig.deltas
    .flatMap(([, delta]) => delta.added.map((port) => port.name))
    .filter((name) => name !== 'br0')
  expect(told.sort()).toEqual([...names].sort())
  const before = lab.rig.deltas.length
  await lab.ovs.vsctl(...add('p1000'))
  await lab.numbered('p1000')
  expect(
    lab.rig.deltas
      .slice(before)
      .flatMap(([, { added, changed, removed }]) => [...added, ...changed, ...removed])
      .every(({ name }) => name === 'p1000'),
  ).toBe(true)
  lab.rig.manager.close()

  lab.start([dpid])
  await eventually('everything to be read again', () => lab.rig.ports.get(dpid)?.length === 1_002)
  expect(lab.rig.deltas.length).toBe(1)
}, 60_000)
