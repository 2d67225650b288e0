/** The database away, locked, or none at all: a clear answer, and going on by itself. */
import { afterEach, describe, expect, test } from 'bun:test'
import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Problem } from '../../runtime/problem.ts'
import { createDraft } from '../state/draft.ts'
import type { Change } from '../state/types.ts'
import { StateView } from '../state/view.ts'
import { createTestDatabase, type TestDatabase } from '../testing.ts'
import { openStore, type Store, StoreError } from './store.ts'
import { serverAddress, withoutToken } from './url.ts'

let databases: TestDatabase[] = []
let stores: Store[] = []
afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()))
  await Promise.all(databases.map((database) => database.dispose()))
  databases = []
  stores = []
})
const createDatabase = async (useServer: boolean) => {
  const database = await createTestDatabase(useServer)
  databases.push(database)
  return database
}
const open = async (url: string, authToken?: string) => {
  const store = await openStore({
    url,
    requestTimeoutMs: 1_000,
    ...(authToken === undefined ? {} : { authToken }),
  })
  stores.push(store)
  return store
}
const addInterface = (store: Store, uuid: string) => {
  const { draft, writes } = createDraft(new StateView(), 1)
  draft.interfaces.insert({ uuid, mode: 'vif', display_name: null })
  return store.commit({ writes, reads: [], revision: 0 })
}
const problemOf = (opening: Promise<unknown>): Promise<Problem> =>
  opening.then(
    () => {
      throw new Error('it was opened')
    },
    (error: unknown) => {
      expect(error).toBeInstanceOf(StoreError)
      return (error as StoreError).problem
    },
  )

describe('a server that goes away', () => {
  test('is answered as unavailable at once, and served again when it is back, with what others wrote', async () => {
    const database = await createDatabase(true)
    const store = await open(database.url)
    const said: (Problem | null)[] = []
    const inserted: string[] = []
    store.onAvailability((problem) => void said.push(problem))
    store.onChanges((changes) => void inserted.push(...changes.map(({ after }) => after!['uuid'] as string)))
    expect((await addInterface(store, 'before')).ok).toBe(true)
    await database.server!.kill()
    const answers = await Promise.all(['x', 'y', 'z'].map((uuid) => addInterface(store, uuid)))
    for (const answer of answers) expect(answer).toMatchObject({ ok: false, kind: 'unavailable' })
    const start = performance.now()
    expect(await addInterface(store, 'away')).toMatchObject({
      ok: false,
      kind: 'unavailable',
      problem: { where: database.url },
    })
    expect(performance.now() - start).toBeLessThan(500)
    expect(await store.query('SELECT 1').catch((error: unknown) => error)).toBeInstanceOf(StoreError)
    await database.server!.restart()
    const other = await open(database.url)
    expect((await addInterface(other, 'other')).ok).toBe(true)
    for (const begin = performance.now(); said.at(-1) !== null; await Bun.sleep(5)) {
      if (performance.now() - begin > 10_000) throw new Error('it did not come back')
    }
    expect(said).toHaveLength(2)
    expect((await addInterface(store, 'after')).ok).toBe(true)
    expect(inserted).toEqual(['before', 'other', 'after'])
  }, 20_000)

  test('a server that is not there, or wants another token, is a Problem that does not show the token', async () => {
    const nobody = await problemOf(open('http://127.0.0.1:1?authToken=secret'))
    expect(nobody.what).toContain('cannot be reached')
    expect(JSON.stringify(nobody)).not.toContain('secret')
  })
})

describe('tokens', () => {
  test('the URL or an option carries the token; a wrong one is refused', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const payload = `${encode({ alg: 'EdDSA', typ: 'JWT' })}.${encode({ a: 'rw' })}`
    const token = `${payload}.${sign(null, Buffer.from(payload), privateKey).toString('base64url')}`
    const key = publicKey.export({ type: 'spki', format: 'pem' }) as string
    const database = await createTestDatabase(true, { jwtKey: key })
    databases.push(database)
    expect((await addInterface(await open(`${database.url}?authToken=${token}`), 'a')).ok).toBe(true)
    expect((await addInterface(await open(database.url.replace('http:', 'ws:'), token), 'b')).ok).toBe(true)
    const refused = await problemOf(open(`${database.url}?authToken=${token.slice(0, -8)}AAAAAAAA`))
    expect(refused.what).toContain('401')
    expect(JSON.stringify(refused)).not.toContain(payload)
    expect((await problemOf(open(database.url))).what).toContain('401')
  })
})

/** A program of its own: locks of two SQLites in one process do not see each other. */
const lockForEver = `
  const { Database } = require('bun:sqlite')
  globalThis.database = new Database(process.argv[1])
  database.run('PRAGMA journal_mode = WAL')
  database.run('BEGIN IMMEDIATE')
  console.log('locked')
  setTimeout(() => {}, 60_000)`

describe('files', () => {
  test('one that another program keeps locked is unavailable, and served again afterwards', async () => {
    const database = await createDatabase(false)
    const store = await open(database.url)
    const other = Bun.spawn([process.execPath, '-e', lockForEver, database.file], { stdout: 'pipe' })
    await other.stdout.getReader().read()
    const said: (Problem | null)[] = []
    store.onAvailability((problem) => void said.push(problem))
    const locked = await addInterface(store, 'a')
    expect(locked).toMatchObject({ ok: false, kind: 'unavailable', problem: { received: 'SQLITE_BUSY' } })
    await Bun.sleep(500)
    // It can be read all the while.
    expect(said).toHaveLength(1)
    other.kill('SIGKILL')
    await other.exited
    for (const start = performance.now(); !(await addInterface(store, 'b')).ok; await Bun.sleep(20)) {
      if (performance.now() - start > 10_000) throw new Error('it did not come back')
    }
    expect(await store.query('SELECT uuid FROM interfaces')).toEqual([['b']])
    expect(said).toEqual([expect.anything(), null])
  }, 20_000)

  test('one that takes too long to open is given up, and not torn away', async () => {
    const database = await createDatabase(false)
    const other = Bun.spawn([process.execPath, '-e', lockForEver, database.file], { stdout: 'pipe' })
    await other.stdout.getReader().read()
    const problem = await problemOf(openStore({ url: database.url, openTimeoutMs: 200 }))
    expect(problem.what).toBe('no answer in 200 ms')
    // Ended while it waits for the lock, inside of libsql, the thread would take this process along.
    await Bun.sleep(300)
    other.kill('SIGKILL')
    await other.exited
    expect((await addInterface(await open(database.url), 'a')).ok).toBe(true)
  }, 20_000)

  test('a store whose thread fails says so, and refuses what waits and what comes', async () => {
    const database = await createDatabase(false)
    const store = await open(database.url)
    const failures: Problem[] = []
    store.onFailure((problem) => void failures.push(problem))
    const thread = (store as unknown as { readonly worker: Worker }).worker
    thread.postMessage('this is no batch')
    for (const start = performance.now(); failures.length === 0; await Bun.sleep(5)) {
      if (performance.now() - start > 5_000) throw new Error('nothing was said')
    }
    expect(failures.map(({ what }) => what)).toEqual([expect.stringContaining('the store thread failed')])
    expect(await addInterface(store, 'a')).toMatchObject({ ok: false, kind: 'unavailable' })
  })

  test('what another program writes into it is noticed', async () => {
    const database = await createDatabase(false)
    const store = await open(database.url)
    const seen = Promise.withResolvers<readonly Change[]>()
    store.onChanges((changes) => seen.resolve(changes))
    const write = `new (require('bun:sqlite').Database)(process.argv[1]).run("INSERT INTO tunnel_keys (kind, created_at) VALUES ('segment', 1)")`
    const other = Bun.spawn([process.execPath, '-e', write, database.file])
    expect(await other.exited).toBe(0)
    expect(await seen.promise).toEqual([
      {
        revision: 1,
        table: 'tunnelKeys',
        id: 1,
        before: null,
        after: { id: 1, kind: 'segment', created_at: 1, freed_at: null },
      },
    ])
  })

  test('one that is none, or is in no folder, or a URL of nothing, is a Problem', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vnet-none-'))
    writeFileSync(join(folder, 'garbage'), 'this is no database, whatever its name says'.repeat(100))
    expect(await problemOf(open(`file:${folder}/garbage`))).toMatchObject({
      where: `${folder}/garbage`,
      received: 'SQLITE_NOTADB',
    })
    expect(await problemOf(open(`file:${folder}/no/such/vnet.db`))).toMatchObject({
      where: `${folder}/no/such/vnet.db`,
    })
    expect((await problemOf(open('mysql://localhost/vnet'))).expected).toContain('file:')
    expect((await problemOf(open('vnet.db'))).expected).toContain('file:')
    rmSync(folder, { recursive: true })
  })
})

test('URLs of servers', () => {
  expect(serverAddress('libsql://db.example.org', undefined)).toEqual({
    url: 'https://db.example.org',
    authToken: undefined,
  })
  expect(serverAddress('libsql://127.0.0.1:8080?tls=0', 't')).toEqual({
    url: 'http://127.0.0.1:8080',
    authToken: 't',
  })
  expect(serverAddress('ws://h:1/?authToken=a.b', undefined)).toEqual({ url: 'http://h:1', authToken: 'a.b' })
  expect(serverAddress('wss://h/base/', undefined)).toEqual({ url: 'https://h/base', authToken: undefined })
  expect(serverAddress('file:x', undefined)).toBeUndefined()
  expect(withoutToken('http://h:1/?authToken=secret&x=1')).toBe('http://h:1/?x=1')
})
