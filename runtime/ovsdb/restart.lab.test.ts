import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { eventually, type OpenVswitch, startOpenVswitch } from '../../tests/support/open-vswitch.ts'
import { type OvsdbRig, startOvsdbRig } from '../../tests/support/ovsdb-rig.ts'
import type { TunnelPort } from './tunnels.ts'

const dpid = '0x00000000000000d1'
const flowBased = { remote_ip: 'flow', key: 'flow' }
const gre: TunnelPort = { name: 'gre0', type: 'gre', options: flowBased }
const vxlan: TunnelPort = { name: 'vxlan0', type: 'vxlan', options: flowBased }

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
  ovs = await startOpenVswitch({ name: 'restart' })
})
beforeEach(() => addBridge('br0', dpid))
afterEach(async () => {
  rig?.manager.close()
  for (const name of (await ovs.vsctl('list-br')).split('\n')) await ovs.vsctl('--if-exists', 'del-br', name)
})
afterAll(async () => {
  await ovs?.stop()
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
