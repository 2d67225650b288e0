import { describe, expect, test } from 'bun:test'
import { eventually } from '../../tests/support/open-vswitch.ts'
import { useOpenVswitch } from './testing-open-vswitch.ts'

const lab = useOpenVswitch('create')

describe('createBridge', () => {
  test('makes a bridge with its id pinned, secure from the first moment, once', async () => {
    const dpid = '0x00000000000000c1'
    lab.start([dpid])
    await lab.rig.manager.whenSynced(2_000)
    const make = () => lab.rig.manager.createBridge({ name: 'brnew', dpid, datapathType: 'netdev' })
    expect(await make()).toEqual({ ok: true, value: 'made' })
    expect(await make()).toEqual({ ok: true, value: 'there' })
    await lab.rig.secure(dpid)
    expect(await lab.get('brnew', 'datapath_id')).toBe(dpid.slice(2))
    expect(await lab.get('brnew', 'datapath_type')).toBe('netdev')
    await eventually('its port', () => lab.rig.port(dpid, 'brnew')?.portNumber === 65534)
  })

  test('refuses a name or an id that another bridge has, and what is no name', async () => {
    const dpid = await lab.newBridge('br0')
    lab.start()
    await lab.rig.manager.whenSynced(2_000)
    for (const wrong of [
      { name: 'br0', dpid: '0x00000000000000c2' },
      { name: 'br1', dpid },
      { name: '../br', dpid: '0x00000000000000c2' },
      { name: 'br1', dpid: 'zz' },
    ])
      expect((await lab.rig.manager.createBridge(wrong)).ok).toBe(false)
    expect(await lab.ovs.vsctl('list-br')).toBe('br0')
  })
})
