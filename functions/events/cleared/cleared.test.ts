import { expect, test } from 'bun:test'
import { createDraft } from '../../../db/state/draft.ts'
import { silent } from '../../../runtime/log.ts'
import { World } from '../../../tests/support/world.ts'
import cleared from './cleared.ts'

const dpid = '0x0000000000000001'

test('a deleted datapath is forgotten once it is cleared, and not one that was deleted after that', () => {
  const world = new World()
  const { id } = world.add('deletedDatapaths', { dpid, uplink_port_name: null })
  const { draft } = createDraft(world.state(), 0)
  const env = { state: draft, now: 0, random: () => 0, log: silent }
  const happens = (deletedId: number) =>
    cleared.handle({ type: 'datapath-cleared', dpid, deletedId }, env as never)
  happens(id - 1)
  expect(draft.deletedDatapaths.size).toBe(1)
  happens(id)
  happens(id)
  expect(draft.deletedDatapaths.size).toBe(0)
})
