/** States that nobody planned: they compile, and what changes of them step by step is what is computed from nothing. */
import { expect, test } from 'bun:test'
import { stateTables } from '../../db/schema.ts'
import { overlayOf } from '../../db/state/overlay.ts'
import { type Change, firstPlaceholder, type TableName, type Write } from '../../db/state/types.ts'
import type { StateView } from '../../db/state/view.ts'
import { createEngine } from '../../runtime/pipeline/engine/engine.ts'
import { deltaLines, foresee } from '../../runtime/pipeline/engine/testing-what-if.ts'
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

test('every change is foreseen as it comes; after it, what the engine holds is what is computed from nothing', () => {
  let changed = 0
  for (let seed = 1; seed <= changingWorlds; seed++) {
    const world = new RandomWorld(seed)
    const view = world.state() as StateView
    const problems: string[] = []
    const onProblem = (problem: unknown) => void problems.push(JSON.stringify(problem))
    const engine = createEngine({ functions: definition.features, state: view, onProblem })
    for (const { id } of world.rows('datapaths')) engine.attach(id)
    for (let step = 0; step < changesEach; step++) {
      const changes = changeOf(world, view.revision)
      const imagined = overlayOf(view, writesOf(changes), 0)
      const watched = sameIds(changes, imagined.changes) ? [...engine.attached] : []
      // One that another host serves is computed from nothing for it.
      const elsewhere = () => createEngine({ functions: definition.features, state: view, onProblem })
      const foreseeing = step % 20 === 0 ? elsewhere() : engine
      const foreseen = new Map(watched.map((id) => [id, foresee(foreseeing, id, imagined)] as const))
      const deltas = engine.change(view.apply(changes))
      if (deltas.size > 0) changed++
      for (const [id, { delta }] of foreseen)
        expect({ seed, step, id, foreseen: deltaLines(delta) }).toEqual({
          seed,
          step,
          id,
          foreseen: deltaLines(deltas.get(id)),
        })
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

/** Of a table whose last row was deleted before, nobody knows which id comes next. */
function sameIds(changes: readonly Change[], imagined: readonly Change[]): boolean {
  const named = new Set(imagined.map(({ table, id }) => `${table} ${id}`))
  return changes.every(({ table, id }) => named.has(`${table} ${id}`))
}

/** What an API function would have written, had it made these changes. */
const writesOf = (changes: readonly Change[]): Write[] =>
  changes.map(({ table, id, before, after }): Write => {
    if (after === null) return { op: 'delete', table, id }
    return before === null
      ? { op: 'insert', table, row: { ...after, id: firstPlaceholder - id } }
      : { op: 'update', table, id, row: after }
  })

function named<T>(name: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw new Error(`${name}: ${error}`)
  }
}

/** Of some rows: what the schema does not allow changes none. */
function changeOf(world: RandomWorld, revision: number): Change[] {
  for (;;) {
    const before = rowsOf(world)
    world.change()
    const changes = changesBetween(before, rowsOf(world), revision)
    if (changes.length > 0) return changes
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
