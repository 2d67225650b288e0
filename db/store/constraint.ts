/** What a constraint's failure means in the words of the schema. */
import { getTableConfig } from 'drizzle-orm/sqlite-core'
import type { SqlError } from '../libsql.ts'
import { stateTables } from '../schema.ts'
import { tableNames } from '../state/keys.ts'
import { children, columnsOf, sqlName, tableOfSqlName } from '../state/relations.ts'
import type { TableName, Write } from '../state/types.ts'
import type { CommitResult } from './protocol.ts'

type Refusal = Extract<CommitResult, { kind: 'constraint' }>

/** Whether a row with this id is there, in the state that the job would have been made on. */
export type Exists = (table: TableName, id: number) => boolean
export type Referred = (table: TableName, index: string, id: number) => boolean

const refusal = (
  what: string,
  table: TableName | undefined,
  columns: readonly string[],
  error: SqlError,
): Refusal => ({
  ok: false,
  kind: 'constraint',
  problem: {
    what,
    where: table === undefined ? 'the database' : [table, ...columns].join('.'),
    received: error.message,
  },
  table,
  columns,
})

/** Names the table and columns of a refused job. `exists` and `referred` look into the state that it was refused on. */
export function explain(
  error: SqlError,
  writes: readonly Write[],
  exists: Exists,
  referred: Referred,
): Refusal {
  const named = /(UNIQUE|NOT NULL) constraint failed: (.+)$/.exec(error.message)
  if (named !== null) {
    const places = named[2]!.split(', ').map((place) => place.split('.'))
    const what = named[1] === 'UNIQUE' ? 'another row has these values already' : 'a value is missing'
    return refusal(
      what,
      tableOfSqlName(places[0]![0]!),
      places.map(([, column]) => column!),
      error,
    )
  }
  const check = /CHECK constraint failed: (\w+)/.exec(error.message)
  if (check !== null) return explainCheck(check[1]!, error)
  if (/FOREIGN KEY constraint failed/.test(error.message))
    return explainForeignKey(error, writes, exists, referred)
  return refusal('the database refuses the write', undefined, [], error)
}

function explainCheck(name: string, error: SqlError): Refusal {
  const table = tableNames.find((candidate) =>
    getTableConfig(stateTables[candidate]).checks.some((check) => check.name === name),
  )
  if (table === undefined) return refusal(name, undefined, [], error)
  const check = getTableConfig(stateTables[table]).checks.find((candidate) => candidate.name === name)!
  const columns = check.value.queryChunks.flatMap((chunk) =>
    typeof chunk === 'object' && chunk !== null && 'name' in chunk ? [chunk.name as string] : [],
  )
  return refusal(`the rule is: ${name.replaceAll('_', ' ')}`, table, [...new Set(columns)], error)
}

function explainForeignKey(
  error: SqlError,
  writes: readonly Write[],
  exists: Exists,
  referred: Referred,
): Refusal {
  const inserted = new Set<string>()
  const deleted = new Set<string>()
  for (const write of writes) {
    if (write.op === 'delete') {
      const holder = children[write.table].find(
        (child) => child.onDelete === 'refuse' && referred(child.table, child.index, write.id),
      )
      if (holder !== undefined)
        return refusal(
          `rows of ${sqlName(holder.table)} still refer to it`,
          holder.table,
          [holder.column],
          error,
        )
      deleted.add(`${write.table}/${write.id}`)
      continue
    }
    if (write.op === 'insert') inserted.add(`${write.table}/${write.row['id']}`)
    for (const { name, parent } of columnsOf[write.table]) {
      const id = write.row[name]
      if (parent === undefined || typeof id !== 'number' || inserted.has(`${parent}/${id}`)) continue
      if (!exists(parent, id) || deleted.has(`${parent}/${id}`))
        return refusal(
          `it refers to a row of ${sqlName(parent)} that is not there`,
          write.table,
          [name],
          error,
        )
    }
  }
  return refusal(
    'it refers to a row that is not there, or rows refer to what it deletes',
    undefined,
    [],
    error,
  )
}
