import { afterAll, beforeAll, expect, test } from 'bun:test'
import { eq } from 'drizzle-orm'
import { drizzleOver, type SqlReader } from './drizzle.ts'
import { functionVersions } from './schema.ts'
import { openTestStore, type TestStore } from './testing.ts'

let opened: TestStore
let database: SqlReader
beforeAll(async () => {
  opened = await openTestStore()
  database = drizzleOver(opened.store)
  const sql =
    'INSERT INTO function_versions (name, version, digest, bundle, created_at) VALUES (?, ?, ?, ?, ?)'
  for (const version of [1, 2]) await opened.store.execute(sql, ['arp', version, `d${version}`, 'code', 5])
})
afterAll(() => opened.dispose())

test('selects typed rows', async () => {
  const rows = await database.select().from(functionVersions).where(eq(functionVersions.version, 2))
  expect(rows).toEqual([{ id: 2, name: 'arp', version: 2, digest: 'd2', bundle: 'code', created_at: 5 }])
  expect(await database.select({ version: functionVersions.version }).from(functionVersions).get()).toEqual({
    version: 1,
  })
})

test('does not write', async () => {
  const error = await database
    .delete(functionVersions)
    .then(() => undefined)
    .catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(Error)
  expect(await database.$count(functionVersions)).toBe(2)
})
