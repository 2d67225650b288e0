import { expect, test } from 'bun:test'
import { createLogger } from '../../log.ts'
import type { FlowFunction } from '../flow.ts'
import { SyncHub } from '../sync/sync-hub.ts'
import { MemorySwitch } from '../sync/testing.ts'
import { createEngine } from './engine.ts'
import { Recheck, type RecheckLimits } from './recheck.ts'
import { datapathOfPorts, flowOf, place, TestState } from './testing.ts'

/** What flow functions must not look at: nothing tells when it changes. */
interface Hidden {
  output: number
  portsMax: number
  fails: boolean
}

/** A datapath with ports, on a switch, whose functions depend on what no state knows of. */
function world(ports: number, limits: Partial<RecheckLimits> = {}) {
  const hidden: Hidden = { output: 1, portsMax: 100, fails: false }
  const state = new TestState()
  for (let id = 1; id <= ports; id++) state.put('activeInterfaces', id, place(id, 1, id))
  const port: FlowFunction = (unit) => {
    if (hidden.fails) throw new Error('by intent')
    // One of them twice: the second is refused, and no difference.
    const flow = flowOf(unit, 0, 100, unit.objectId, hidden.output)
    return { flows: unit.objectId === 2 ? [flow, flow] : [flow] }
  }
  const datapath: FlowFunction = (unit, of) => {
    const { children = [], flows } = datapathOfPorts(unit, of)
    // Itself is refused too.
    return { flows, children: [unit, ...children.slice(0, hidden.portsMax)] }
  }
  const engine = createEngine({ functions: { datapath, port }, state: state.view, onProblem() {} })
  engine.attach(1)
  const logged: Record<string, unknown>[] = []
  const log = createLogger('info', (line) => void logged.push(JSON.parse(line)), false)
  const hub = new SyncHub({ engine, ownTables: new Set(), log, onProblem() {} })
  const settle = () => hub.push(engine.settle(), state.view.revision)
  const recheck = new Recheck({ engine, settle, log, limits })
  const memory = new MemorySwitch()
  hub.join(1, memory, state.view.revision)
  const errors = () => logged.filter(({ level }) => level === 'error')
  return { hidden, state, engine, recheck, memory, errors, hub }
}

const until = async (condition: () => boolean) => {
  for (const end = Date.now() + 4_000; Date.now() < end && !condition(); ) await Bun.sleep(1)
  expect(condition()).toBe(true)
}

test('what is right is left alone, and nothing is said', async () => {
  const { engine, recheck, errors, state } = world(20)
  expect(await recheck.run(1)).toBe(0)
  engine.change(state.put('activeInterfaces', 7, place(7, 1, 8)))
  expect(await recheck.run(1)).toBe(0)
  expect(errors()).toEqual([])
  expect(await recheck.run(2)).toBe(0)
})

test('a unit that depends on what nobody tells of is put right, in the switch too, counted and named', async () => {
  const { hidden, engine, recheck, memory, errors, hub } = world(20)
  await until(() => memory.flows.size === 20)
  hidden.output = 5
  // The deltas of others do not bring it.
  expect(engine.change([]).size).toBe(0)
  const before = [...memory.flows.values()]
  expect(await recheck.run(1)).toBe(20)
  await until(() => [...memory.flows.values()].every((flow) => !before.includes(flow)))
  expect(recheck.repaired).toBe(20)
  expect(errors().length).toBe(11)
  expect(errors()[0]).toMatchObject({ unit: 'port 1 on datapath 1' })
  expect(errors().at(-1)).toMatchObject({ units: 10 })
  expect(engine.compare(1).filter(({ kind }) => kind !== 'problem')).toEqual([])
  expect(await recheck.run(1)).toBe(0)
  hub.close()
})

test('so are children that went or came', async () => {
  const { hidden, recheck, engine } = world(20)
  hidden.portsMax = 3
  expect(await recheck.run(1)).toBe(1)
  expect(engine.unitCount(1)).toBe(4)
  hidden.portsMax = 10
  expect(await recheck.run(1)).toBe(1)
  expect(engine.unitCount(1)).toBe(11)
})

test('a unit that failed once is tried again; one that fails still keeps what it has', async () => {
  const { hidden, state, recheck, engine } = world(3)
  hidden.fails = true
  engine.change(state.put('activeInterfaces', 4, place(4, 1, 4)))
  expect(engine.desired(1)!.flows.size).toBe(3)
  await recheck.run(1)
  expect(engine.desired(1)!.flows.size).toBe(3)
  expect(await recheck.run(1)).toBe(0)
  hidden.fails = false
  expect(await recheck.run(1)).toBe(4)
  expect(engine.desired(1)!.flows.size).toBe(4)
})

test('it gives way to others, and changes meanwhile do no harm', async () => {
  const { hidden, state, recheck, engine } = world(50, { sliceMs: 0 })
  hidden.output = 9
  const running = recheck.run(1)
  for (let id = 1; id <= 10; id++) {
    await Bun.sleep(0)
    engine.change(state.remove('activeInterfaces', id))
  }
  engine.change(state.put('activeInterfaces', 99, place(99, 1, 99)))
  await running
  expect(engine.compare(1).filter(({ kind }) => kind !== 'problem')).toEqual([])
  expect(engine.desired(1)!.flows.size).toBe(41)
})

test('a datapath that is given up meanwhile is not gone through to its end, and nothing of it was wrong', async () => {
  const { hidden, engine, recheck, errors } = world(50, { sliceMs: 0 })
  const running = recheck.run(1)
  await Bun.sleep(0)
  hidden.output = 9
  engine.detach(1)
  expect(await running).toBe(0)
  expect(errors()).toEqual([])
})

test('it comes by itself, to every datapath', async () => {
  const { hidden, engine, recheck } = world(2, { intervalMs: 1 })
  engine.attach(2)
  recheck.start()
  hidden.output = 7
  await until(() => recheck.repaired === 2)
  recheck.stop()
})
