/** A change of the feed in the words of the API: uuids for ids, addresses as text. */

import { columnsOf, sqlName } from '../../../db/state/relations.ts'
import type { Change, Key, TableName } from '../../../db/state/types.ts'
import { formatIpv4, formatMac } from '../../packet/address.ts'
import { alarmOfChange } from './alarm.ts'
import type { Notice, NoticeFields, NoticeKind, NoticeValue } from './notice.ts'

/** The uuid of a row, be it there or deleted by now; null: it has none, or nobody knows. */
export type UuidOf = (table: TableName, id: number) => string | null

/** Times change with everything, and the id is that of the row. */
const untold = new Set(['id', 'uuid', 'created_at', 'updated_at'])

const hasUuid = (table: TableName) => columnsOf[table].some(({ name }) => name === 'uuid')

interface Told {
  readonly column: string
  readonly name: string
  readonly show: (value: Key, uuidOf: UuidOf) => NoticeValue
}

const asAddress = (format: (value: number) => string) => (value: Key) =>
  typeof value === 'number' ? format(value) : value

function showOf(column: string): Told['show'] {
  if (/ipv4_(address|network)$/.test(column)) return asAddress(formatIpv4)
  if (/mac_address$/.test(column)) return asAddress(formatMac)
  return (value) => value
}

/** Ids of rows without a uuid say nothing to anybody. */
function toldOf(table: TableName): Told[] {
  return columnsOf[table].flatMap(({ name: column, parent }): Told[] => {
    if (untold.has(column)) return []
    if (parent === undefined) return [{ column, name: column, show: showOf(column) }]
    if (!hasUuid(parent)) return []
    const show: Told['show'] = (value, uuidOf) => (typeof value === 'number' ? uuidOf(parent, value) : null)
    return [{ column, name: column.replace(/_id$/, '_uuid'), show }]
  })
}

const known = new Map<TableName, readonly Told[]>()
function columnsToTell(table: TableName): readonly Told[] {
  let told = known.get(table)
  if (told === undefined) known.set(table, (told = toldOf(table)))
  return told
}

const kindOf = ({ table, before, after }: Change): NoticeKind => {
  if (before === null) return table === 'activePorts' ? 'port_appeared' : 'created'
  if (after === null) return table === 'activePorts' ? 'port_gone' : 'deleted'
  return 'changed'
}

type Row = Readonly<Record<string, Key>>

const textIn = (row: Row, column: string): string | null => {
  const value = row[column]
  return typeof value === 'string' ? value : null
}

/** The names of the fields that rows of a table may have. */
export const namesOf = (table: TableName): string[] => columnsToTell(table).map(({ name }) => name)

/** A row as it is; fields without a value are left out. */
export function describeRow(table: TableName, row: Row, uuidOf: UuidOf) {
  const fields: Record<string, NoticeValue> = {}
  for (const { column, name, show } of columnsToTell(table)) {
    const value = row[column] ?? null
    if (value !== null) fields[name] = show(value, uuidOf)
  }
  return { uuid: textIn(row, 'uuid'), fields: fields as NoticeFields }
}

/** Undefined: nothing that the API shows has changed. */
export function describeChange(change: Change, uuidOf: UuidOf): Notice | undefined {
  const { table, before, after, revision } = change
  if (table === 'alarms') return alarmOfChange(change)
  const row = (after ?? before)!
  const fields: Record<string, NoticeValue> = {}
  const previous: Record<string, NoticeValue> = {}
  const isWhole = before === null || after === null
  if (isWhole) Object.assign(fields, describeRow(table, row, uuidOf).fields)
  else
    for (const { column, name, show } of columnsToTell(table)) {
      if (before[column] === after[column]) continue
      fields[name] = show(after[column] ?? null, uuidOf)
      previous[name] = show(before[column] ?? null, uuidOf)
    }
  if (!isWhole && Object.keys(fields).length === 0) return undefined
  const uuid = textIn(row, 'uuid')
  return {
    kind: kindOf(change),
    revision,
    resource: sqlName(table),
    uuid,
    fields,
    ...(isWhole ? {} : { before: previous }),
    about: [uuid, ...uuidsIn(row, table, uuidOf), ...uuidsOf(previous)].filter((one) => one !== null),
  }
}

/** Of every row that this one refers to. */
function uuidsIn(row: Row, table: TableName, uuidOf: UuidOf): (string | null)[] {
  return columnsOf[table].map(({ name, parent }) => {
    const value = row[name]
    return parent !== undefined && typeof value === 'number' && hasUuid(parent) ? uuidOf(parent, value) : null
  })
}

const uuidsOf = (fields: NoticeFields): string[] =>
  Object.entries(fields).flatMap(([name, value]) =>
    name.endsWith('_uuid') && typeof value === 'string' ? [value] : [],
  )
