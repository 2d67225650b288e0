/**
 * The triggers of the change feed, generated from the schema: whoever writes a state table, by whatever statement,
 * writes the feed in the same transaction.
 */
import { getTableConfig } from 'drizzle-orm/sqlite-core'
import { stateTables } from '../schema.ts'
import { quoteName, quoteText } from '../sql-text.ts'
import { tableNames } from '../state/keys.ts'
import { columnsOf, sqlName } from '../state/relations.ts'
import type { TableName } from '../state/types.ts'

/** Integers that numbers hold exactly. */
const mark = '(random() >> 11)'

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

/** The keys of which no two rows have the same values. */
function uniqueKeys(table: TableName): string[][] {
  const { columns, uniqueConstraints } = getTableConfig(stateTables[table])
  return [
    ['id'],
    ...columns.filter((column) => column.isUnique).map((column) => [column.name]),
    ...uniqueConstraints.map((unique) => unique.columns.map((column) => column.name)),
  ]
}

/** Rows that stand in the way of the new one, by id or by a unique key: `OR REPLACE` takes them away without a trigger. */
const inTheWay = (table: TableName): string => {
  const same = (column: string) => `held.${quoteName(column)} = NEW.${quoteName(column)}`
  return `(${uniqueKeys(table)
    .map((key) => `(${key.map(same).join(' AND ')})`)
    .join(' OR ')})`
}

/** The statements that the bodies of a table's triggers are made of. */
function statementsOf(table: TableName) {
  const text = quoteText(sqlName(table))
  const forget = `DELETE FROM feed_replaced WHERE table_name = ${text}`
  return {
    /** The change itself. */
    change: (id: string, before: string, after: string) =>
      `INSERT INTO changes (table_name, row_id, before, after, mark) VALUES (${text}, ${id}, ${before}, ${after}, ${mark});`,
    /** Before: keeps the rows that may be about to go. */
    remember: (which: string) =>
      `${forget}; INSERT INTO feed_replaced (table_name, row_id, before)
        SELECT ${text}, held.id, ${rowAsJson(table, 'held')} FROM ${quoteName(sqlName(table))} AS held WHERE ${which};`,
    /** After: says of those that went. */
    sayReplaced: (which: string) =>
      `INSERT INTO changes (table_name, row_id, before, after, mark)
        SELECT table_name, row_id, before, NULL, ${mark} FROM feed_replaced WHERE table_name = ${text} AND ${which}; ${forget};`,
    /** A row that goes as everybody sees was not replaced. */
    forgetThis: `${forget} AND row_id = OLD.id;`,
  }
}

/** The triggers of a table; they depend on nothing but the schema. */
function triggersOf(table: TableName): Trigger[] {
  const name = sqlName(table)
  const rows = quoteName(name)
  const { change, remember, sayReplaced, forgetThis } = statementsOf(table)
  const [older, newer] = [rowAsJson(table, 'OLD'), rowAsJson(table, 'NEW')]
  const others = `${inTheWay(table)} AND held.id <> OLD.id`
  const exists = (which: string) => `EXISTS (SELECT 1 FROM ${rows} AS held WHERE ${which})`
  const gone = `NOT ${exists('held.id = feed_replaced.row_id')}`
  const unique = [...new Set(uniqueKeys(table).flat())].map(quoteName).join(', ')
  const bodies = {
    insert_before: [`BEFORE INSERT ON ${rows} WHEN ${exists(inTheWay(table))}`, remember(inTheWay(table))],
    insert: [
      `AFTER INSERT ON ${rows}`,
      sayReplaced(`(row_id = NEW.id OR ${gone})`),
      change('NEW.id', 'NULL', newer),
    ],
    update_before: [`BEFORE UPDATE OF ${unique} ON ${rows} WHEN ${exists(others)}`, remember(others)],
    update: [
      `AFTER UPDATE ON ${rows} WHEN NEW.id = OLD.id`,
      sayReplaced(gone),
      change('NEW.id', older, newer),
    ],
    update_id: [
      `AFTER UPDATE ON ${rows} WHEN NEW.id <> OLD.id`,
      sayReplaced(`(row_id = NEW.id OR ${gone})`),
      change('OLD.id', older, 'NULL'),
      change('NEW.id', 'NULL', newer),
    ],
    delete: [`AFTER DELETE ON ${rows}`, forgetThis, change('OLD.id', older, 'NULL')],
  }
  return Object.entries(bodies).map(([suffix, [when, ...body]]) => {
    const full = `${prefix}${name}_${suffix}`
    return { name: full, sql: `CREATE TRIGGER ${quoteName(full)} ${when} BEGIN ${body.join(' ')} END` }
  })
}

/** Every trigger of the feed. */
export const feedTriggers = (): Trigger[] => tableNames.flatMap(triggersOf)
