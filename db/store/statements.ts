/** Writes of a job as SQL, with ids given to the rows that it inserts. */
import type { SqlParameter } from '../libsql.ts'
import { quoteName } from '../sql-text.ts'
import { tableNames } from '../state/keys.ts'
import { columnsOf, referencesOf, sqlName } from '../state/relations.ts'
import { firstPlaceholder, type Key, type TableName, type Write } from '../state/types.ts'
import type { Statement } from './backend.ts'

/** The greatest id that each table has had, by its name in SQL; ids are never used twice. */
export type Sequences = Map<string, number>

/** A job's writes with real ids. */
export interface Resolved {
  readonly writes: readonly Write[]
  readonly ids: Readonly<Record<string, number>>
}

/**
 * How many rows go in at once: `values` for a connection that keeps statements prepared, `json` (all rows in one
 * parameter) for a server, which compiles each statement and its triggers anew.
 */
export type InsertStyle = 'values' | 'json'

type Values = Readonly<Record<string, Key>>

/** Rows in one INSERT. Few sizes, so that the statements stay prepared. */
const chunkSizes = [50, 10, 1] as const

const insertStatements = new Map<string, string>()

function insertSql(table: TableName, rows: number): string {
  const name = `${table}/${rows}`
  let sql = insertStatements.get(name)
  if (sql === undefined) {
    const columns = columnsOf[table].map((column) => quoteName(column.name))
    const marks = `(${columns.map(() => '?').join(', ')})`
    sql = `INSERT INTO ${quoteName(sqlName(table))} (${columns.join(', ')}) VALUES ${Array(rows).fill(marks).join(', ')}`
    insertStatements.set(name, sql)
  }
  return sql
}

function insertChunks(table: TableName, rows: readonly Values[]): Statement[] {
  const columns = columnsOf[table]
  const statements: Statement[] = []
  for (let at = 0; at < rows.length; ) {
    const size = chunkSizes.find((chunk) => chunk <= rows.length - at)!
    const parameters: SqlParameter[] = []
    for (const row of rows.slice(at, at + size))
      for (const { name } of columns) parameters.push(row[name] ?? null)
    statements.push({ sql: insertSql(table, size), parameters })
    at += size
  }
  return statements
}

function insertJson(table: TableName, rows: readonly Values[]): Statement {
  const columns = columnsOf[table]
  const names = columns.map(({ name }) => quoteName(name)).join(', ')
  const values = columns.map((_, at) => `value ->> ${at}`).join(', ')
  const text = JSON.stringify(rows.map((row) => columns.map(({ name }) => row[name] ?? null)))
  return {
    sql: `INSERT INTO ${quoteName(sqlName(table))} (${names}) SELECT ${values} FROM json_each(?)`,
    parameters: [text],
  }
}

const inserts = (table: TableName, rows: readonly Values[], style: InsertStyle): Statement[] =>
  style === 'json' && rows.length > 1 ? [insertJson(table, rows)] : insertChunks(table, rows)

function update(table: TableName, id: number, row: Values): Statement {
  const known = columnsOf[table]
    .filter(({ name }) => name !== 'id' && row[name] !== undefined)
    .map(({ name }) => name)
  const assignments = known.map((name) => `${quoteName(name)} = ?`).join(', ')
  const sql = `UPDATE ${quoteName(sqlName(table))} SET ${assignments} WHERE id = ?`
  return { sql, parameters: [...known.map((name) => row[name]!), id] }
}

const remove = (table: TableName, id: number): Statement => ({
  sql: `DELETE FROM ${quoteName(sqlName(table))} WHERE id = ?`,
  parameters: [id],
})

/** Only an id and what refers to one can be a placeholder. The row is the caller's own copy. */
function withReferences(table: TableName, row: Record<string, Key>, real: (id: number) => number): Values {
  for (const name of referencesOf[table]) {
    const value = row[name]
    if (typeof value === 'number') row[name] = real(value)
  }
  return row
}

/** Gives the next ids to inserted rows, from `sequences`, and puts them wherever their placeholders stand. */
export function withIds(
  writes: readonly Write[],
  sequences: Sequences,
): { writes: Write[]; ids: Record<string, number> } {
  const ids = new Map<number, number>()
  for (const write of writes) {
    if (write.op !== 'insert') continue
    const name = sqlName(write.table)
    const id = (sequences.get(name) ?? 0) + 1
    sequences.set(name, id)
    ids.set(write.row['id'] as number, id)
  }
  const real = (id: number): number => (id <= firstPlaceholder ? (ids.get(id) ?? id) : id)
  const resolved = writes.map((write): Write => {
    if (write.op === 'insert')
      return {
        ...write,
        row: withReferences(write.table, { ...write.row, id: real(write.row['id'] as number) }, real),
      }
    if (write.op === 'update')
      return { ...write, id: real(write.id), row: withReferences(write.table, { ...write.row }, real) }
    return { ...write, id: real(write.id) }
  })
  return { writes: resolved, ids: Object.fromEntries(ids) }
}

/**
 * Statements in the order of the writes, except that inserts which follow one another go table by table, parents first,
 * many rows in one statement: no row of them can tell the difference.
 */
export function statementsOf(writes: readonly Write[], style: InsertStyle): Statement[] {
  const statements: Statement[] = []
  let run = new Map<TableName, Values[]>()
  const endRun = () => {
    if (run.size === 0) return
    for (const table of tableNames)
      if (run.has(table)) statements.push(...inserts(table, run.get(table)!, style))
    run = new Map()
  }
  for (const write of writes) {
    if (write.op === 'insert') {
      const rows = run.get(write.table)
      if (rows === undefined) run.set(write.table, [write.row])
      else rows.push(write.row)
      continue
    }
    endRun()
    if (write.op === 'delete') statements.push(remove(write.table, write.id))
    else if (Object.keys(write.row).length > 0) statements.push(update(write.table, write.id, write.row))
  }
  endRun()
  return statements
}
