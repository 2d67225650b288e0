/** SQL through drizzle over the store: for what the state view does not hold. Reads only. */
import { drizzle, type SqliteRemoteDatabase } from 'drizzle-orm/sqlite-proxy'
import type { SqlParameter } from './libsql.ts'
import * as schema from './schema.ts'
import type { Store } from './store/store.ts'

export type SqlReader = SqliteRemoteDatabase<typeof schema>

/** A drizzle database whose queries are messages to the store thread. Writes are refused with an error. */
export const drizzleOver = (store: Pick<Store, 'query'>): SqlReader =>
  drizzle(
    async (sql, parameters, method) => {
      const rows = (await store.query(sql, parameters as SqlParameter[])) as unknown[][]
      return { rows: method === 'get' ? (rows[0] as unknown[]) : rows }
    },
    { schema },
  )
