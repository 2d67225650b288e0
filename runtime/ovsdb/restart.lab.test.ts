import { describe, expect, test } from 'bun:test'
import { eventually } from '../../tests/support/open-vswitch.ts'
import { dpid, useBridge } from './testing-open-vswitch.ts'
import type { TunnelPort } from './tunnels.ts'

const lab = useBridge('restart')

const flowBased = { remote_ip: 'flow', key: 'flow' }
const gre: TunnelPort = { name: 'gre0', type: 'gre', options: flowBased }
const vxlan: TunnelPort = { name: 'vxlan0', type: 'vxlan', options: flowBased }

describe('daemons that die', () => {
  test('ovsdb-server: what is adopted stays, and what changed meanwhile is caught up with', async () => {
    await lab.addPort('tap1')
    lab.start([dpid])
    await lab.rig.secure(dpid)
    lab.rig.manager.setTunnelPorts(dpid, [gre])
    await lab.numbered('gre0')
    await lab.ovs.killOvsdb()
    await eventually('the loss to be noticed', () => lab.rig.manager.status()[0]!.connected === false)
    lab.rig.manager.setTunnelPorts(dpid, [vxlan])
    expect(lab.rig.manager.status()[0]!.adopted).toEqual([dpid])
    await lab.ovs.startOvsdb()
    await lab.ovs.vsctl('--no-wait', 'set', 'interface', 'tap1', 'external_ids:iface-id=vm-1')
    await eventually('the change', () => lab.rig.port(dpid, 'tap1')?.ifaceId === 'vm-1')
    await lab.numbered('vxlan0')
    await eventually('the other tunnel to go', async () => (await lab.ports()).join() === 'tap1,vxlan0')
    expect(lab.rig.gone).toEqual([])
    expect(lab.rig.flushed).toEqual([])
    expect(lab.rig.manager.status()[0]!.connected).toBe(true)
  })

  test('ovs-vswitchd: the bridge stays adopted, and is secure when it comes back', async () => {
    await lab.addPort('tap1')
    lab.start([dpid])
    await lab.rig.secure(dpid)
    await lab.numbered('tap1')
    await lab.ovs.killVswitchd()
    await lab.ovs.vsctl('--no-wait', 'set-fail-mode', 'br0', 'standalone')
    await eventually('the drift', () => lab.rig.bridges.get(dpid)?.failModeSecure === false)
    await lab.rig.alarm('drift')
    // Nobody can have carried it out yet.
    await Bun.sleep(100)
    expect(lab.rig.bridges.get(dpid)?.failModeSecure).toBe(false)
    await lab.ovs.startVswitchd()
    await lab.rig.secure(dpid)
    await lab.numbered('tap1')
    await eventually(
      'a secure bridge without flows',
      async () => !(await lab.ovs.ofctl('dump-flows', 'br0')).includes('NORMAL'),
    )
  })
})
