import { expect, test } from 'bun:test'
import { silent } from '../../../runtime/log.ts'
import type { Effect } from '../../../runtime/openvnet.ts'
import { World } from '../../../tests/support/world.ts'
import leases from './leases.ts'

/** Ports of datapaths 1 and 2 to VLAN 100 of one network and to VLAN 200 of another, served by the first. */
function someTrunks(leased: boolean) {
  const world = new World()
  const networks = [world.network(), world.network()]
  for (let n = 1; n <= 2; n++) world.add('datapaths', { dpid: `0x${n}` })
  const trunks = [1, 2].map((datapathId) => {
    const trunk = world.trunk(networks[0]!, 100)
    world.vlan(trunk.translation, networks[1]!, 200)
    world.plug(trunk.id, datapathId, 10)
    return trunk
  })
  for (const [i, network] of networks.entries())
    world.add('activeVlans', {
      ...{ network_id: network.id, vlan_id: 100 * (i + 1) },
      ...{ interface_id: trunks[0]!.id, datapath_id: 1, leased },
    })
  return world
}

/** The dpids of the flows that a host puts which serves these datapaths. */
function put(world: World, connected: readonly number[], unheardMs = 0): string[] {
  const applied = new Map(connected.map((id) => [id, 1]))
  const switches = { applied, here: new Set(connected), silentMs: new Map(), undeletedMs: 0, unheardMs }
  const env = { state: world.state(), now: 0, random: () => 0, log: silent, switches, draft: () => null }
  const effects = leases.handle(env as never) as readonly Effect[] | undefined
  return (effects ?? []).map((effect) => {
    if (effect.type !== 'put-flow') throw new Error(effect.type)
    expect(effect.hardSeconds).toBe(6)
    return effect.dpid
  })
}

test('of each VLAN that others could serve, too, the one that does is told so: in and out', () => {
  expect(put(someTrunks(true), [1, 2])).toEqual(['0x1', '0x1', '0x1', '0x1'])
})

test('nobody is told who is alone, or not connected, or by a host that the others may take for dead', () => {
  expect(put(someTrunks(false), [1, 2])).toEqual([])
  expect(put(someTrunks(true), [2])).toEqual([])
  expect(put(someTrunks(true), [1, 2], 2_500)).toEqual([])
  expect(put(someTrunks(true), [1, 2], 1_500)).toHaveLength(4)
})
