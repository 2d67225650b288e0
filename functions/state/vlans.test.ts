import { expect, test } from 'bun:test'
import { createDraft } from '../../db/state/draft.ts'
import type { Draft } from '../../runtime/openvnet.ts'
import { World } from '../../tests/support/world.ts'
import { deriveActiveVlans } from './vlans.ts'

/** Trunk ports of datapaths, all to VLAN 100 of one network. */
function trunks(...datapathIds: readonly number[]) {
  const world = new World()
  const network = world.network()
  for (let i = 0; i < 3; i++) world.add('datapaths', {})
  const interfaceIds = datapathIds.map((datapathId, i) => {
    const { id } = world.trunk(network, 100)
    world.plug(id, datapathId, 10 + i)
    return id
  })
  const { draft } = createDraft(world.state(), 0)
  const derive = () => deriveActiveVlans(draft, [network.id])
  derive()
  return { draft, derive, interfaceIds }
}

const row = (draft: Draft) => draft.activeVlans.one('vlan', 1, 100)!
const servedBy = (draft: Draft) => {
  const { interface_id, datapath_id, leased } = row(draft)
  return [interface_id, datapath_id, leased]
}
const unplug = (draft: Draft, interfaceId: number) => {
  for (const { id } of [...draft.activeInterfaces.many('interface', interfaceId)])
    draft.activeInterfaces.delete(id)
}

test('a port that is alone serves at once, and needs no lease', () => {
  const { draft, interfaceIds } = trunks(1)
  expect(servedBy(draft)).toEqual([interfaceIds[0]!, 1, false])
})

test('of two the first serves, and the second waits when that is gone', () => {
  const { draft, derive, interfaceIds } = trunks(1, 2)
  const [first, second] = interfaceIds as [number, number]
  expect(servedBy(draft)).toEqual([first, 1, true])
  unplug(draft, first)
  derive()
  // Its switch was never seen to have flows that lapse.
  expect(servedBy(draft)).toEqual([null, 1, false])
  expect(draft.activeInterfaces.one('pair', second, 2)).toBeDefined()
})

test('one whose switch has flows that lapse is known to fall silent', () => {
  const { draft, derive, interfaceIds } = trunks(1, 2)
  draft.activeVlans.update(row(draft).id, { known_revision: 7, acknowledged: true })
  derive()
  expect(row(draft).acknowledged).toBe(true)
  unplug(draft, interfaceIds[0]!)
  derive()
  expect(row(draft)).toMatchObject({
    interface_id: null,
    leased: true,
    acknowledged: false,
    known_revision: null,
  })
})

test('on one datapath another port goes on at once', () => {
  const { draft, derive, interfaceIds } = trunks(1, 1, 2)
  unplug(draft, interfaceIds[0]!)
  derive()
  expect(servedBy(draft)).toEqual([interfaceIds[1]!, 1, true])
})

test('who serves goes on when others come and go; with the last of those it needs no lease', () => {
  const { draft, derive, interfaceIds } = trunks(2, 1)
  unplug(draft, interfaceIds[1]!)
  derive()
  expect(servedBy(draft)).toEqual([interfaceIds[0]!, 2, false])
})

test('one whose cable is pulled serves no more where another has one; where none has, nothing changes', () => {
  const { draft, derive, interfaceIds } = trunks(1, 2)
  draft.activeVlans.update(row(draft).id, { known_revision: 7, acknowledged: true })
  const cables = [1, 2].map((datapath_id, i) => {
    const names = { port_name: `p${i}`, port_number: 10 + i }
    const [place] = draft.activeInterfaces.many('interface', interfaceIds[i]!)
    draft.activeInterfaces.update(place!.id, names)
    return draft.activePorts.insert({ datapath_id, ...names })
  })
  const pull = (which: number, linked = false) => {
    draft.activePorts.update(cables[which]!.id, { linked })
    derive()
    return servedBy(draft)
  }
  expect(pull(0)).toEqual([null, 1, true])
  // It was for a moment.
  expect(pull(0, true)).toEqual([interfaceIds[0]!, 1, true])
  expect(pull(1)).toEqual([interfaceIds[0]!, 1, true])
  expect(pull(0)).toEqual([interfaceIds[0]!, 1, true])
})
