import { afterEach, describe, expect, test } from 'bun:test'
import { type Store, StoreError } from '../../db/store/store.ts'
import { createTestDatabase, type TestDatabase } from '../../db/testing.ts'
import { describeWithServer } from '../../tests/support/with-server.ts'
import { createLogger } from '../log.ts'
import { ReachDatabase } from './reach-database.ts'

const logged: Record<string, unknown>[] = []
const log = createLogger('info', (line) => void logged.push(JSON.parse(line)), false)
const databases: TestDatabase[] = []
const stores: Store[] = []
let reaching: ReachDatabase | undefined
afterEach(async () => {
  reaching?.stop()
  logged.length = 0
  await Promise.all(stores.splice(0).map((store) => store.close()))
  await Promise.all(databases.splice(0).map((database) => database.dispose()))
})

/** Begins as `begin` says, attempt by attempt. */
async function reach(useServer: boolean, begin: (attempt: number) => void) {
  const database = await createTestDatabase(useServer)
  databases.push(database)
  let attempts = 0
  reaching = new ReachDatabase({
    database: database.url,
    async serve(store) {
      stores.push(store)
      begin(++attempts)
      return undefined
    },
    log,
  })
  return { started: await reaching.start(), attempts: () => attempts }
}
const isClosed = (store: Store) =>
  store.query('SELECT 1').then(
    () => false,
    () => true,
  )
const byIntent = () => {
  throw new Error('by intent')
}

describe('a file', () => {
  test('that is there is begun with', async () => {
    expect((await reach(false, () => {})).started.ok).toBe(true)
    expect(reaching!.problem).toBeUndefined()
  })

  test('whatever is thrown in beginning is a problem, with a line that says where; the store is closed', async () => {
    const { started } = await reach(false, byIntent)
    expect(started).toMatchObject({ ok: false, problem: { what: 'the host could not begin: by intent' } })
    expect(logged[0]!['error']).toContain('reach-database.test.ts')
    expect(await isClosed(stores[0]!)).toBe(true)
  })
})

describeWithServer('a server', () => {
  test('is tried again when beginning with it has failed, whatever was thrown', async () => {
    const { started, attempts } = await reach(true, (attempt) => {
      if (attempt === 1) throw new StoreError({ what: 'away', where: 'test' })
      if (attempt === 2) byIntent()
    })
    expect(started.ok).toBe(true)
    for (const end = Date.now() + 10_000; attempts() < 3 && Date.now() < end; ) await Bun.sleep(10)
    expect(attempts()).toBe(3)
    await Bun.sleep(10)
    expect(reaching!.problem).toBeUndefined()
    expect(await Promise.all(stores.map(isClosed))).toEqual([true, true, false])
    expect(logged.map(({ message }) => message)).toEqual([
      'not ready: the database cannot be used',
      'a fault in beginning with the database',
      'not ready: the database cannot be used',
    ])
  })
})
