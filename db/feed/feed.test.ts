/** The feed against writers that are not ours: another SQLite, without recursive triggers, with every kind of statement. */
import { Database } from 'bun:sqlite'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Connection } from '../libsql.ts'
import { migrate } from '../migrate.ts'
import { tableNames } from '../state/keys.ts'
import type { Change } from '../state/types.ts'
import { EmbeddedBackend } from '../store/embedded.ts'
import { changesAsText, Mirror } from '../store/mirror.ts'
import { parseChanges } from '../store/protocol.ts'

const folder = mkdtempSync(join(tmpdir(), 'vnet-feed-'))
const path = join(folder, 'vnet.db')
let backend: EmbeddedBackend
let mirror: Mirror
let revision: number

interface Writer {
  run(sql: string): void
}
const writers: Record<string, () => Writer> = {
  'another SQLite': () => new Database(path),
  'another SQLite with foreign keys': () => {
    const database = new Database(path)
    database.run('PRAGMA foreign_keys = ON')
    return database
  },
  'one with recursive triggers': () => {
    const database = new Database(path)
    database.run('PRAGMA foreign_keys = ON')
    database.run('PRAGMA recursive_triggers = ON')
    return database
  },
  'our own connection': () => {
    const connection = new Connection(path)
    return { run: (sql) => connection.exec(sql) }
  },
}

beforeAll(async () => {
  backend = new EmbeddedBackend(path)
  expect(await migrate(backend)).toEqual({ ok: true, value: { applied: expect.any(Number) } })
})
afterAll(() => {
  backend.close()
  rmSync(folder, { recursive: true })
})
beforeEach(async () => {
  await backend.rows({ sql: 'DELETE FROM interfaces' })
  await backend.rows({ sql: 'DELETE FROM mac_leases' })
  const raw = await backend.snapshot()
  mirror = new Mirror(raw)
  revision = raw.revision
})

/** What the feed says since the last time; the mirror that follows it must be what the tables are. */
async function follow(): Promise<readonly Change[]> {
  const found = await backend.catchUp(revision)
  expect(found.rows.map(([at]) => at)).toEqual(found.rows.map((_, at) => revision + 1 + at))
  const text = changesAsText(found.rows)
  revision = found.revision
  mirror.add(text, revision)
  mirror.settle()
  expect(mirror.difference(await backend.snapshot())).toEqual([])
  return parseChanges(text)
}
const short = (changes: readonly Change[]) =>
  changes.map(
    ({ table, id, before, after }) =>
      `${table} ${id} ${before === null ? 'inserted' : after === null ? 'deleted' : 'updated'}`,
  )

const insertInterface = (id: number, uuid: string, verb = 'INSERT') =>
  `${verb} INTO interfaces (id, uuid, mode, enable_routing, enable_route_translation, enable_filtering, enable_legacy_filtering, created_at, updated_at)
   VALUES (${id}, '${uuid}', 'vif', 1, 0, 0, 0, 1, 1)`
const insertLease = (id: number, uuid: string, owner: number, mac: number, verb = 'INSERT') =>
  `${verb} INTO mac_leases (id, uuid, interface_id, mac_address, created_at, updated_at) VALUES (${id}, '${uuid}', ${owner}, ${mac}, 1, 1)`

for (const [name, open] of Object.entries(writers)) {
  describe(name, () => {
    test('insert, update, delete', async () => {
      const writer = open()
      writer.run(insertInterface(1, 'if-"a"\\'))
      writer.run(`UPDATE interfaces SET display_name = 'ü', enable_routing = 0`)
      writer.run('DELETE FROM interfaces')
      const [inserted, updated, deleted] = await follow()
      expect(inserted).toMatchObject({
        table: 'interfaces',
        id: 1,
        before: null,
        after: { uuid: 'if-"a"\\', enable_routing: true, display_name: null },
      })
      expect(updated).toMatchObject({
        before: inserted!.after,
        after: { display_name: 'ü', enable_routing: false },
      })
      expect(deleted).toMatchObject({ id: 1, before: updated!.after, after: null })
    })

    test('what is rolled back was never said', async () => {
      const writer = open()
      writer.run('BEGIN')
      writer.run(insertInterface(1, 'a'))
      writer.run('ROLLBACK')
      expect(await follow()).toEqual([])
    })

    test('INSERT OR REPLACE by id, by a unique key, by both at once', async () => {
      const writer = open()
      for (const id of [1, 2, 3]) writer.run(insertInterface(id, `if-${id}`))
      await follow()
      writer.run(insertInterface(1, 'if-1b', 'INSERT OR REPLACE'))
      expect(short(await follow())).toEqual(['interfaces 1 deleted', 'interfaces 1 inserted'])
      writer.run(insertInterface(9, 'if-2', 'REPLACE'))
      expect(short(await follow())).toEqual(['interfaces 2 deleted', 'interfaces 9 inserted'])
      writer.run(insertInterface(9, 'if-3', 'INSERT OR REPLACE'))
      expect(short(await follow()).sort()).toEqual([
        'interfaces 3 deleted',
        'interfaces 9 deleted',
        'interfaces 9 inserted',
      ])
    })

    test('UPDATE OR REPLACE takes the row in the way', async () => {
      const writer = open()
      for (const id of [1, 2]) writer.run(insertInterface(id, `if-${id}`))
      await follow()
      writer.run(`UPDATE OR REPLACE interfaces SET uuid = 'if-2' WHERE id = 1`)
      expect(short(await follow())).toEqual(['interfaces 2 deleted', 'interfaces 1 updated'])
    })

    test('OR IGNORE and ON CONFLICT DO UPDATE do what they do, and nothing is said twice later', async () => {
      const writer = open()
      for (const id of [1, 2]) writer.run(insertInterface(id, `if-${id}`))
      await follow()
      writer.run(insertInterface(5, 'if-1', 'INSERT OR IGNORE'))
      expect(short(await follow())).toEqual([])
      writer.run(`${insertInterface(6, 'if-2')} ON CONFLICT (uuid) DO UPDATE SET display_name = 'again'`)
      expect(short(await follow())).toEqual(['interfaces 2 updated'])
      writer.run('DELETE FROM interfaces WHERE id = 1')
      writer.run(insertInterface(7, 'if-7'))
      writer.run(insertInterface(8, 'if-1'))
      expect(short(await follow())).toEqual([
        'interfaces 1 deleted',
        'interfaces 7 inserted',
        'interfaces 8 inserted',
      ])
    })

    test('an id that is changed is one row less and one more', async () => {
      const writer = open()
      writer.run(insertInterface(1, 'a'))
      writer.run('UPDATE interfaces SET id = 4')
      expect(short(await follow())).toEqual([
        'interfaces 1 inserted',
        'interfaces 1 deleted',
        'interfaces 4 inserted',
      ])
    })

    test('rows that the database takes along are said too', async () => {
      const writer = open()
      const enforced = name !== 'another SQLite'
      writer.run(insertInterface(1, 'a'))
      writer.run(insertLease(1, 'ml', 1, 1))
      await follow()
      writer.run('DELETE FROM interfaces')
      expect(short(await follow()).sort()).toEqual([
        'interfaces 1 deleted',
        ...(enforced ? ['macLeases 1 deleted'] : []),
      ])
      writer.run(insertInterface(2, 'b'))
      writer.run(insertLease(2, 'ml-2', 2, 2))
      await follow()
      writer.run(insertInterface(2, 'c', 'INSERT OR REPLACE'))
      const said = short(await follow()).sort()
      expect(said).toEqual([
        'interfaces 2 deleted',
        'interfaces 2 inserted',
        ...(enforced ? ['macLeases 2 deleted'] : []),
      ])
    })
  })
}

test('statements at random: the tables are always what the feed says', async () => {
  const plain = new Database(path)
  const recursive = new Database(path)
  recursive.run('PRAGMA foreign_keys = ON')
  recursive.run('PRAGMA recursive_triggers = ON')
  let seed = 12345
  const below = (n: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return Math.floor((seed / 2147483648) * n)
  }
  const verbs = ['INSERT', 'INSERT OR REPLACE', 'INSERT OR IGNORE', 'INSERT OR FAIL', 'REPLACE']
  const statements = [
    () => insertInterface(1 + below(6), `if-${below(6)}`, verbs[below(5)]),
    () => insertLease(1 + below(6), `ml-${below(6)}`, 1 + below(6), below(6), verbs[below(5)]),
    () =>
      `UPDATE OR ${['REPLACE', 'IGNORE', 'FAIL', 'ABORT'][below(4)]} interfaces SET uuid = 'if-${below(6)}' WHERE id > ${below(6)}`,
    () =>
      `UPDATE OR REPLACE mac_leases SET mac_address = ${below(6)}, id = ${1 + below(6)} WHERE id = ${1 + below(6)}`,
    () => `DELETE FROM interfaces WHERE id = ${1 + below(6)}`,
    () => `DELETE FROM mac_leases WHERE id > ${below(8)}`,
    () =>
      `${insertInterface(1 + below(6), `if-${below(6)}`)} ON CONFLICT DO UPDATE SET display_name = 'x${below(9)}'`,
  ]
  let done = 0
  for (let round = 0; round < 1500; round++) {
    try {
      ;(below(2) === 0 ? plain : recursive).run(statements[below(statements.length)]!())
      done++
    } catch (error) {
      expect(String(error)).toContain('constraint failed')
    }
    if (round % 10 === 0) await follow()
  }
  await follow()
  expect(done).toBeGreaterThan(500)
}, 60_000)

test('every state table has its triggers', async () => {
  const rows = await backend.rows({
    sql: `SELECT tbl_name, count(*) FROM sqlite_schema WHERE type = 'trigger' GROUP BY tbl_name`,
  })
  expect(rows.map(([, count]) => count)).toEqual(tableNames.map(() => 6))
})
