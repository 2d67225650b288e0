/** Stores for tests: each its own database, gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type Store, type StoreOptions } from './store/store.ts'

export interface TestStore {
  readonly store: Store
  /** For a second store on the same database, or another program. */
  readonly url: string
  /** Closes the store and removes its database. */
  dispose(): Promise<void>
}

/** A store on a new, empty, migrated database. */
export async function openTestStore(options: Omit<StoreOptions, 'url'> = {}): Promise<TestStore> {
  const folder = await mkdtemp(join(tmpdir(), 'vnet-db-'))
  const url = `file:${join(folder, 'vnet.db')}`
  const store = await openStore({ ...options, url })
  return {
    store,
    url,
    async dispose() {
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
