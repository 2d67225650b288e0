/** Keys of indexes as text: equal exactly when the values are, whatever the text in them. */
import { stateTables } from '../schema.ts'
import { indexes } from './indexes.ts'
import type { Key, Read, TableName } from './types.ts'

export const tableNames = Object.keys(stateTables) as TableName[]

/** A row as far as this folder looks into it. */
export type AnyRow = Readonly<Record<string, Key>> & { readonly id: number }

const encodeValue = (value: Key | undefined): string => {
  if (typeof value === 'number') return `${value}`
  if (typeof value === 'string') return `${value.length}:${value}`
  return value === null || value === undefined ? '~' : value ? 't' : 'f'
}

/** Text is led by its length, so that no separator in it can make two keys one. */
export function encodeKey(key: readonly (Key | undefined)[]): string {
  let text = encodeValue(key[0])
  for (let at = 1; at < key.length; at++) text += `/${encodeValue(key[at])}`
  return text
}

/** The one text of a read: `${table}/${index}/${key…}`; index `id` for a row's id, `*` (and no key) for the whole table. */
export const readKey = (read: Read): string =>
  read.index === '*' ? wholeTableKey(read.table) : `${read.table}/${read.index}/${encodeKey(read.key)}`

export const wholeTableKey = (table: TableName): string => `${table}/*`
export const idKey = (table: TableName, id: number): string => `${table}/id/${id}`

export interface IndexColumns {
  readonly name: string
  readonly columns: readonly string[]
}

/** The declared indexes of each table as lists. */
export const indexColumns = Object.fromEntries(
  tableNames.map((table) => [
    table,
    Object.entries(indexes[table] as Record<string, readonly string[]>).map(([name, columns]) => ({
      name,
      columns,
    })),
  ]),
) as unknown as Readonly<Record<TableName, readonly IndexColumns[]>>

const pairFirstMax = 2 ** 21 - 1
const pairSecondMax = 2 ** 32 - 1

/** Two ids, or an id and an address, in one number: found in a third of the time that a text takes. */
const pairKey = (first: Key | undefined, second: Key | undefined): number | undefined =>
  typeof first === 'number' &&
  typeof second === 'number' &&
  first >= 0 &&
  second >= 0 &&
  first <= pairFirstMax &&
  second <= pairSecondMax
    ? first * (pairSecondMax + 1) + second
    : undefined

/** What a Map holds for a row or a look-up: the bare value of one column, a number for two, or the text of several. */
export const mapKeyOf = (key: readonly Key[]): Key =>
  key.length === 1 ? key[0]! : ((key.length === 2 ? pairKey(key[0], key[1]) : undefined) ?? encodeKey(key))

export function mapKeyOfRow(columns: readonly string[], row: AnyRow): Key {
  if (columns.length === 1) return row[columns[0]!]!
  const pair = columns.length === 2 ? pairKey(row[columns[0]!], row[columns[1]!]) : undefined
  if (pair !== undefined) return pair
  let text = encodeValue(row[columns[0]!])
  for (let at = 1; at < columns.length; at++) text += `/${encodeValue(row[columns[at]!])}`
  return text
}

/** The text of the read under which a row is found by an index. */
export function readKeyOfRow(table: TableName, index: IndexColumns, row: AnyRow): string {
  let text = `${table}/${index.name}`
  for (const column of index.columns) text += `/${encodeValue(row[column])}`
  return text
}
