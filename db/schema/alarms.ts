/** Alarms, so that every host tells them and a client that was away can hear of them. */
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { id } from './columns.ts'

/** What a person should hear of. Hosts write few a second, and keep the newest. */
export const alarms = sqliteTable('alarms', {
  id: id(),
  /** The life of a host that raised it: it has told who listens to it already. */
  raised_by: text('raised_by').notNull(),
  /** null: of a host that serves the datapaths of every node. */
  node_id: text('node_id'),
  name: text('name').notNull(),
  message: text('message').notNull(),
  /** A JSON object. */
  fields: text('fields').notNull(),
  /** Uuids of what it concerns, with spaces between them. */
  about: text('about').notNull(),
  /** In milliseconds since 1970. */
  raised_at: integer('raised_at').notNull(),
})
