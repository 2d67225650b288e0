/** The operations of a transaction (RFC 7047, 5.2), typed by the declared schema. */
import { type Json, type StringMap, setOf, string, stringMap, type Uuid, uuid } from './datum.ts'
import { type Columns, encodeColumns, type TableName } from './schema.ts'

export type Operation = { readonly [name: string]: Json }

const rowIs = (row: Uuid): Json => [['_uuid', '==', ['uuid', row]]]

/** Makes a row; `name` is how other operations of the same transaction refer to it. */
export function insert<T extends TableName>(
  table: T,
  columns: Partial<Columns<T>>,
  name?: string,
): Operation {
  const row = encodeColumns(table, columns)
  return name === undefined ? { op: 'insert', table, row } : { op: 'insert', table, row, 'uuid-name': name }
}

export function update<T extends TableName>(table: T, row: Uuid, columns: Partial<Columns<T>>): Operation {
  return { op: 'update', table, where: rowIs(row), row: encodeColumns(table, columns) }
}

/** Fails the whole transaction unless the row has these values now. */
export function guard<T extends TableName>(table: T, row: Uuid, columns: Partial<Columns<T>>): Operation {
  return {
    op: 'wait',
    timeout: 0,
    table,
    where: rowIs(row),
    columns: Object.keys(columns),
    until: '==',
    rows: [encodeColumns(table, columns)],
  }
}

/** Fails the whole transaction when there is a row of this name. */
export function guardNameFree(table: 'Bridge' | 'Port' | 'Interface', name: string): Operation {
  return {
    op: 'wait',
    timeout: 0,
    table,
    where: [['name', '==', name]],
    columns: ['name'],
    until: '==',
    rows: [],
  }
}

/** Adds to, or removes from, a column that is a set. `row` null means every row, for tables that have one only. */
export function mutateUuids(
  table: TableName,
  row: Uuid | null,
  column: string,
  how: 'insert' | 'delete',
  rows: readonly Uuid[],
): Operation {
  return mutate(table, row, [[column, how, setOf(uuid).encode(rows)]])
}

export function addStrings(
  table: TableName,
  row: Uuid,
  column: string,
  members: readonly string[],
): Operation {
  return mutate(table, row, [[column, 'insert', setOf(string).encode(members)]])
}

/** Sets keys of a map and leaves the others: a plain insert would not change a key that is there. */
export function setKeys(table: TableName, row: Uuid, column: string, values: StringMap): Operation {
  return mutate(table, row, [
    [column, 'delete', setOf(string).encode([...values.keys()])],
    [column, 'insert', stringMap.encode(values)],
  ])
}

export function removeKeys(table: TableName, row: Uuid, column: string, keys: readonly string[]): Operation {
  return mutate(table, row, [[column, 'delete', setOf(string).encode(keys)]])
}

/** Asks ovs-vswitchd to say, through `cur_cfg`, when it has carried out what this transaction changes. */
export const bumpConfiguration: Operation = {
  op: 'mutate',
  table: 'Open_vSwitch',
  where: [],
  mutations: [['next_cfg', '+=', 1]],
}

/** Written by ovsdb-server into its log: who changed what is asked sooner or later. */
export const comment = (text: string): Operation => ({ op: 'comment', comment: `openvnet: ${text}` })

const mutate = (table: TableName, row: Uuid | null, mutations: Json): Operation => ({
  op: 'mutate',
  table,
  where: row === null ? [] : rowIs(row),
  mutations,
})
