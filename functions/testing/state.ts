/** A state for tests of functions: rows need name only what matters. */
import { getTableColumns } from 'drizzle-orm'
import { stateTables } from '../../db/schema.ts'
import type { Row, State, TableName } from '../../db/state/types.ts'
import { StateView } from '../../db/state/view.ts'

export type Rows = { readonly [T in TableName]?: readonly (Partial<Row<T>> & { readonly id: number })[] }

/** Columns that are not named take their default, or null; times are 0. */
function complete<T extends TableName>(table: T, row: Partial<Row<T>>): Row<T> {
  const values: Record<string, unknown> = {}
  for (const [name, column] of Object.entries(getTableColumns(stateTables[table]))) {
    const given = (row as Record<string, unknown>)[name]
    const absent = name.endsWith('_at') ? 0 : (column.default ?? null)
    values[name] = given === undefined ? absent : given
    if (values[name] === null && column.notNull) throw new Error(`${table}.${name} needs a value`)
  }
  return values as Row<T>
}

/** A view of exactly these rows, at revision 1. */
export function stateOf(rows: Rows): State & StateView {
  const view = new StateView()
  const all = Object.keys(stateTables).map((name) => {
    const table = name as TableName
    return [table, (rows[table] ?? []).map((row) => complete(table, row as Partial<Row<TableName>>))]
  })
  view.load({ rows: Object.fromEntries(all), revision: 1 })
  return view
}
