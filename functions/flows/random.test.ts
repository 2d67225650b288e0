/** States that nobody planned: they compile, and what changes of them step by step is what is computed from nothing. */
import { expect, test } from 'bun:test'
import { stateTables } from '../../db/schema.ts'
import type { Change, TableName } from '../../db/state/types.ts'
import type { StateView } from '../../db/state/view.ts'
import { createEngine } from '../../runtime/pipeline/engine/engine.ts'
import { RandomWorld } from '../../tests/support/random-world.ts'
import { computeAll, type World } from '../../tests/support/world.ts'
import definition from './flows.ts'
import { pipeline } from './pipeline.ts'

const worlds = 100
const changingWorlds = 6
const changesEach = 120
const tableNames = Object.keys(stateTables) as TableName[]

test('random states compile, to flows that go forwards and say who made them', () => {
  const ids = new Set<number>(Object.values(pipeline.tables).map(({ id }) => id))
  let flows = 0
  for (let seed = 1; seed <= worlds; seed++) {
    const world = new RandomWorld(seed)
    const state = world.state()
    for (const { id } of world.rows('datapaths')) {
      const all = named(`seed ${seed}, datapath ${id}`, () => computeAll(state, id))
      flows += all.flows.length
      for (const { table, cookie, instructions } of all.flows) {
        expect(ids.has(table) && cookie >> 48n > 0n).toBe(true)
        for (const step of instructions)
          if (step.type === 'OFPIT_GOTO_TABLE') expect(step.table_id).toBeGreaterThan(table)
      }
    }
  }
  expect(flows).toBeGreaterThan(worlds * 100)
})

test('after every change, what the engine holds is what is computed from nothing', () => {
  let changed = 0
  for (let seed = 1; seed <= changingWorlds; seed++) {
    const world = new RandomWorld(seed)
    const view = world.state() as StateView
    const problems: string[] = []
    const onProblem = (problem: unknown) => void problems.push(JSON.stringify(problem))
    const engine = createEngine({ functions: definition.features, state: view, onProblem })
    for (const { id } of world.rows('datapaths')) engine.attach(id)
    for (let step = 0; step < changesEach; step++) {
      const before = rowsOf(world)
      world.change()
      const deltas = engine.change(view.apply(changesBetween(before, rowsOf(world), view.revision)))
      if (deltas.size > 0) changed++
      for (const { id } of world.rows('datapaths'))
        expect({ seed, step, id, differences: engine.compare(id) }).toEqual({
          seed,
          step,
          id,
          differences: [],
        })
    }
    expect(problems).toEqual([])
  }
  expect(changed).toBeGreaterThan((changingWorlds * changesEach) / 4)
})

function named<T>(name: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw new Error(`${name}: ${error}`)
  }
}

type Rows = ReadonlyMap<string, Readonly<Record<string, never>> & { readonly id: number }>

const rowsOf = (world: World): Rows =>
  new Map(tableNames.flatMap((table) => world.rows(table).map((row) => [`${table} ${row.id}`, row as never])))

function changesBetween(before: Rows, after: Rows, revision: number): Change[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])].filter(
    (key) => before.get(key) !== after.get(key),
  )
  return keys.map((key, i) => {
    const [table, id] = key.split(' ') as [TableName, string]
    const copy = (row: Change['after'] | undefined) => (row ? structuredClone(row) : null)
    return {
      revision: revision + 1 + i,
      table,
      id: Number(id),
      before: copy(before.get(key)),
      after: copy(after.get(key)),
    }
  })
}
