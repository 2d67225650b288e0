/**
 * Stores for tests: each with its own new database, gone afterwards. A file, or with `VNET_TEST_DB=sqld` a libSQL server
 * of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type Store, type StoreOptions } from './store/store.ts'
import { type ServerSettings, startServer, type TestServer } from './testing/server.ts'

export interface TestStore {
  readonly store: Store
  /** For a second store on the same database, or another program. */
  readonly url: string
  /** Closes the store and removes its database. */
  dispose(): Promise<void>
}

export interface TestDatabase {
  readonly url: string
  /** The database's file; a server's own, where there is one. */
  readonly file: string
  readonly server: TestServer | undefined
  dispose(): Promise<void>
}

const wanted = process.env['VNET_TEST_DB']
export const testsUseServer = wanted === 'sqld'

/** For tests of the store itself: on a file (false) and on a server (true), or on what `VNET_TEST_DB` (file, sqld) names. */
export const testedDatabases: readonly boolean[] =
  wanted === 'sqld' ? [true] : wanted === 'file' ? [false] : [false, true]

/** A new, empty database, not yet migrated. */
export async function createTestDatabase(
  useServer = testsUseServer,
  settings: ServerSettings = {},
): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'vnet-db-'))
  const server = useServer ? await startServer(folder, settings) : undefined
  const file = join(folder, server === undefined ? 'vnet.db' : 'dbs/default/data')
  return {
    url: server?.url ?? `file:${file}`,
    file,
    server,
    async dispose() {
      await server?.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A store on a new, empty, migrated database. */
export async function openTestStore(options: Omit<StoreOptions, 'url'> = {}): Promise<TestStore> {
  const database = await createTestDatabase()
  const store = await openStore({ ...options, url: database.url })
  return {
    store,
    url: database.url,
    async dispose() {
      await store.close()
      await database.dispose()
    },
  }
}
