import { describe, expect, test } from 'bun:test'
import { eventually } from '../../tests/support/open-vswitch.ts'
import { dpid, useBridge } from './testing-open-vswitch.ts'
import type { TunnelPort } from './tunnels.ts'

const lab = useBridge('tunnels')

const flowBased = { remote_ip: 'flow', key: 'flow' }
const gre: TunnelPort = { name: 'gre0', type: 'gre', options: flowBased }
const vxlan: TunnelPort = { name: 'vxlan0', type: 'vxlan', options: flowBased }
const geneve: TunnelPort = { name: 'geneve0', type: 'geneve', options: flowBased }

describe('tunnel ports', () => {
  test('are made, changed, and removed as the list says', async () => {
    await lab.addPort('tap1')
    lab.start([dpid])
    lab.rig.manager.setTunnelPorts(dpid, [gre, vxlan, geneve])
    for (const { name } of [gre, vxlan, geneve]) await lab.numbered(name)
    expect(await lab.ports()).toEqual(['geneve0', 'gre0', 'tap1', 'vxlan0'])
    expect(await lab.ovs.vsctl('get', 'port', 'gre0', 'external_ids')).toBe('{openvnet=tunnel}')
    expect(await lab.ovs.vsctl('get', 'interface', 'gre0', 'type', 'options')).toBe(
      'gre\n{key=flow, remote_ip=flow}',
    )

    const elsewhere = { ...gre, options: { remote_ip: '192.0.2.7' } }
    lab.rig.manager.setTunnelPorts(dpid, [elsewhere])
    await eventually('one tunnel', async () => (await lab.ports()).join() === 'gre0,tap1')
    await eventually(
      'its options',
      async () => (await lab.ovs.vsctl('get', 'interface', 'gre0', 'options')) === '{remote_ip="192.0.2.7"}',
    )
    lab.rig.manager.setTunnelPorts(dpid, [])
    await eventually('no tunnel', async () => (await lab.ports()).join() === 'tap1')
    expect(lab.rig.alarms).toEqual([])
  })

  test('that are as they should be cost no transaction', async () => {
    lab.start([dpid])
    lab.rig.manager.setTunnelPorts(dpid, [gre, vxlan])
    await lab.numbered('gre0')
    await lab.numbered('vxlan0')
    await lab.rig.secure(dpid)
    const configuration = () => lab.ovs.vsctl('--columns=next_cfg', 'list', 'open_vswitch')
    const before = await configuration()
    lab.rig.manager.setTunnelPorts(dpid, [vxlan, gre])
    lab.rig.manager.close()
    lab.start([dpid])
    lab.rig.manager.setTunnelPorts(dpid, [gre, vxlan])
    await lab.numbered('gre0')
    await Bun.sleep(100)
    expect(await configuration()).toBe(before)
  })

  test('are repaired when somebody changes or removes them', async () => {
    lab.start([dpid])
    lab.rig.manager.setTunnelPorts(dpid, [gre, vxlan])
    await lab.numbered('gre0')
    await lab.numbered('vxlan0')
    await lab.ovs.vsctl('del-port', 'gre0', '--', 'set', 'interface', 'vxlan0', 'options:remote_ip=192.0.2.1')
    await eventually('the port', async () => (await lab.ports()).join() === 'gre0,vxlan0')
    await eventually(
      'the options',
      async () => (await lab.ovs.vsctl('get', 'interface', 'vxlan0', 'options:remote_ip')) === 'flow',
    )
    await lab.numbered('gre0')
  })

  test('never replace or remove a port that somebody else made', async () => {
    await lab.ovs.vsctl(
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
    await lab.addBridge('br1', '0x00000000000000d2')
    await lab.ovs.vsctl('add-port', 'br1', 'vxlan0', '--', 'set', 'interface', 'vxlan0', 'type=internal')
    const before = [
      await lab.ovs.vsctl('list', 'port', 'gre0'),
      await lab.ovs.vsctl('list', 'port', 'vxlan0'),
    ]
    lab.start([dpid])
    lab.rig.manager.setTunnelPorts(dpid, [gre, vxlan, geneve])
    await lab.numbered('geneve0')
    await eventually('two alarms', () => lab.rig.alarms.length === 2)
    expect(lab.rig.alarms.map(({ kind, problem }) => [kind, problem.where])).toEqual([
      ['tunnel', 'br0/gre0'],
      ['tunnel', 'br0/vxlan0'],
    ])
    lab.rig.manager.setTunnelPorts(dpid, [])
    await eventually('our tunnel to go', async () => (await lab.ports()).join() === 'gre0')
    expect([
      await lab.ovs.vsctl('list', 'port', 'gre0'),
      await lab.ovs.vsctl('list', 'port', 'vxlan0'),
    ]).toEqual(before)
  })

  test('that Open vSwitch cannot make are reported', async () => {
    await lab.ovs.vsctl(
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
    lab.start([dpid])
    lab.rig.manager.setTunnelPorts(dpid, [gre])
    const alarm = await lab.rig.alarm('tunnel')
    expect(alarm.problem).toMatchObject({
      where: 'br0/gre0',
      received: expect.stringContaining('File exists'),
    })
    expect(lab.rig.port(dpid, 'gre0')).toMatchObject({ portNumber: null })
  })
})
