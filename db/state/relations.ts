/** What the schema says beyond columns' types: defaults of inserts, and what happens to rows whose parent is deleted. */
import { getTableColumns } from 'drizzle-orm'
import { getTableConfig } from 'drizzle-orm/sqlite-core'
import { stateTables } from '../schema.ts'
import { indexColumns, tableNames } from './keys.ts'
import type { Key, TableName } from './types.ts'

export interface Child {
  readonly table: TableName
  readonly column: string
  /** The index by which a parent's id finds the rows. */
  readonly index: string
  readonly onDelete: 'cascade' | 'set null' | 'refuse'
}

export interface Column {
  readonly name: string
  readonly notNull: boolean
  readonly boolean: boolean
  /** What an insert that leaves the column out stores; undefined: it must be named. */
  readonly otherwise: Key | undefined
  /** The table whose id it holds. */
  readonly parent: TableName | undefined
}

const sqlNames = new Map<string, TableName>(
  tableNames.map((name) => [getTableConfig(stateTables[name]).name, name]),
)

/** The state table with this name in SQL, if it is one. */
export const tableOfSqlName = (name: string): TableName | undefined => sqlNames.get(name)

const references = (table: TableName) =>
  getTableConfig(stateTables[table]).foreignKeys.map((key) => {
    const { columns, foreignTable } = key.reference()
    const parent = sqlNames.get(getTableConfig(foreignTable).name)
    if (parent === undefined || columns.length !== 1)
      throw new TypeError(`${table}: a foreign key must name the id of one state table`)
    return { column: columns[0]!.name, parent, onDelete: key.onDelete }
  })

const indexOf = (table: TableName, column: string): string => {
  const index = indexColumns[table].find(({ columns }) => columns.length === 1 && columns[0] === column)
  if (index === undefined)
    throw new TypeError(`${table}.${column} is a foreign key without an index in db/state/indexes.ts`)
  return index.name
}

const byTable = <V>(of: (table: TableName) => V) =>
  Object.fromEntries(tableNames.map((table) => [table, of(table)])) as Readonly<Record<TableName, V>>

const namesInSql = byTable((table) => getTableConfig(stateTables[table]).name)

/** The table's name in SQL. */
export const sqlName = (table: TableName): string => namesInSql[table]

const perTable = byTable(references)

/** The rows that refer to a row of a table, by foreign key. */
export const children = byTable((parent): readonly Child[] =>
  tableNames.flatMap((table) =>
    perTable[table]
      .filter((reference) => reference.parent === parent)
      .map(({ column, onDelete }) => ({
        table,
        column,
        index: indexOf(table, column),
        onDelete: onDelete === 'cascade' || onDelete === 'set null' ? onDelete : 'refuse',
      })),
  ),
)

/** The columns of a table in the order of the schema. */
export const columnsOf = byTable((table): readonly Column[] =>
  Object.values(getTableColumns(stateTables[table])).map((column) => ({
    name: column.name,
    notNull: column.notNull,
    boolean: column.dataType === 'boolean',
    otherwise: column.default !== undefined ? (column.default as Key) : column.notNull ? undefined : null,
    parent: perTable[table].find((reference) => reference.column === column.name)?.parent,
  })),
)

/** The columns of a table that hold ids of other rows. */
export const referencesOf = byTable((table): readonly string[] =>
  columnsOf[table].filter(({ parent }) => parent !== undefined).map(({ name }) => name),
)
