/**
 * The triggers of the change feed, generated from the schema: whoever writes a state table, by whatever statement,
 * writes the feed in the same transaction.
 */
import { getTableConfig } from 'drizzle-orm/sqlite-core'
import { stateTables } from '../schema.ts'
import { quoteName, quoteText } from '../sql-text.ts'
import { tableNames } from '../state/keys.ts'
import { columnsOf } from '../state/relations.ts'
import type { TableName } from '../state/types.ts'

export interface Trigger {
  readonly name: string
  readonly sql: string
}

const prefix = 'feed_'

/** Whether a trigger in the database is one of these (of this version or of another). */
export const isFeedTrigger = (name: string): boolean => name.startsWith(prefix)

/** A row as a JSON object: booleans as true and false, everything else as it is. */
export function rowAsJson(table: TableName, row: string): string {
  const members = columnsOf[table].map(({ name, boolean }) => {
    const value = `${row}.${quoteName(name)}`
    const text = `json(CASE WHEN ${value} IS NULL THEN 'null' WHEN ${value} THEN 'true' ELSE 'false' END)`
    return `${quoteText(name)}, ${boolean ? text : value}`
  })
  return `json_object(${members.join(', ')})`
}

/** Rows that stand in the way of the new one, by id or by a unique key: `OR REPLACE` takes them away without a trigger. */
function inTheWay(table: TableName): string {
  const { columns, uniqueConstraints } = getTableConfig(stateTables[table])
  const keys = [
    ['id'],
    ...columns.filter((column) => column.isUnique).map((column) => [column.name]),
    ...uniqueConstraints.map((unique) => unique.columns.map((column) => column.name)),
  ]
  const same = (column: string) => `held.${quoteName(column)} = NEW.${quoteName(column)}`
  return keys.map((key) => `(${key.map(same).join(' AND ')})`).join(' OR ')
}

const uniqueColumns = (table: TableName): string[] => {
  const { columns, uniqueConstraints } = getTableConfig(stateTables[table])
  return [
    ...new Set([
      'id',
      ...columns.filter((column) => column.isUnique).map((column) => column.name),
      ...uniqueConstraints.flatMap((unique) => unique.columns.map((column) => column.name)),
    ]),
  ]
}

/** The statements that write a table's triggers; they depend on nothing but the schema. */
function triggersOf(table: TableName): Trigger[] {
  const name = getTableConfig(stateTables[table]).name
  const rows = quoteName(name)
  const change = (id: string, before: string, after: string) =>
    `INSERT INTO changes (table_name, row_id, before, after) VALUES (${quoteText(name)}, ${id}, ${before}, ${after});`
  const [older, newer] = [rowAsJson(table, 'OLD'), rowAsJson(table, 'NEW')]
  const forget = `DELETE FROM feed_replaced WHERE table_name = ${quoteText(name)}`
  const remember = (others: string) =>
    `${forget}; INSERT INTO feed_replaced (table_name, row_id, before) SELECT ${quoteText(name)}, held.id, ${rowAsJson(table, 'held')} FROM ${rows} AS held WHERE (${inTheWay(table)})${others};`
  const replaced = (gone: string) =>
    `INSERT INTO changes (table_name, row_id, before, after) SELECT table_name, row_id, before, NULL FROM feed_replaced WHERE table_name = ${quoteText(name)} AND ${gone}; ${forget};`
  const exists = (others: string) =>
    `EXISTS (SELECT 1 FROM ${rows} AS held WHERE (${inTheWay(table)})${others})`
  const gone = `NOT EXISTS (SELECT 1 FROM ${rows} AS held WHERE held.id = feed_replaced.row_id)`
  const columns = uniqueColumns(table).map(quoteName).join(', ')
  const trigger = (suffix: string, when: string, body: string): Trigger => {
    const full = `${prefix}${name}_${suffix}`
    return { name: full, sql: `CREATE TRIGGER ${quoteName(full)} ${when} BEGIN ${body} END` }
  }
  return [
    trigger('insert_before', `BEFORE INSERT ON ${rows} WHEN ${exists('')}`, remember('')),
    trigger(
      'insert',
      `AFTER INSERT ON ${rows}`,
      `${replaced(`(row_id = NEW.id OR ${gone})`)} ${change('NEW.id', 'NULL', newer)}`,
    ),
    trigger(
      'update_before',
      `BEFORE UPDATE OF ${columns} ON ${rows} WHEN ${exists(' AND held.id <> OLD.id')}`,
      remember(' AND held.id <> OLD.id'),
    ),
    trigger(
      'update',
      `AFTER UPDATE ON ${rows} WHEN NEW.id = OLD.id`,
      `${replaced(gone)} ${change('NEW.id', older, newer)}`,
    ),
    trigger(
      'update_id',
      `AFTER UPDATE ON ${rows} WHEN NEW.id <> OLD.id`,
      `${replaced(`(row_id = NEW.id OR ${gone})`)} ${change('OLD.id', older, 'NULL')} ${change('NEW.id', 'NULL', newer)}`,
    ),
    trigger(
      'delete',
      `AFTER DELETE ON ${rows}`,
      `${forget} AND row_id = OLD.id; ${change('OLD.id', older, 'NULL')}`,
    ),
  ]
}

/** Every trigger of the feed. */
export const feedTriggers = (): Trigger[] => tableNames.flatMap(triggersOf)
