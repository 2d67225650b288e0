/** The change feed, written by triggers. */
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/**
 * The change feed: every insert, update and delete of a state table, written by triggers inside the writer's transaction.
 * Revisions only grow, and the sequence of this table is the revision of the whole state.
 */
export const changes = sqliteTable('changes', {
  revision: integer('revision').primaryKey({ autoIncrement: true }),
  table_name: text('table_name').notNull(),
  row_id: integer('row_id').notNull(),
  /** The row as a JSON object; null: it was inserted. */
  before: text('before'),
  /** null: it was deleted. */
  after: text('after'),
  /** By chance: tells this change from the one that has its revision in another copy of the database. null: it is of before there were marks. */
  mark: integer('mark'),
})

/** Rows that `INSERT OR REPLACE` may be about to take away, for the triggers of the change feed; empty between statements, or stale. */
export const feedReplaced = sqliteTable('feed_replaced', {
  table_name: text('table_name').notNull(),
  row_id: integer('row_id').notNull(),
  before: text('before').notNull(),
})
