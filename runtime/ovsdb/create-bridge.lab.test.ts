import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { eventually, type OpenVswitch, startOpenVswitch } from '../../tests/support/open-vswitch.ts'
import { type OvsdbRig, startOvsdbRig } from '../../tests/support/ovsdb-rig.ts'

let ovs: OpenVswitch
let rig: OvsdbRig
let count = 0x100

const start = (...registered: string[]) => (rig = startOvsdbRig([`unix:${ovs.dbSocket}`], registered))

/** A bridge in Open vSwitch's default state but for its id. */
async function bridge(name: string, ...settings: string[]) {
  const digits = (++count).toString(16).padStart(16, '0')
  const settingsOfBridge = ['datapath_type=netdev', `other_config:datapath-id=${digits}`, ...settings]
  await ovs.vsctl('add-br', name, '--', 'set', 'bridge', name, ...settingsOfBridge)
  await ovs.mgmt(name)
  return `0x${digits}`
}

const get = async (name: string, column: string) =>
  (await ovs.vsctl('get', 'bridge', name, column)).replaceAll('"', '')

beforeAll(async () => {
  ovs = await startOpenVswitch({ name: 'create' })
})
afterEach(async () => {
  rig?.manager.close()
  for (const name of (await ovs.vsctl('list-br')).split('\n'))
    if (name !== '') await ovs.vsctl('del-br', name)
})
afterAll(async () => {
  await ovs?.stop()
})

describe('createBridge', () => {
  test('makes a bridge with its id pinned, secure from the first moment, once', async () => {
    const dpid = '0x00000000000000c1'
    start(dpid)
    await rig.manager.whenSynced(2_000)
    const make = () => rig.manager.createBridge({ name: 'brnew', dpid, datapathType: 'netdev' })
    expect(await make()).toEqual({ ok: true, value: undefined })
    expect(await make()).toEqual({ ok: true, value: undefined })
    await rig.secure(dpid)
    expect(await get('brnew', 'datapath_id')).toBe(dpid.slice(2))
    expect(await get('brnew', 'datapath_type')).toBe('netdev')
    await eventually('its port', () => rig.port(dpid, 'brnew')?.portNumber === 65534)
  })

  test('refuses a name or an id that another bridge has, and what is no name', async () => {
    const dpid = await bridge('br0')
    start()
    await rig.manager.whenSynced(2_000)
    for (const wrong of [
      { name: 'br0', dpid: '0x00000000000000c2' },
      { name: 'br1', dpid },
      { name: '../br', dpid: '0x00000000000000c2' },
      { name: 'br1', dpid: 'zz' },
    ])
      expect((await rig.manager.createBridge(wrong)).ok).toBe(false)
    expect(await ovs.vsctl('list-br')).toBe('br0')
  })
})
