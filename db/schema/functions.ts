/** Functions as they are deployed. */
import { integer, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core'
import { id } from './columns.ts'

/** Every version of every function, as one bundle; immutable. */
export const functionVersions = sqliteTable(
  'function_versions',
  {
    id: id(),
    name: text('name').notNull(),
    /** Counts up per function and is never used again. */
    version: integer('version').notNull(),
    /** SHA-256 of the bundle, hexadecimal. */
    digest: text('digest').notNull(),
    bundle: text('bundle').notNull(),
    created_at: integer('created_at').notNull(),
  },
  (t) => [
    unique('function_versions_number').on(t.name, t.version),
    unique('function_versions_digest').on(t.name, t.digest),
  ],
)
