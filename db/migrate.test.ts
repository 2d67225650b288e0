import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateSQLiteDrizzleJson, generateSQLiteMigration } from 'drizzle-kit/api'
import { feedTriggers } from './feed/triggers.ts'
import { migrate } from './migrate.ts'
import { type Migration, migrations } from './migrations.ts'
import * as schema from './schema.ts'
import type { Backend } from './store/backend.ts'
import { EmbeddedBackend } from './store/embedded.ts'
import { ServerBackend } from './store/server.ts'
import { createTestDatabase, type TestDatabase, testedDatabases } from './testing.ts'

const folder = join(import.meta.dir, 'migrations')
const files = readdirSync(folder).filter((name) => name.endsWith('.sql'))

test('every migration of the folder is listed, in order', () => {
  expect(migrations.map(({ name }) => `${name}.sql`)).toEqual(files.sort())
  for (const { name, sql } of migrations) expect(sql).toBe(readFileSync(join(folder, `${name}.sql`), 'utf8'))
})

test('drizzle-kit would generate nothing more', async () => {
  const last = migrations.at(-1)!.name.slice(0, 4)
  const snapshot = JSON.parse(readFileSync(join(folder, 'meta', `${last}_snapshot.json`), 'utf8'))
  expect(await generateSQLiteMigration(snapshot, await generateSQLiteDrizzleJson(schema))).toEqual([])
})

for (const useServer of testedDatabases) {
  describe(useServer ? 'on a server' : 'on a file', () => {
    let database: TestDatabase
    let backend: Backend
    beforeEach(async () => {
      database = await createTestDatabase(useServer)
      backend = useServer
        ? new ServerBackend({ url: database.url, authToken: undefined }, 5_000)
        : new EmbeddedBackend(database.file)
    })
    afterEach(async () => {
      backend.close()
      await database.dispose()
    })

    const rows = async (sql: string) => backend.rows({ sql })
    const triggers = async () => (await rows(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`)).length
    const next = (sql: string): Migration[] => [...migrations, { name: '9999_next', sql }]
    const addDatapath = (id: number) =>
      rows(`INSERT INTO datapaths (id, uuid, display_name, dpid, node_id, created_at, updated_at)
            VALUES (${id}, 'dp-${id}', '', '0x000000000000000${id}', 'n', 1, 1)`)
    const addPort = () =>
      rows(
        `INSERT INTO active_ports (datapath_id, port_name, port_number, created_at, updated_at) VALUES (1, 'p', 1, 1, 1)`,
      )

    test('what migrations make is what the schema says', async () => {
      const none = await generateSQLiteDrizzleJson({})
      const statements = await generateSQLiteMigration(none, await generateSQLiteDrizzleJson(schema))
      const shape = async () =>
        (
          await rows(`SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND type <> 'trigger' AND name NOT LIKE 'schema_migrations'
                     AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'libsql_%' ORDER BY name`)
        ).map(
          ([name, sql]) =>
            `${name} ${String(sql)
              .replace(/["`]/g, '')
              .replace(/\s+/g, ' ')
              .replace(/ ?([(),]) ?/g, '$1')}`,
        )
      await backend.transaction(statements.map((sql) => ({ sql })))
      const wanted = await shape()
      expect(wanted.length).toBeGreaterThan(20)
      const made = await createTestDatabase(false)
      const other = new EmbeddedBackend(made.file)
      await migrate(other)
      const own = backend
      backend = other
      expect(await shape()).toEqual(wanted)
      backend = own
      other.close()
      await made.dispose()
    })

    test('a second time there is nothing to do', async () => {
      expect(await migrate(backend)).toEqual({ ok: true, value: { applied: migrations.length } })
      expect(await migrate(backend)).toEqual({ ok: true, value: { applied: 0 } })
      expect(await triggers()).toBe(feedTriggers().length)
    })

    test('a database that is newer is refused and stays as it is', async () => {
      await migrate(backend, next('CREATE TABLE later (id integer)'))
      const result = await migrate(backend)
      expect(result).toMatchObject({
        ok: false,
        problem: { what: 'the database is newer than this program', where: 'migration 9999_next' },
      })
      expect(await triggers()).toBe(feedTriggers().length)
    })

    test('a migration that was changed after it was applied is refused', async () => {
      await migrate(backend, next('CREATE TABLE later (id integer)'))
      const result = await migrate(backend, next('CREATE TABLE later (id integer, more text)'))
      expect(result).toMatchObject({
        ok: false,
        problem: { where: `migration ${migrations.length}`, expected: '9999_next' },
      })
    })

    test('a table that drizzle-kit makes anew keeps its rows, the rows below it, and the feed', async () => {
      await migrate(backend)
      await addDatapath(1)
      await addPort()
      const [[definition]] = (await rows(`SELECT sql FROM sqlite_schema WHERE name = 'datapaths'`)) as [
        [string],
      ]
      const rebuilt = [
        'PRAGMA foreign_keys=OFF;',
        definition
          .replace(/CREATE TABLE [`"]?datapaths[`"]?/, 'CREATE TABLE `__new_datapaths`')
          .replaceAll('"datapaths".', '"__new_datapaths".'),
        'INSERT INTO `__new_datapaths` SELECT * FROM `datapaths`;',
        'DROP TABLE `datapaths`;',
        'ALTER TABLE `__new_datapaths` RENAME TO `datapaths`;',
        'PRAGMA foreign_keys=ON;',
      ].join('--> statement-breakpoint\n')
      expect(await migrate(backend, next(rebuilt))).toEqual({ ok: true, value: { applied: 1 } })
      expect(await rows('SELECT count(*) FROM active_ports')).toEqual([[1]])
      expect(await triggers()).toBe(feedTriggers().length)
      const before = (await backend.catchUp(0)).revision
      await addDatapath(2)
      await rows('DELETE FROM datapaths WHERE id = 1')
      expect((await backend.catchUp(before)).rows.map(([, table, id]) => `${table} ${id}`).sort()).toEqual([
        'active_ports 1',
        'datapaths 1',
        'datapaths 2',
      ])
    })

    test('what a datapath carries stays through 0004, and from then on when its lease goes', async () => {
      // Without triggers: they are of today's schema, which has what this one does not have yet.
      await migrate(backend, migrations.slice(0, 4), [])
      await addDatapath(1)
      const columns = (names: string) => `(${names}, created_at, updated_at)`
      for (const sql of [
        `INSERT INTO tunnel_keys (id, kind, created_at) VALUES (1, 'network', 1)`,
        `INSERT INTO networks ${columns('id, uuid, ipv4_network, domain_name, tunnel_key_id')} VALUES (1, 'nw-1', 0, '', 1, 1, 1)`,
        `INSERT INTO ip_leases ${columns('id, uuid, network_id, ipv4_address')} VALUES (7, 'il-7', 1, 5, 1, 1)`,
        `INSERT INTO datapath_networks ${columns('id, datapath_id, network_id, mac_address, ip_lease_id')} VALUES (3, 1, 1, 99, 7, 1, 1)`,
      ])
        await rows(sql)
      expect(await migrate(backend)).toMatchObject({ ok: true })
      const carried = () =>
        rows('SELECT id, datapath_id, network_id, mac_address, ip_lease_id FROM datapath_networks')
      expect(await carried()).toEqual([[3, 1, 1, 99, 7]])
      const before = (await backend.catchUp(0)).revision
      await rows('DELETE FROM ip_leases WHERE id = 7')
      expect(await carried()).toEqual([[3, 1, 1, 99, null]])
      const told = (await backend.catchUp(before)).rows.map(([, table, id]) => `${table} ${id}`)
      expect(told.sort()).toEqual(['datapath_networks 3', 'ip_leases 7'])
      await expect(
        rows(
          `INSERT INTO datapath_networks ${columns('datapath_id, network_id, mac_address')} VALUES (1, 1, 98, 1, 1)`,
        ),
      ).rejects.toThrow('UNIQUE')
    })

    test('a migration that leaves a row without its parent, or fails half-way, leaves nothing', async () => {
      await migrate(backend)
      await addDatapath(1)
      await addPort()
      const schemaBefore = await rows('SELECT sql FROM sqlite_schema ORDER BY name')
      const orphan = await migrate(
        backend,
        next('CREATE TABLE half (id integer);--> statement-breakpoint\nDELETE FROM datapaths'),
      )
      expect(orphan).toMatchObject({ ok: false, problem: { where: 'migration 9999_next' } })
      const wrong = await migrate(
        backend,
        next('CREATE TABLE half (id integer);--> statement-breakpoint\nSELEC 1'),
      )
      expect(wrong).toMatchObject({ ok: false, problem: { where: 'migration 9999_next' } })
      expect(await rows('SELECT sql FROM sqlite_schema ORDER BY name')).toEqual(schemaBefore)
      expect(await rows('SELECT count(*) FROM datapaths')).toEqual([[1]])
      expect(await migrate(backend)).toEqual({ ok: true, value: { applied: 0 } })
      await expect(
        rows(
          'INSERT INTO active_networks (network_id, datapath_id, created_at, updated_at) VALUES (9, 9, 1, 1)',
        ),
      ).rejects.toThrow('FOREIGN KEY')
    })

    test('interfaces that there were before DNS are known in their networks by their display names', async () => {
      const before = migrations.findIndex(({ name }) => name.endsWith('_dns'))
      await migrate(backend, migrations.slice(0, before), [])
      const long = 'a'.repeat(63)
      const names = ['Web-1', 'web 1', '-a', 'b-', 'Ä', '', long, `${long}a`, '1']
      await rows(`INSERT INTO tunnel_keys (id, kind, created_at) VALUES (1, 'network', 1)`)
      await rows(`INSERT INTO networks (id, uuid, ipv4_network, domain_name, tunnel_key_id, created_at, updated_at)
                  VALUES (1, 'nw-1', 1, 'a', 1, 1, 1)`)
      for (const [at, name] of names.entries()) {
        await rows(`INSERT INTO interfaces (id, uuid, mode, display_name, created_at, updated_at)
                    VALUES (${at + 1}, 'if-${at}', 'vif', '${name}', 1, 1)`)
        await rows(`INSERT INTO interface_networks (interface_id, network_id, interface_mode, created_at, updated_at)
                    VALUES (${at + 1}, 1, 'vif', 1, 1)`)
      }
      await migrate(backend)
      expect((await rows('SELECT host_name FROM interface_networks ORDER BY interface_id')).flat()).toEqual([
        'web-1',
        null,
        null,
        null,
        null,
        null,
        long,
        null,
        '1',
      ])
    })

    test('triggers that were lost or changed are made again', async () => {
      await migrate(backend)
      await rows('DROP TRIGGER feed_datapaths_insert')
      await rows('DROP TRIGGER feed_networks_delete')
      await rows('CREATE TRIGGER feed_networks_delete AFTER DELETE ON networks BEGIN SELECT 1; END')
      await migrate(backend)
      expect(await triggers()).toBe(feedTriggers().length)
      await addDatapath(1)
      expect((await backend.catchUp(0)).rows).toHaveLength(1)
    })

    test('two hosts that migrate at the same moment both succeed, and each migration is applied once', async () => {
      const second: Backend = useServer
        ? new ServerBackend({ url: database.url, authToken: undefined }, 5_000)
        : new EmbeddedBackend(database.file)
      const results = await Promise.all([migrate(backend), migrate(second)])
      second.close()
      expect(results.map(({ ok }) => ok)).toEqual([true, true])
      expect(await rows('SELECT count(*) FROM schema_migrations')).toEqual([[migrations.length]])
    })
  })
}
