/** The hosts that share the database. */
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/**
 * Hosts that share this database: one row each, which only that host writes, every second and whenever somebody waits
 * for flows. Outside of the feed. Times are of the database's own clock, so that hosts' clocks may differ.
 */
export const hosts = sqliteTable('hosts', {
  /** New at every start. */
  id: text('id').primaryKey(),
  /** null: it serves the datapaths of every node. */
  node_id: text('node_id'),
  seen_at: integer('seen_at').notNull(),
  /** Until then it wants to hear soon how far the others are. */
  awaits_until: integer('awaits_until').notNull().default(0),
  /** The number of its version of the flow functions, in `function_versions`. */
  flows_version: integer('flows_version').notNull(),
  /** A JSON object: of each datapath that is connected to it, by id, the last revision whose flows it acknowledged; -1: none yet. */
  applied: text('applied').notNull(),
})
