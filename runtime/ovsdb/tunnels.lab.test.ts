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
  ovs = await startOpenVswitch({ name: 'tunnels' })
})
beforeEach(() => addBridge('br0', dpid))
afterEach(async () => {
  rig?.manager.close()
  for (const name of (await ovs.vsctl('list-br')).split('\n')) await ovs.vsctl('--if-exists', 'del-br', name)
})
afterAll(async () => {
  await ovs?.stop()
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
