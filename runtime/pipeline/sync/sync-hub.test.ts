import { expect, test } from 'bun:test'
import { silent } from '../../log.ts'
import { createEngine } from '../engine/engine.ts'
import { datapathOfPorts, flowOf, place, TestState } from '../engine/testing.ts'
import { SyncHub } from './sync-hub.ts'
import { MemorySwitch } from './testing.ts'

test('who joins a hub that is closed is sent nothing, and counts as connected no more', async () => {
  const state = new TestState()
  state.put('activeInterfaces', 1, place(1, 1, 1))
  const engine = createEngine({
    functions: { datapath: datapathOfPorts, port: (unit) => ({ flows: [flowOf(unit, 0, 100, 1, 1)] }) },
    state: state.view,
    onProblem() {},
  })
  engine.attach(1)
  const hub = new SyncHub({ engine, ownTables: new Set(), log: silent, onProblem() {} })
  const before = new MemorySwitch()
  expect(await hub.join(1, before, 1).whenApplied(1, 2_000)).toBe(true)
  expect(before.flows.size).toBe(1)
  hub.close()
  const after = new MemorySwitch()
  const sync = hub.join(1, after, 1)
  expect(await sync.whenApplied(1, 2_000)).toBe(false)
  await sync.idle
  expect(after.flows.size).toBe(0)
  expect(hub.connected).toEqual([])
})
