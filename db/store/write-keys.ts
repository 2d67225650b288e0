/** The read keys that a job's writes touch, before they are made: what jobs after it in the same group are held against. */
import { type AnyRow, idKey, indexColumns, readKeyOfRow, wholeTableKey } from '../state/keys.ts'
import { children } from '../state/relations.ts'
import type { Key, State, TableName, Write } from '../state/types.ts'

interface Rows {
  get(id: number): AnyRow | undefined
  many(index: string, ...key: Key[]): readonly AnyRow[]
}

const rowsOf = (state: State, table: TableName): Rows => state[table] as unknown as Rows

function keysOfRow(table: TableName, row: AnyRow, keys: Set<string>): void {
  keys.add(wholeTableKey(table)).add(idKey(table, row.id))
  for (const index of indexColumns[table]) keys.add(readKeyOfRow(table, index, row))
}

/**
 * Adds the keys of every row that the writes insert, change or take along, as far as the current state knows it. Rows of an
 * earlier job in the same group are not in it, but that job has added their keys already.
 */
export function addWriteKeys(current: () => State, writes: readonly Write[], keys: Set<string>): void {
  for (const write of writes) {
    if (write.op === 'insert') {
      keysOfRow(write.table, write.row as AnyRow, keys)
      continue
    }
    const state = current()
    const before = rowsOf(state, write.table).get(write.id)
    if (before === undefined) continue
    keysOfRow(write.table, before, keys)
    if (write.op === 'update') keysOfRow(write.table, { ...before, ...write.row } as AnyRow, keys)
    else addCascade(state, write.table, before, keys)
  }
}

function addCascade(state: State, table: TableName, row: AnyRow, keys: Set<string>): void {
  for (const { table: childTable, index, onDelete } of children[table]) {
    if (onDelete === 'refuse') continue
    for (const child of rowsOf(state, childTable).many(index, row.id)) {
      keysOfRow(childTable, child, keys)
      if (onDelete === 'cascade') addCascade(state, childTable, child, keys)
    }
  }
}
