import { describe, expect, test } from 'bun:test'
import { eventually, startOpenVswitch } from '../../tests/support/open-vswitch.ts'
import { useOpenVswitch } from './testing-open-vswitch.ts'

const lab = useOpenVswitch('adopt')

/** The whole configuration as ovs-vsctl sees it, with the counters that ovs-vsctl itself moves left out. */
const dump = async () =>
  (await lab.ovs.vsctl('show')) +
  (await lab.ovs.vsctl('list', 'bridge')) +
  (await lab.ovs.vsctl('list', 'port'))
const configurations = () => lab.ovs.vsctl('--columns=next_cfg', 'list', 'open_vswitch')
/** Its flows with the hidden ones, without the counters and Open vSwitch's own internal table. */
const flows = async (name: string) =>
  (await lab.ovs.appctl('bridge/dump-flows', name))
    .split('\n')
    .filter((flow) => flow !== '' && !flow.includes('table_id=254'))
    .map((flow) => flow.replace(/duration=.*?n_bytes=\d+, /, ''))
    .sort()

describe('a registered bridge', () => {
  test('is made secure, pinned and free of in-band control, and served only when that is carried out', async () => {
    await lab.ovs.vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=netdev')
    const dpid = `0x${await lab.get('br0', 'datapath_id')}`
    expect(await flows('br0')).toEqual(['priority=0,actions=NORMAL'])
    lab.start([dpid])
    const adopted = await lab.rig.secure(dpid)
    expect(adopted).toEqual({
      dpid,
      name: 'br0',
      ovsdb: `unix:${lab.ovs.dbSocket}`,
      openflowAddress: `unix:${lab.ovs.dir}/br0.mgmt`,
      failModeSecure: true,
      controllers: [],
      uplink: null,
    })
    // It was not called secure before ovs-vswitchd had taken the tenants' bridge away.
    expect(await flows('br0')).toEqual([])
    expect(await lab.get('br0', 'fail_mode')).toBe('secure')
    expect(await lab.get('br0', 'other_config:disable-in-band')).toBe('true')
    expect(await lab.get('br0', 'other_config:datapath-id')).toBe(dpid.slice(2))
    expect(await lab.get('br0', 'protocols')).toBe('[]')
    expect(await lab.get('br0', 'controller')).toBe('[]')
    expect(lab.rig.alarms).toEqual([])
    expect(lab.rig.flushed).toEqual([])
  })

  test('keeps the protocols that it has, and gets OpenFlow 1.3 where it is missing', async () => {
    const dpid = await lab.newBridge('br0', 'protocols=OpenFlow10,OpenFlow15')
    lab.start([dpid])
    await lab.rig.secure(dpid)
    expect(await lab.get('br0', 'protocols')).toBe('[OpenFlow10, OpenFlow13, OpenFlow15]')
  })

  test('is put back with an alarm when it drifts, and its flows are known to be gone', async () => {
    const dpid = await lab.newBridge('br0', 'fail_mode=secure', 'protocols=OpenFlow13')
    lab.start([dpid])
    await lab.rig.secure(dpid)
    await eventually('settings', async () =>
      (await lab.get('br0', 'other_config')).includes('disable-in-band'),
    )
    await lab.ovs.ofctl('add-flow', 'br0', 'cookie=7,priority=9,actions=drop')
    for (const [setting, drift, restored] of [
      ['fail_mode', 'fail_mode=standalone', 'secure'],
      ['protocols', 'protocols=OpenFlow10', '[OpenFlow10, OpenFlow13]'],
      ['other_config:disable-in-band', 'other_config:disable-in-band=false', 'true'],
    ] as const) {
      lab.rig.alarms.length = 0
      await lab.ovs.vsctl('set', 'bridge', 'br0', drift)
      const alarm = await lab.rig.alarm('drift')
      expect(alarm).toMatchObject({
        dpid,
        bridge: 'br0',
        problem: { what: `${setting} was changed, it is put back` },
      })
      await eventually(`${setting} put back`, async () => (await lab.get('br0', setting)) === restored)
    }
    await lab.rig.secure(dpid)
    await eventually('word of the flush', () => lab.rig.flushed.length === 1)
    expect(lab.rig.flushed).toEqual([[dpid, 'fail_mode changed']])
    // If ovs-vswitchd saw the drift and its repair as one, nothing was flushed: it is never bridging, in any case.
    expect((await flows('br0')).filter((flow) => flow.includes('NORMAL'))).toEqual([])
  })

  test('with controller and manager rows of an operator has no hidden flows, and keeps the rows', async () => {
    const dpid = await lab.newBridge('br0', 'fail_mode=secure')
    await lab.ovs.exec('ip', 'address', 'add', '10.99.0.1/24', 'dev', 'br0')
    await lab.ovs.exec('ip', 'link', 'set', 'br0', 'up')
    await lab.ovs.vsctl('set-manager', 'tcp:10.99.0.9:6640')
    // The control: without us a manager alone opens the hole.
    await eventually('hidden flows', async () =>
      (await flows('br0')).some((flow) => /priority=18\d{4}.*NORMAL/.test(flow)),
    )
    lab.start([dpid])
    await lab.rig.secure(dpid)
    await eventually('no hidden flows', async () => (await flows('br0')).length === 0)
    await lab.ovs.vsctl('set-controller', 'br0', 'tcp:10.99.0.8:6653', 'ptcp:6655:127.0.0.1')
    const alarm = await lab.rig.alarm('controller')
    expect(alarm.problem.received).toBe('tcp:10.99.0.8:6653')
    await eventually('word of the flush', () => lab.rig.flushed.length > 0)
    expect(lab.rig.flushed).toEqual([[dpid, 'a first controller row came']])
    const until = performance.now() + 500
    while (performance.now() < until) expect(await flows('br0')).toEqual([])
    expect(lab.rig.bridges.get(dpid)?.controllers).toEqual(['ptcp:6655:127.0.0.1', 'tcp:10.99.0.8:6653'])
    expect((await lab.ovs.vsctl('get-controller', 'br0')).split('\n').sort()).toEqual([
      'ptcp:6655:127.0.0.1',
      'tcp:10.99.0.8:6653',
    ])
    await lab.ovs.vsctl('del-controller', 'br0')
    await eventually('word of the second flush', () => lab.rig.flushed.length === 2)
    expect(lab.rig.flushed[1]).toEqual([dpid, 'the last controller row went'])
    await lab.ovs.vsctl('del-manager')
  })

  test('is let go when its registration goes, and left as it is', async () => {
    const dpid = await lab.newBridge('br0')
    lab.start([dpid])
    await lab.rig.secure(dpid)
    lab.rig.registered.clear()
    lab.rig.manager.registrationsChanged()
    await eventually('the bridge to be let go', () => lab.rig.gone.length === 1)
    const before = await dump()
    await lab.ovs.vsctl('set-fail-mode', 'br0', 'standalone')
    await Bun.sleep(100)
    expect(await lab.get('br0', 'fail_mode')).toBe('standalone')
    expect(before).toContain('secure')
  })

  test('goes and comes with its row', async () => {
    const dpid = await lab.newBridge('br0')
    lab.start([dpid])
    await lab.rig.secure(dpid)
    await lab.ovs.vsctl('del-br', 'br0')
    await eventually('the bridge to be gone', () => lab.rig.gone.length === 1)
    await lab.ovs.vsctl(
      'add-br',
      'br1',
      '--',
      'set',
      'bridge',
      'br1',
      'datapath_type=netdev',
      `other_config:datapath-id=${dpid.slice(2)}`,
    )
    expect((await lab.rig.secure(dpid)).name).toBe('br1')
  })

  test('may be made and removed over and over, without an alarm', async () => {
    const dpid = '0x00000000000000fe'
    lab.start([dpid])
    for (let round = 0; round < 20; round++) {
      const settings = ['datapath_type=netdev', `other_config:datapath-id=${dpid.slice(2)}`]
      await lab.ovs.vsctl('--no-wait', 'add-br', 'br0', '--', 'set', 'bridge', 'br0', ...settings)
      await lab.rig.secure(dpid)
      await lab.ovs.vsctl('--no-wait', 'del-br', 'br0')
      await eventually('the bridge to be gone', () => lab.rig.gone.length === round + 1)
    }
    expect(lab.rig.alarms).toEqual([])
  })

  test('becomes another datapath’s when an operator pins another id', async () => {
    const dpid = await lab.newBridge('br0')
    const other = '0x00000000000000ff'
    lab.start([dpid, other])
    await lab.rig.secure(dpid)
    await lab.ovs.vsctl('set', 'bridge', 'br0', `other_config:datapath-id=${other.slice(2)}`)
    await lab.rig.secure(other)
    expect(lab.rig.gone).toEqual([dpid])
    expect(lab.rig.bridges.has(dpid)).toBe(false)
  })
})

test('a bridge that is not registered, and a host without state, change nothing at all', async () => {
  const registered = await lab.newBridge('br0')
  await lab.newBridge('br1', 'protocols=OpenFlow10')
  await lab.ovs.vsctl('set-controller', 'br1', 'tcp:127.0.0.1:1')
  await lab.ovs.ofctl('-OOpenFlow10', 'add-flow', 'br1', 'priority=9,actions=drop')
  const before = [await dump(), await configurations(), await flows('br0'), await flows('br1')]
  lab.start()
  await lab.rig.manager.whenSynced(2_000)
  lab.rig.manager.setTunnelPorts(registered, [{ name: 'gre0', type: 'gre', options: { remote_ip: 'flow' } }])
  lab.rig.manager.setUplink(registered, 'eth0')
  await Bun.sleep(200)
  expect([await dump(), await configurations(), await flows('br0'), await flows('br1')]).toEqual(before)
  expect(lab.rig.bridges.size).toBe(0)

  // The control: once it is registered, that one changes and the other still does not.
  const untouched = await lab.ovs.vsctl('list', 'bridge', 'br1')
  lab.rig.registered.add(registered)
  lab.rig.manager.registrationsChanged()
  await lab.rig.secure(registered)
  await eventually('the tunnel port', () => lab.rig.port(registered, 'gre0'))
  expect(await lab.ovs.vsctl('list', 'bridge', 'br1')).toBe(untouched)
})

describe('two bridges with one id', () => {
  test('are both refused with an error that names both, until there is one', async () => {
    const other = await startOpenVswitch({ name: 'rival' })
    try {
      const dpid = await lab.newBridge('br0')
      await other.vsctl(
        'add-br',
        'br9',
        '--',
        'set',
        'bridge',
        'br9',
        'datapath_type=netdev',
        `other_config:datapath-id=${dpid.slice(2)}`,
      )
      lab.start([], [`unix:${other.dbSocket}`])
      await lab.rig.manager.whenSynced(2_000)
      lab.rig.registered.add(dpid)
      lab.rig.manager.registrationsChanged()
      const { problem } = await lab.rig.alarm('refused')
      expect(problem.received).toContain(`br0 of unix:${lab.ovs.dbSocket}`)
      expect(problem.received).toContain(`br9 of unix:${other.dbSocket}`)
      await Bun.sleep(50)
      expect(lab.rig.bridges.size).toBe(0)
      expect(await lab.get('br0', 'fail_mode')).toBe('[]')
      await other.vsctl('del-br', 'br9')
      expect((await lab.rig.secure(dpid)).name).toBe('br0')
    } finally {
      await other.stop()
    }
  })

  test('do not cost the one that is served its service', async () => {
    const dpid = await lab.newBridge('br0')
    lab.start([dpid])
    await lab.rig.secure(dpid)
    await lab.ovs.vsctl(
      'add-br',
      'br1',
      '--',
      'set',
      'bridge',
      'br1',
      'datapath_type=netdev',
      `other_config:datapath-id=${dpid.slice(2)}`,
    )
    const { problem } = await lab.rig.alarm('refused')
    expect(problem.what).toContain('br0 of')
    expect(problem.received).toContain('br1 of')
    expect(lab.rig.bridges.get(dpid)?.name).toBe('br0')
    expect(await lab.get('br1', 'fail_mode')).toBe('[]')
    expect(lab.rig.gone).toEqual([])
  })
})
