/** The statements that read where a database stands, and their answers as values. */
import { getTableConfig } from 'drizzle-orm/sqlite-core'
import { rowAsJson } from '../feed/triggers.ts'
import type { SqlRow } from '../libsql.ts'
import { stateTables } from '../schema.ts'
import { quoteName } from '../sql-text.ts'
import { tableNames } from '../state/keys.ts'
import type { Catch, FeedRow, Place, Position, Statement } from './backend.ts'

export const positionStatements: readonly Statement[] = [
  { sql: 'SELECT name, seq FROM sqlite_sequence' },
  { sql: 'SELECT min(revision) FROM changes' },
  { sql: 'SELECT count(*) FROM schema_migrations' },
  {
    sql: `SELECT mark FROM changes WHERE revision = (SELECT seq FROM sqlite_sequence WHERE name = 'changes')`,
  },
]

export function readPosition(answers: readonly (readonly SqlRow[])[]): Position {
  const [sequenceRows, oldestRows, migrationRows, markRows] = answers
  const sequences = new Map(sequenceRows!.map(([name, sequence]) => [name as string, Number(sequence)]))
  const oldest = oldestRows![0]?.[0]
  return {
    revision: sequences.get('changes') ?? 0,
    mark: (markRows![0]?.[0] as number | null | undefined) ?? null,
    oldest: typeof oldest === 'number' ? oldest : undefined,
    sequences,
    migrations: Number(migrationRows![0]![0]),
  }
}

export const changesSince = (revision: number): Statement => ({
  sql: 'SELECT revision, table_name, row_id, before, after, mark FROM changes WHERE revision > ? ORDER BY revision',
  parameters: [revision],
})

/** The same in pages, up to a revision. */
export const changesBetween = (after: number, upTo: number, limit: number): Statement => ({
  sql: 'SELECT revision, table_name, row_id, before, after, mark FROM changes WHERE revision > ? AND revision <= ? ORDER BY revision LIMIT ?',
  parameters: [after, upTo, limit],
})

/**
 * What was changed after a place, of a feed that was read from that place on. undefined: the feed does not say, since it
 * was cut, or is that of another copy of the database, in which this change is another or none.
 */
export function rowsAfter({ revision, mark }: Place, found: Catch): readonly FeedRow[] | undefined {
  const first = found.rows[0]
  const isKept = first?.[0] === revision
  if ((isKept ? first[5] : null) !== mark) return undefined
  const rows = isKept ? found.rows.slice(1) : found.rows
  return rows.length === found.revision - revision ? rows : undefined
}

/** Brings tables that were read while others wrote to the end of those writes. */
export function applyToTables(
  tables: ReadonlyMap<string, Map<number, string>>,
  rows: readonly FeedRow[],
): void {
  for (const [, table, id, , after] of rows) {
    if (after === null) tables.get(table)?.delete(id)
    else tables.get(table)?.set(id, after)
  }
}

export const asFeedRows = (rows: readonly SqlRow[]): readonly FeedRow[] =>
  rows as unknown as readonly FeedRow[]

/** One statement for each state table, in the order of `tableNames`. */
export const snapshotStatements: readonly Statement[] = tableNames.map((table) => {
  const name = quoteName(getTableConfig(stateTables[table]).name)
  return { sql: `SELECT ${rowAsJson(table, 'held')} FROM ${name} AS held ORDER BY held.id` }
})

export const readSnapshot = (
  answers: readonly (readonly SqlRow[])[],
): ReadonlyMap<string, readonly string[]> =>
  new Map(
    tableNames.map((table, at) => [
      getTableConfig(stateTables[table]).name,
      answers[at]!.map(([row]) => row as string),
    ]),
  )

/** Fails the transaction, with this text in the error, if the condition holds. */
export const refuseWhen = (
  condition: string,
  ...parameters: readonly (string | number | null)[]
): Statement => ({
  sql: `SELECT CASE WHEN ${condition} THEN json('refused') END`,
  parameters,
})

/** Whether the database is elsewhere than at a place, or of other migrations; takes `staleParameters`. */
export const isStale = `coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'changes'), 0) <> ?
  OR (SELECT mark FROM changes WHERE revision = ?) IS NOT ? OR (SELECT count(*) FROM schema_migrations) <> ?`

export const staleParameters = ({ revision, mark }: Place, migrations: number) =>
  [revision, revision, mark, migrations] as const

/** Revisions never go back or come again, even if an old copy of the database was put in its place. */
export const raiseRevision = (revision: number): readonly Statement[] => [
  {
    sql: `INSERT INTO sqlite_sequence (name, seq) SELECT 'changes', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'changes')`,
  },
  {
    sql: `UPDATE sqlite_sequence SET seq = ? WHERE name = 'changes' AND seq <= ?`,
    parameters: [revision + 1, revision],
  },
]
