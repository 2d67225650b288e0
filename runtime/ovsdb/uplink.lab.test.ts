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
  ovs = await startOpenVswitch({ name: 'uplink' })
})
beforeEach(() => addBridge('br0', dpid))
afterEach(async () => {
  rig?.manager.close()
  for (const name of (await ovs.vsctl('list-br')).split('\n')) await ovs.vsctl('--if-exists', 'del-br', name)
})
afterAll(async () => {
  await ovs?.stop()
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
