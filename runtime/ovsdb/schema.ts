/** The tables and columns of Open vSwitch's database that we read or write, and nothing else of it (ovs-vswitchd.conf.db(5)). */
import {
  type ColumnType,
  integer,
  Malformed,
  malformed,
  optional,
  setOf,
  string,
  stringMap,
  type Uuid,
  uuid,
  weigh,
} from './datum.ts'

export const database = 'Open_vSwitch'

export const tables = {
  Open_vSwitch: { bridges: setOf(uuid), next_cfg: integer, cur_cfg: integer },
  Bridge: {
    name: string,
    datapath_id: optional(string),
    datapath_type: string,
    fail_mode: optional(string),
    protocols: setOf(string),
    controller: setOf(uuid),
    ports: setOf(uuid),
    other_config: stringMap,
    external_ids: stringMap,
  },
  Port: { name: string, interfaces: setOf(uuid), external_ids: stringMap },
  Interface: {
    name: string,
    type: string,
    options: stringMap,
    ofport: optional(integer),
    error: optional(string),
    link_state: optional(string),
    external_ids: stringMap,
  },
  Controller: { target: string, connection_mode: optional(string) },
} as const

export type TableName = keyof typeof tables
export const tableNames = Object.keys(tables) as TableName[]

type ValueOf<C> = C extends ColumnType<infer T> ? T : never
/** The columns of a table, as values. */
export type Columns<T extends TableName> = {
  readonly [C in keyof (typeof tables)[T]]: ValueOf<(typeof tables)[T][C]>
}
/** A row: its columns, its uuid, and about how many bytes it holds. */
export type Row<T extends TableName> = Columns<T> & { readonly uuid: Uuid; readonly weight: number }

const columnsOf = (table: TableName) => Object.entries(tables[table]) as [string, ColumnType<unknown>][]

export const isTableName = (name: string): name is TableName => Object.hasOwn(tables, name)
export const columnNames = (table: TableName): string[] => Object.keys(tables[table])

/** Decodes a row of which every declared column must be there. Throws `Malformed`, naming table and column. */
export function decodeRow<T extends TableName>(table: T, uuid: Uuid, json: unknown): Row<T> {
  if (typeof json !== 'object' || json === null) throw malformed(table, 'a row', json)
  const row: Record<string, unknown> = { uuid }
  let weight = 0
  for (const [column, type] of columnsOf(table)) {
    const where = `${table}.${column}`
    if (!Object.hasOwn(json, column)) throw malformed(where, 'a value', undefined)
    try {
      row[column] = type.decode((json as Record<string, unknown>)[column])
    } catch (error) {
      if (error instanceof Malformed) throw new Malformed({ ...error.problem, where })
      throw error
    }
    weight += weigh(row[column])
  }
  row['weight'] = weight
  return row as Row<T>
}

/** Encodes some columns of a row for an operation. */
export function encodeColumns<T extends TableName>(table: T, columns: Partial<Columns<T>>) {
  const types = tables[table] as Record<string, ColumnType<unknown>>
  return Object.fromEntries(
    Object.entries(columns).map(([name, value]) => [name, types[name]!.encode(value)]),
  )
}
