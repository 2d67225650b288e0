/** What the state would be after some writes: to be looked at, not to be committed. */
import { DraftTables } from './draft.ts'
import { isPlaceholder } from './draft-table.ts'
import { type AnyRow, idKey, indexColumns, readKeyOfRow, wholeTableKey } from './keys.ts'
import type { Change, Key, State, TableName, Write } from './types.ts'

export interface Overlay {
  readonly state: State
  /** The rows that differ, in no particular order; all at the revision of the state below. */
  readonly changes: readonly Change[]
  /** The keys of reads that would be answered otherwise, as `StateView.apply` answers them. */
  readonly affected: ReadonlySet<string>
}

function greatestId(state: State, name: TableName): number {
  let greatest = 0
  for (const { id } of state[name].all()) if (id > greatest) greatest = id
  return greatest
}

/**
 * The writes of a draft on top of a state, their new rows under ids that no row has: those that come next, if none was
 * deleted last. The state below must not change while the overlay is looked at. Throws where a write is of a row that is gone.
 */
export function overlayOf(state: State, writes: readonly Write[], now: number): Overlay {
  const firstIds = new Map<TableName, number>()
  const nextIds = new Map<TableName, number>()
  const takeId = (name: TableName): number => {
    const id = nextIds.get(name) ?? greatestId(state, name) + 1
    if (!firstIds.has(name)) firstIds.set(name, id)
    nextIds.set(name, id + 1)
    return id
  }
  const isNew = (name: TableName, id: number) => id >= (firstIds.get(name) ?? Number.POSITIVE_INFINITY)
  const tables = new DraftTables(state, { now, writes: [], reads: [], known: undefined, takeId, isNew })
  const ids = new Map<number, number>()
  const own = (value: Key): Key => (isPlaceholder(value) ? (ids.get(value as number) ?? value) : value)
  const ownRow = (row: Readonly<Record<string, Key>>) =>
    Object.fromEntries(Object.entries(row).map(([column, value]) => [column, own(value)]))
  for (const write of writes) {
    const table = tables.table(write.table)
    if (write.op === 'insert') ids.set(Number(write.row['id']), table.insert(ownRow(write.row)).id)
    else if (write.op === 'update') table.update(Number(own(write.id)), ownRow(write.row))
    else table.delete(Number(own(write.id)))
  }
  const changes = changesOf(tables, state.revision)
  return { state: tables as unknown as State, changes, affected: affectedBy(changes) }
}

function changesOf(tables: DraftTables, revision: number): Change[] {
  return [...tables.touched].flatMap(([table, pending]) =>
    [...pending.changes()].map((change) => ({ revision, table, ...change })),
  )
}

function affectedBy(changes: readonly Change[]): Set<string> {
  const affected = new Set<string>()
  for (const { table, id, before, after } of changes) {
    affected.add(wholeTableKey(table)).add(idKey(table, id))
    for (const row of [before, after])
      if (row !== null)
        for (const index of indexColumns[table]) affected.add(readKeyOfRow(table, index, row as AnyRow))
  }
  return affected
}
