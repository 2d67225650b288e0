import { describe, expect, test } from 'bun:test'
import { eventually } from '../../tests/support/open-vswitch.ts'
import { dpid, useBridge } from './testing-open-vswitch.ts'

const lab = useBridge('uplink')

describe('the uplink', () => {
  test('is recorded in the bridge, and known again without any state', async () => {
    await lab.addPort('eth9')
    lab.start([dpid])
    lab.rig.manager.setUplink(dpid, 'eth9')
    await eventually('the record', () => lab.rig.bridges.get(dpid)?.uplink === 'eth9')
    const { portNumber } = await lab.numbered('eth9')
    lab.rig.manager.close()

    lab.start()
    await lab.rig.manager.whenSynced(2_000)
    const known = [
      { dpid, bridge: 'br0', openflowAddress: `unix:${lab.ovs.dir}/br0.mgmt`, portName: 'eth9', portNumber },
    ]
    expect(lab.rig.manager.bootstrapUplinks()).toEqual(known)
    await eventually('the callback', () => lab.rig.uplinks.length > 0)
    expect(lab.rig.uplinks.at(-1)).toEqual(known)
    await lab.ovs.vsctl('set-fail-mode', 'br0', 'standalone')
    await eventually('a bridge that is not secure to be left out', () => lab.rig.uplinks.at(-1)!.length === 0)
  })

  test('that others record is put right, and forgotten when asked', async () => {
    lab.start([dpid])
    lab.rig.manager.setUplink(dpid, 'eth9')
    await eventually('the record', () => lab.rig.bridges.get(dpid)?.uplink === 'eth9')
    await lab.ovs.vsctl(
      'set',
      'bridge',
      'br0',
      'external_ids:openvnet-uplink=tap1',
      'external_ids:other=kept',
    )
    await eventually('the repair', async () =>
      (await lab.ovs.vsctl('get', 'bridge', 'br0', 'external_ids')).includes('eth9'),
    )
    lab.rig.manager.setUplink(dpid, null)
    await eventually(
      'no record',
      async () => (await lab.ovs.vsctl('get', 'bridge', 'br0', 'external_ids')) === '{other=kept}',
    )
  })
})
