/** Acknowledged is durable, and nothing is half-written, at whatever moment a process is killed. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { migrate } from './migrate.ts'
import { migrations } from './migrations.ts'
import type { Backend } from './store/backend.ts'
import { EmbeddedBackend } from './store/embedded.ts'
import { ServerBackend } from './store/server.ts'
import { openStore } from './store/store.ts'
import { leasesPerInterface, slowMigrations } from './testing/crash-child.ts'
import { createTestDatabase, type TestDatabase, testedDatabases } from './testing.ts'

const rounds = 10
const longestLifeMs = 400
/** The store looks for its server every 2 s at the slowest. */
const comeBackMs = 10_000
const testTimeoutMs = 120_000

const child = (what: 'commit' | 'migrate', url: string) =>
  Bun.spawn([process.execPath, join(import.meta.dir, 'testing/crash-child.ts'), what, url], {
    stdout: 'pipe',
    stderr: 'inherit',
  })

/** Everything that a child writes, line by line, until it is gone. */
function collect(output: ReadableStream<Uint8Array>) {
  const lines: string[] = []
  let rest = ''
  const first = Promise.withResolvers<void>()
  const end = (async () => {
    const decoder = new TextDecoder()
    for await (const piece of output) {
      const parts = (rest + decoder.decode(piece, { stream: true })).split('\n')
      rest = parts.pop()!
      lines.push(...parts)
      if (lines.length > 0) first.resolve()
    }
    first.resolve()
  })()
  return { lines, first: first.promise, end }
}

let database: TestDatabase
const connect = (): Backend =>
  database.server === undefined
    ? new EmbeddedBackend(database.file)
    : new ServerBackend({ url: database.url, authToken: undefined }, 5_000)

/** Which of the acknowledged interfaces are missing, and which interfaces have not exactly their leases. */
async function damage(
  acknowledged: readonly string[],
): Promise<{ lost: string[]; half: unknown[]; rows: number }> {
  const backend = connect()
  const sql = `SELECT uuid, (SELECT count(*) FROM mac_leases WHERE interface_id = interfaces.id), said FROM interfaces
               JOIN (SELECT row_id, count(*) AS said FROM changes WHERE table_name = 'interfaces' GROUP BY row_id) ON row_id = interfaces.id`
  const rows = await backend.rows({ sql })
  backend.close()
  const there = new Set(rows.map(([uuid]) => uuid))
  return {
    lost: acknowledged.filter((name) => !there.has(name)),
    half: rows.filter(([, leases, changes]) => leases !== leasesPerInterface || changes !== 1),
    rows: rows.length,
  }
}

for (const useServer of testedDatabases) {
  describe(useServer ? 'on a server' : 'on a file', () => {
    beforeEach(async () => {
      database = await createTestDatabase(useServer)
    })
    afterEach(() => database.dispose())

    test(
      `the host is killed, ${rounds} times`,
      async () => {
        const acknowledged: string[] = []
        for (let round = 0; round < rounds; round++) {
          const host = child('commit', database.url)
          const output = collect(host.stdout)
          await output.first
          await Bun.sleep(Math.random() * longestLifeMs)
          host.kill('SIGKILL')
          await host.exited
          await output.end
          acknowledged.push(...output.lines)
          expect(await damage(acknowledged)).toMatchObject({ lost: [], half: [] })
        }
        expect(acknowledged.length).toBeGreaterThan(rounds)
        await (await openStore({ url: database.url })).close()
      },
      testTimeoutMs,
    )

    test(
      'a migration is killed at any moment: each is there whole or not at all, and the next start completes them',
      async () => {
        const seen = new Set<number>()
        // On a busy machine a migration takes longer: children live longer until one was seen to get on.
        for (let round = 0; round < rounds || (seen.size < 2 && round < 4 * rounds); round++) {
          const host = child('migrate', database.url)
          const output = collect(host.stdout)
          await output.first
          await Bun.sleep(Math.random() * longestLifeMs * (1 + Math.floor(round / rounds) * 3))
          host.kill('SIGKILL')
          await host.exited
          await database.server?.kill()
          await database.server?.restart()
          const backend = connect()
          const tables = (
            await backend.rows({
              sql: `SELECT name FROM sqlite_schema WHERE name LIKE 'slow__' ORDER BY name`,
            })
          ).map(([name]) => name as string)
          const booked = await backend.rows({
            sql: `SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migrations'`,
          })
          const applied =
            booked[0]![0] === 0
              ? 0
              : ((await backend.rows({ sql: 'SELECT count(*) FROM schema_migrations' }))[0]![0] as number)
          expect(tables).toHaveLength(Math.max(0, applied - migrations.length))
          for (const table of tables) {
            expect(await backend.rows({ sql: `SELECT count(*) FROM ${table}` })).toEqual([[30_000]])
            expect(
              await backend.rows({ sql: `SELECT count(*) FROM sqlite_schema WHERE name = '${table}_text'` }),
            ).toEqual([[1]])
          }
          seen.add(applied)
          backend.close()
          if (applied < slowMigrations.length) continue
          await database.dispose()
          database = await createTestDatabase(useServer)
        }
        expect(seen.size).toBeGreaterThan(1)
        const last = connect()
        expect((await migrate(last, slowMigrations)).ok).toBe(true)
        last.close()
      },
      testTimeoutMs,
    )
  })
}

test.skipIf(!testedDatabases.includes(true))(
  `the server is killed under a host, ${rounds} times, and the host goes on by itself`,
  async () => {
    database = await createTestDatabase(true)
    const host = child('commit', database.url)
    const output = collect(host.stdout)
    try {
      await output.first
      for (let round = 0; round < rounds; round++) {
        await Bun.sleep(Math.random() * longestLifeMs)
        await database.server!.kill()
        const acknowledged = output.lines.slice()
        await database.server!.restart()
        expect((await damage(acknowledged)).lost).toEqual([])
        const count = output.lines.length
        for (const start = performance.now(); output.lines.length <= count; await Bun.sleep(5)) {
          if (performance.now() - start > comeBackMs)
            throw new Error(`the host did not come back in ${comeBackMs} ms`)
        }
      }
    } finally {
      host.kill('SIGKILL')
      await host.exited
      await output.end
      await database.dispose()
    }
  },
  testTimeoutMs,
)
