import { expect, test } from 'bun:test'
import { migrate } from './migrate.ts'
import { EmbeddedBackend } from './store/embedded.ts'
import { createTestDatabase } from './testing.ts'

test('every foreign key has an index in the database, so that a delete looks at no table whole', async () => {
  const database = await createTestDatabase(false)
  const backend = new EmbeddedBackend(database.file)
  await migrate(backend)
  const found = await backend.rows({
    sql: `SELECT t.name, f."from" FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) AS f
          WHERE t.type = 'table' AND f."from" NOT IN (
            SELECT c.name FROM pragma_index_list(t.name) AS i, pragma_index_info(i.name) AS c WHERE c.seqno = 0
            UNION SELECT name FROM pragma_table_info(t.name) WHERE pk = 1)`,
  })
  const keys = await backend.rows({
    sql: `SELECT count(*) FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) WHERE t.type = 'table'`,
  })
  backend.close()
  await database.dispose()
  expect(found).toEqual([])
  expect(Number(keys[0]![0])).toBeGreaterThan(10)
})
