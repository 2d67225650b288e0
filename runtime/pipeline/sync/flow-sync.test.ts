import { afterEach, describe, expect, test } from 'bun:test'
import { silent } from '../../log.ts'
import type { Problem } from '../../problem.ts'
import { FlowPiece } from '../canonical/flow-piece.ts'
import { createEngine } from '../engine/engine.ts'
import { datapathOfPorts, flowOf, place, portFlows, TestState } from '../engine/testing.ts'
import type { SyncLimits } from './limits.ts'
import { SyncHub, type SyncHubOptions } from './sync-hub.ts'
import { MemorySwitch } from './testing.ts'
import { verifyDatapath } from './verify.ts'

const hubs: SyncHub[] = []
afterEach(() => {
  for (const hub of hubs.splice(0)) hub.close()
})

const foreign = (table: number, port: number) =>
  new FlowPiece(
    { feature: 'foreign', datapathId: 0, objectId: 1 },
    flowOf({ feature: 'foreign', datapathId: 0, objectId: 1 }, table, 7, port, 1),
  )

function world(ports: number, limits: Partial<SyncLimits> = {}, more: Partial<SyncHubOptions> = {}) {
  const state = new TestState()
  for (let id = 1; id <= ports; id++) state.put('activeInterfaces', id, place(id, 1, id))
  const engine = createEngine({
    functions: { datapath: datapathOfPorts, port: portFlows },
    state: state.view,
    onProblem: (problem) => {
      throw new Error(problem.what)
    },
  })
  engine.attach(1)
  const problems: Problem[] = []
  const hub = new SyncHub({
    engine,
    ownTables: new Set([200]),
    log: silent,
    onProblem: (problem) => void problems.push(problem),
    limits: { resyncDelayMinMs: 1, ...limits },
    ...more,
  })
  hubs.push(hub)
  const memory = new MemorySwitch()
  const push = (affected: readonly string[]) => hub.push(engine.change(affected), state.view.revision)
  const join = () => hub.join(1, memory, state.view.revision)
  const settled = () => hub.whenApplied(state.view.revision, 1_000)
  const differences = () => verifyDatapath(engine, 1, hub.get(1))
  return { state, engine, hub, memory, problems, push, join, settled, differences }
}

test('a revision is applied when what is to be there beside flows is there, too', async () => {
  let complete = false
  const { state, hub, memory, push, join, settled } = world(3, {}, { isComplete: () => complete })
  const sync = join()
  const [revision, first] = [state.view.revision, settled()]
  expect(await sync.whenApplied(revision, 50)).toBe(false)
  expect(memory.flows.size).toBe(6)
  complete = true
  push(state.put('activeInterfaces', 4, place(4, 1, 4)))
  expect(await first).toEqual({ applied: [1], pending: [] })
  expect(await settled()).toEqual({ applied: [1], pending: [] })
  expect(hub.get(1)!.appliedRevision).toBe(state.view.revision)
})

describe('a switch that joins', () => {
  test('gets what differs, loses what is foreign, keeps what it learnt', async () => {
    const { memory, join, settled, differences, hub } = world(3)
    for (const piece of [foreign(4, 1), foreign(200, 1)]) memory.flows.set(piece.key, piece.bytes)
    join()
    expect(await settled()).toEqual({ applied: [1], pending: [] })
    expect(memory.flows.size).toBe(7)
    expect(memory.flows.has(foreign(200, 1).key)).toBe(true)
    expect(memory.committed).toEqual([7])
    expect(await differences()).toEqual([])
    hub.leave(1)
    join()
    await settled()
    expect(memory.committed).toEqual([7])
  })

  test('is not touched while its datapath is not registered', async () => {
    const { memory, join, engine } = world(3)
    memory.flows.set(foreign(4, 1).key, foreign(4, 1).bytes)
    engine.detach(1)
    const sync = join()
    expect(await sync.whenApplied(0, 50)).toBe(false)
    expect([...memory.flows.keys()]).toEqual([foreign(4, 1).key])
  })

  test('gets many flows in chunks, each prefix of which is safe', async () => {
    const { memory, join, settled, differences } = world(50, { bundleFlowsMax: 30 })
    const tables: number[] = []
    const bundle = memory.bundle.bind(memory)
    memory.bundle = (messages) => {
      tables.push(...messages.map((bytes) => bytes[24]!))
      return bundle(messages)
    }
    join()
    await settled()
    expect(memory.committed).toEqual([30, 30, 30, 10])
    expect(tables).toEqual([...Array(50).fill(1), ...Array(50).fill(0)])
    expect(await differences()).toEqual([])
  })
})

describe('deltas', () => {
  test('one change is one bundle of its flows; an empty one is applied at once', async () => {
    const { state, memory, join, settled, push, hub, differences } = world(10)
    join()
    await settled()
    push(state.put('activeInterfaces', 5, place(5, 1, 105)))
    await settled()
    expect(memory.committed).toEqual([20, 4])
    push(state.put('networks', 1, { uuid: 'nw-a' }))
    expect(hub.get(1)!.appliedRevision).toBe(state.view.revision)
    expect(memory.committed).toHaveLength(2)
    expect(await differences()).toEqual([])
  })

  test('what comes while a bundle is under way goes together in the next', async () => {
    const { state, memory, join, settled, push, hub, differences } = world(3)
    join()
    await settled()
    let open = () => {}
    memory.gate = new Promise((resolve) => {
      open = resolve
    })
    for (let id = 11; id <= 15; id++) push(state.put('activeInterfaces', id, place(id, 1, id)))
    push(state.remove('activeInterfaces', 15))
    push(state.put('networks', 1, { uuid: 'nw-a' }))
    expect(await hub.whenApplied(state.view.revision, 20)).toEqual({ applied: [], pending: [1] })
    open()
    await settled()
    expect(memory.committed.slice(1)).toEqual([2, 8])
    expect(await differences()).toEqual([])
  })

  test('what comes while the switch is being read is not lost', async () => {
    const { state, memory, join, settled, push, differences } = world(3)
    let open = () => {}
    memory.gate = new Promise((resolve) => {
      open = resolve
    })
    join()
    push(state.put('activeInterfaces', 1, place(1, 1, 100)))
    push(state.remove('activeInterfaces', 2))
    open()
    await settled()
    expect(memory.committed).toEqual([4])
    expect(await differences()).toEqual([])
  })

  test('a switch without bundles gets them one by one', async () => {
    const { state, memory, join, settled, push, differences } = world(3)
    memory.hasBundles = false
    join()
    await settled()
    push(state.put('activeInterfaces', 1, place(1, 1, 100)))
    await settled()
    expect(memory.attempts).toBe(0)
    expect(await differences()).toEqual([])
  })
})

describe('a switch that refuses', () => {
  for (const names of [1, 100, 0])
    test(`costs the unit alone, when it names ${names} flows of a bundle`, async () => {
      const { state, memory, join, settled, push, problems, hub, differences } = world(20)
      memory.namesOffender = names > 0
      memory.namesMax = Math.max(1, names)
      memory.refusedCookies.add(7).add(13)
      join()
      expect(await settled()).toEqual({ applied: [1], pending: [] })
      expect(memory.flows.size).toBe(36)
      expect(problems.map(({ where }) => where.split(':')[0]!).sort()).toEqual(['port/13', 'port/7'])
      expect(hub.get(1)!.refusals).toHaveLength(2)
      push(state.put('activeInterfaces', 21, place(21, 1, 21)))
      await settled()
      expect(memory.flows.size).toBe(38)
      expect(problems).toHaveLength(2)
      memory.refusedCookies.clear()
      push(state.put('activeInterfaces', 7, place(7, 1, 107)))
      await settled()
      expect(memory.flows.size).toBe(40)
      push(state.remove('activeInterfaces', 13))
      await settled()
      expect(hub.get(1)!.refusals).toEqual([])
      expect(await differences()).toEqual([])
    })

  test('what a refused unit no longer wants goes all the same', async () => {
    const { state, memory, join, settled, push, hub } = world(2)
    join()
    await settled()
    memory.refusedCookies.add(1)
    push(state.put('activeInterfaces', 1, place(1, 1, 100)))
    await settled()
    expect(memory.flows.size).toBe(2)
    expect(hub.get(1)!.refusals.map(({ owner }) => owner)).toEqual(['port/1'])
  })

  test('a unit that changes while it is being refused is tried again', async () => {
    const { state, memory, join, settled, push, differences, hub } = world(2)
    join()
    await settled()
    memory.refusedCookies.add(1)
    const bundle = memory.bundle.bind(memory)
    memory.bundle = async (messages) => {
      const answer = await bundle(messages)
      memory.refusedCookies.clear()
      return answer
    }
    push(state.put('activeInterfaces', 1, place(1, 1, 100)))
    push(state.put('activeInterfaces', 1, place(1, 1, 101)))
    await settled()
    expect(hub.get(1)!.statistics.refusals).toBe(1)
    expect(await differences()).toEqual([])
  })

  test('an audit tries again what was refused', async () => {
    const { memory, join, settled, hub, differences } = world(4)
    memory.refusedCookies.add(2)
    join()
    await settled()
    expect(await differences()).not.toEqual([])
    memory.refusedCookies.clear()
    await hub.get(1)!.audit()
    expect(hub.get(1)!.statistics.drifts).toBe(0)
    expect(await differences()).toEqual([])
  })
})

describe('what happens behind our back', () => {
  test('no answer to a bundle: the switch is read again', async () => {
    const { state, memory, join, settled, push, differences, hub } = world(3)
    join()
    await settled()
    memory.dieAfterNext = true
    push(state.put('activeInterfaces', 9, place(9, 1, 9)))
    expect(await settled()).toEqual({ applied: [1], pending: [] })
    expect(hub.get(1)!.statistics.resyncs).toBe(2)
    expect(await differences()).toEqual([])
  })

  test('a fault of our own is reported, and the switch is read again', async () => {
    const { state, memory, join, settled, push, differences, problems } = world(3)
    join()
    await settled()
    const { bundle } = memory
    memory.bundle = () => {
      memory.bundle = bundle
      throw new Error('on purpose')
    }
    push(state.put('activeInterfaces', 9, place(9, 1, 9)))
    await settled()
    expect(problems.map(({ what }) => what)).toEqual([expect.stringContaining('on purpose')])
    expect(await differences()).toEqual([])
  })

  test('an audit repairs and counts, and says nothing about what changes on purpose meanwhile', async () => {
    const { state, memory, join, settled, push, differences, hub } = world(5)
    const sync = join()
    await settled()
    expect(await sync.audit()).toBe(0)
    memory.flows.set(foreign(4, 1).key, foreign(4, 1).bytes)
    memory.flows.delete([...memory.flows.keys()][0]!)
    let open = () => {}
    memory.gate = new Promise((resolve) => {
      open = resolve
    })
    const audit = sync.audit()
    push(state.put('activeInterfaces', 9, place(9, 1, 9)))
    push(state.remove('activeInterfaces', 3))
    open()
    expect(await audit).toBe(2)
    await settled()
    expect(await differences()).toEqual([])
    expect(hub.get(1)!.statistics.drifts).toBe(2)
  })

  test('who compares a switch that does not answer is told so', async () => {
    const { state, memory, join, settled, push, differences } = world(2, { readTimeoutMs: 20 })
    join()
    await settled()
    memory.gate = new Promise(() => {})
    push(state.put('activeInterfaces', 9, place(9, 1, 9)))
    expect(await differences()).toEqual([
      'the switch cannot be read: flow sync: the switch does not come in step',
    ])
  })

  test('audits come by themselves', async () => {
    const { memory, join, settled } = world(2, { auditIntervalMs: 10 })
    const sync = join()
    await settled()
    memory.flows.clear()
    for (let i = 0; i < 200 && sync.statistics.drifts < 4; i++) await Bun.sleep(5)
    expect(memory.flows.size).toBe(4)
  })

  test('a second synchroniser of the same switch waits for what the first one is sending', async () => {
    const { state, memory, join, settled, push, differences } = world(3)
    join()
    await settled()
    let open = () => {}
    memory.gate = new Promise((resolve) => {
      open = resolve
    })
    push(state.put('activeInterfaces', 9, place(9, 1, 9)))
    const reads = memory.reads
    join()
    push(state.remove('activeInterfaces', 9))
    await Bun.sleep(1)
    expect(memory.reads).toBe(reads)
    open()
    await settled()
    expect(memory.flows.size).toBe(6)
    expect(await differences()).toEqual([])
  })

  test('a switch that leaves answers whoever waits, and gets nothing more', async () => {
    const { state, memory, join, settled, push, hub } = world(2)
    const sync = join()
    await settled()
    memory.gate = new Promise(() => {})
    push(state.put('activeInterfaces', 9, place(9, 1, 9)))
    const waiting = sync.whenApplied(state.view.revision, 5_000)
    hub.leave(1)
    expect(await waiting).toBe(false)
    push(state.put('activeInterfaces', 10, place(10, 1, 10)))
    expect(memory.attempts).toBe(2)
    expect(hub.connected).toEqual([])
  })
})
