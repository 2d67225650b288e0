import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { createDraft } from '../state/draft.ts'
import type { Change, Draft, Row, Write } from '../state/types.ts'
import { StateView } from '../state/view.ts'
import { createTestDatabase, type TestDatabase, testedDatabases } from '../testing.ts'
import { EmbeddedBackend } from './embedded.ts'
import { ServerBackend } from './server.ts'
import { type CommitResult, openStore, type Store, StoreError, type StoreOptions } from './store.ts'

/** A store with a view that follows it, as a host has. */
interface Host {
  readonly store: Store
  readonly view: StateView
  readonly batches: (readonly Change[])[]
  /** Runs on a draft and commits it; `meanwhile` happens between the two. */
  write(run: (draft: Draft) => void, meanwhile?: () => Promise<unknown>): Promise<CommitResult>
}

const waitTimeoutMs = 5_000
const until = async (holds: () => boolean) => {
  for (const start = performance.now(); !holds(); await Bun.sleep(1)) {
    if (performance.now() - start > waitTimeoutMs)
      throw new Error(`not so after ${waitTimeoutMs} ms: ${holds}`)
  }
}

/** `expect().rejects` does not let messages of other threads in. */
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

const addInterface = (draft: Draft, uuid: string): Row<'interfaces'> =>
  draft.interfaces.insert({ uuid, mode: 'vif', display_name: null })
/** The text of a job with one write, of what is none. */
const jobOf = (write: object) =>
  JSON.stringify({ writes: [{ table: 'interfaces', ...write }], reads: [], revision: 0 })
const revisions = (host: Host) => host.batches.flat().map(({ revision }) => revision)

for (const useServer of testedDatabases) {
  describe(useServer ? 'on a server' : 'on a file', () => {
    let database: TestDatabase
    let hosts: Host[]
    let host: Host

    const openHost = async (options: Partial<StoreOptions> = {}): Promise<Host> => {
      const store = await openStore({ url: database.url, ...options })
      const view = new StateView()
      const batches: (readonly Change[])[] = []
      store.onChanges((changes) => {
        batches.push(changes)
        view.apply(changes)
      })
      view.load(await store.snapshot())
      const opened: Host = {
        store,
        view,
        batches,
        async write(run, meanwhile) {
          const { draft, writes, reads } = createDraft(view, 1000)
          run(draft)
          await meanwhile?.()
          return store.commit({ writes, reads, revision: draft.revision })
        },
      }
      hosts.push(opened)
      return opened
    }
    /** What another program would do to the database. */
    const foreign = async (sql: string) => {
      const backend = useServer
        ? new ServerBackend({ url: database.url, authToken: undefined }, 5_000)
        : new EmbeddedBackend(database.file)
      await backend.rows({ sql })
      backend.close()
    }
    const insertSql = (uuid: string) =>
      `INSERT INTO interfaces (uuid, mode, enable_routing, enable_route_translation, enable_filtering, enable_legacy_filtering, created_at, updated_at)
       VALUES ('${uuid}', 'vif', 0, 0, 0, 0, 1, 1)`

    beforeEach(async () => {
      hosts = []
      database = await createTestDatabase(useServer)
      host = await openHost()
    })
    afterEach(async () => {
      await Promise.all(hosts.map(({ store }) => store.close()))
      await database.dispose()
    })

    describe('commit', () => {
      test('gives ids to placeholders, and its changes arrive before its answer', async () => {
        const { draft, writes, reads } = createDraft(host.view, 1000)
        const iface = addInterface(draft, 'if-a')
        const lease = draft.macLeases.insert({
          uuid: 'ml-a',
          mac_address: 2 ** 48 - 1,
          interface_id: iface.id,
        })
        draft.macLeases.update(lease.id, { mac_address: 5 })
        const result = await host.store.commit({ writes, reads, revision: draft.revision })
        if (!result.ok) throw new Error(JSON.stringify(result))
        expect(host.view.revision).toBe(result.revision)
        const id = result.ids[iface.id]!
        expect(host.view.macLeases.get(result.ids[lease.id]!)).toEqual({
          ...lease,
          id: result.ids[lease.id]!,
          interface_id: id,
          mac_address: 5,
        })
        expect(host.view.interfaces.one('uuid', 'if-a')).toEqual({ ...iface, id })
      })

      test('ids are never used twice, whatever was deleted or refused', async () => {
        const id = async (uuid: string) => {
          const result = await host.write((draft) => void addInterface(draft, uuid))
          return result.ok ? Object.values(result.ids)[0]! : 0
        }
        const first = await id('a')
        await host.write((draft) => draft.interfaces.delete(first))
        expect(await id('b')).toBeGreaterThan(first)
        expect(await id('b')).toBe(0)
        await foreign(insertSql('c'))
        await until(() => host.view.interfaces.one('uuid', 'c') !== undefined)
        expect(await id('d')).toBeGreaterThan(host.view.interfaces.one('uuid', 'c')!.id)
      })

      test('is a conflict when what was read has changed, and only then', async () => {
        await host.write((draft) => void addInterface(draft, 'a'))
        const other = () => host.write((draft) => void addInterface(draft, 'b'))
        const missed = await host.write(
          (draft) => void (draft.interfaces.one('uuid', 'b') ?? addInterface(draft, 'c')),
          other,
        )
        expect(missed).toEqual({ ok: false, kind: 'conflict' })
        expect(host.view.interfaces.one('uuid', 'c')).toBeUndefined()
        const change = () => host.write((draft) => void draft.interfaces.update(1, { display_name: 'x' }))
        expect(
          await host.write((draft) => void draft.interfaces.update(1, { display_name: 'y' }), change),
        ).toEqual({ ok: false, kind: 'conflict' })
        const unrelated = await host.write(
          (draft) => void draft.interfaces.update(2, { display_name: 'z' }),
          change,
        )
        expect(unrelated.ok).toBe(true)
        const whole = await host.write(
          (draft) => void (draft.interfaces.size < 99 && addInterface(draft, 'd')),
          change,
        )
        expect(whole).toEqual({ ok: false, kind: 'conflict' })
      })

      test('a conflict is found against another program too, seen already or not', async () => {
        await host.write((draft) => void addInterface(draft, 'a'))
        const unseen = await host.write(
          (draft) => void draft.interfaces.update(1, { display_name: 'y' }),
          () => foreign(`UPDATE interfaces SET display_name = 'foreign' WHERE id = 1`),
        )
        expect(unseen).toEqual({ ok: false, kind: 'conflict' })
        expect(host.view.interfaces.get(1)?.display_name).toBe('foreign')
      })

      test('jobs that wait together: of those that read the same, the first wins', async () => {
        await host.write((draft) => void addInterface(draft, 'counter'))
        const results = await Promise.all(
          Array.from({ length: 20 }, (_, n) =>
            host.write(
              (draft) =>
                void draft.interfaces.update(1, {
                  display_name: `${draft.interfaces.get(1)!.display_name ?? ''}${n}`,
                }),
            ),
          ),
        )
        expect(results.map(({ ok }) => ok)).toEqual([true, ...Array(19).fill(false)])
        expect(host.view.interfaces.get(1)?.display_name).toBe('0')
      })

      test('a job that deletes a parent conflicts with one that read its children', async () => {
        await host.write((draft) => {
          const iface = addInterface(draft, 'a')
          draft.macLeases.insert({ uuid: 'ml', mac_address: 1, interface_id: iface.id })
        })
        const results = await Promise.all([
          host.write((draft) => draft.interfaces.delete(1)),
          host.write((draft) => void (draft.macLeases.get(1) && addInterface(draft, 'b'))),
        ])
        expect(results.map(({ ok }) => ok)).toEqual([true, false])
      })

      test('the failure of one job is its own, with table and columns', async () => {
        await host.write((draft) => void addInterface(draft, 'taken'))
        const blind = (run: (draft: Draft) => void) => host.write(run)
        const [good, unique, foreignKey, check, alsoGood] = await Promise.all([
          blind((draft) => void addInterface(draft, 'good')),
          blind((draft) => {
            addInterface(draft, 'lost with the next')
            addInterface(draft, 'taken')
          }),
          blind((draft) => void draft.macLeases.insert({ uuid: 'ml', mac_address: 1, interface_id: 999 })),
          blind(
            (draft) => void draft.datapaths.insert({ uuid: 'dp', display_name: '', node_id: '', dpid: '1' }),
          ),
          blind((draft) => void addInterface(draft, 'also good')),
        ])
        expect(good!.ok).toBe(true)
        expect(alsoGood!.ok).toBe(true)
        expect(unique).toMatchObject({
          ok: false,
          kind: 'constraint',
          table: 'interfaces',
          columns: ['uuid'],
        })
        expect(foreignKey).toMatchObject({
          ok: false,
          kind: 'constraint',
          table: 'macLeases',
          columns: ['interface_id'],
        })
        expect(check).toMatchObject({ ok: false, kind: 'constraint', table: 'datapaths', columns: ['dpid'] })
        expect([...host.view.interfaces.all()].map(({ uuid }) => uuid)).toEqual([
          'taken',
          'good',
          'also good',
        ])
        expect(host.view.macLeases.size).toBe(0)
      })

      test('a unique key of several columns, and a parent that is still referred to', async () => {
        const made = await host.write((draft) => {
          const key = draft.tunnelKeys.insert({ kind: 'network' })
          draft.networks.insert({
            uuid: 'nw',
            display_name: '',
            ipv4_network: 0,
            ipv4_prefix: 24,
            mode: 'virtual',
            domain_name: '',
            tunnel_key_id: key.id,
          })
          draft.ipLeases.insert({
            uuid: 'il',
            network_id: draft.networks.one('uuid', 'nw')!.id,
            ipv4_address: 5,
          })
        })
        expect(made.ok).toBe(true)
        const again = await host.write(
          (draft) => void draft.ipLeases.insert({ uuid: 'il-2', network_id: 1, ipv4_address: 5 }),
        )
        expect(again).toMatchObject({
          kind: 'constraint',
          table: 'ipLeases',
          columns: ['network_id', 'ipv4_address'],
        })
        const held = await host.write((draft) => draft.tunnelKeys.delete(1))
        expect(held).toMatchObject({ kind: 'constraint', table: 'networks', columns: ['tunnel_key_id'] })
      })

      test('values that no column can hold are refused, and nothing else is', async () => {
        // A draft would not take it.
        const { draft, writes } = createDraft(host.view, 1000)
        draft.macLeases.insert({ uuid: 'ml', mac_address: 1 })
        const huge = writes.map((write) => ({
          ...write,
          row: { ...(write as Write & { op: 'insert' }).row, mac_address: 2 ** 60 },
        }))
        const [wrong, cut, good] = await Promise.all([
          host.store.commit({ writes: huge as Write[], reads: [], revision: draft.revision }),
          host.write((draft) => void addInterface(draft, 'a\0b')),
          host.write((draft) => void addInterface(draft, 'good')),
        ])
        expect(wrong).toMatchObject({ ok: false, kind: 'constraint' })
        expect(cut).toMatchObject({ ok: false, kind: 'constraint' })
        expect(good!.ok).toBe(true)
      })

      test.each([
        ['no JSON', '{'],
        ['null', 'null'],
        ['something else', '{"id":1}'],
        [
          'the end of one and the beginning of another',
          '{"writes":[],"reads":[],"revision":0}},{"id":1,"job":{}',
        ],
        ['writes to no table', '{"writes":[{"op":"insert","table":"x","row":{}}],"reads":[],"revision":0}'],
        ['writes that are none', '{"writes":[null],"reads":[],"revision":0}'],
        ['a write of another kind', jobOf({ op: 'replace', id: 1, row: {} })],
        ['an insert of no row', jobOf({ op: 'insert' })],
        ['an insert of no id', jobOf({ op: 'insert', row: {} })],
        ['an insert with an id of its own', jobOf({ op: 'insert', row: { id: 2 ** 52 } })],
        ['an update of no row', jobOf({ op: 'update', id: 1, row: null })],
        ['an update without an id', jobOf({ op: 'update', row: {} })],
        ['a delete without an id', jobOf({ op: 'delete' })],
      ])('what is no job is refused, and nothing else is: %s', async (_, text) => {
        const [before, nonsense, after] = await Promise.all([
          host.write((draft) => void addInterface(draft, 'before')),
          host.store.commit(text),
          host.write((draft) => void addInterface(draft, 'after')),
        ])
        expect(nonsense).toMatchObject({ ok: false, kind: 'constraint', problem: { what: 'this is no job' } })
        expect([before!.ok, after!.ok]).toEqual([true, true])
      })

      test('nothing to write is fine', async () => {
        expect(await host.write(() => undefined)).toEqual({ ok: true, revision: host.view.revision, ids: {} })
      })
    })

    describe('changes', () => {
      test('every change comes once and in order, own and others, and the view is what the database is', async () => {
        for (let n = 0; n < 20; n++) {
          await Promise.all([
            host.write((draft) => void addInterface(draft, `own-${n}`)),
            foreign(insertSql(`foreign-${n}`)),
            host.write((draft) => void addInterface(draft, `own-too-${n}`)),
          ])
        }
        await until(() => host.view.interfaces.size === 60)
        expect(revisions(host)).toEqual(Array.from({ length: 60 }, (_, at) => at + 1))
        const rows = await host.store.query('SELECT id, uuid FROM interfaces ORDER BY id')
        expect([...host.view.interfaces.all()].map(({ id, uuid }) => [id, uuid])).toEqual(rows as never)
      })

      test('a transaction is never split', async () => {
        const statements = Array.from({ length: 300 }, (_, n) => insertSql(`f-${n}`))
        const backend = useServer
          ? new ServerBackend({ url: database.url, authToken: undefined }, 5_000)
          : new EmbeddedBackend(database.file)
        await backend.transaction(statements.map((sql) => ({ sql })))
        backend.close()
        await until(() => host.view.interfaces.size > 0)
        expect(host.batches.map((batch) => batch.length)).toEqual([300])
      })

      test('a reader that is behind the compaction gets the difference', async () => {
        await host.write((draft) => {
          for (const uuid of ['stays', 'goes', 'changes']) addInterface(draft, uuid)
        })
        await foreign(`BEGIN; DELETE FROM interfaces WHERE uuid = 'goes'; COMMIT`.split(';')[1]!)
        await until(() => host.view.interfaces.size === 2)
        const backend = useServer
          ? new ServerBackend({ url: database.url, authToken: undefined }, 5_000)
          : new EmbeddedBackend(database.file)
        await backend.transaction([
          { sql: `DELETE FROM interfaces WHERE uuid = 'stays'` },
          { sql: `UPDATE interfaces SET display_name = 'new' WHERE uuid = 'changes'` },
          { sql: insertSql('comes') },
          { sql: 'DELETE FROM changes' },
        ])
        backend.close()
        await until(() => host.view.interfaces.one('uuid', 'comes') !== undefined)
        expect(
          [...host.view.interfaces.all()].map(({ uuid, display_name }) => `${uuid} ${display_name}`),
        ).toEqual(['changes new', 'comes null'])
        const stale = await host.write((draft) => void draft.interfaces.update(3, { display_name: 'newer' }))
        expect(stale.ok).toBe(true)
      })

      test('an old copy of the database in its place: the difference, and revisions go on', async () => {
        await host.write((draft) => {
          for (const uuid of ['stays', 'is not there any more', 'third']) addInterface(draft, uuid)
        })
        const backend = useServer
          ? new ServerBackend({ url: database.url, authToken: undefined }, 5_000)
          : new EmbeddedBackend(database.file)
        await backend.transaction([
          { sql: 'DELETE FROM interfaces WHERE id > 1' },
          { sql: 'DELETE FROM changes WHERE revision > 1' },
          { sql: `UPDATE sqlite_sequence SET seq = 1 WHERE name IN ('changes', 'interfaces')` },
        ])
        backend.close()
        await until(() => host.view.interfaces.size === 1)
        expect(host.view.revision).toBe(4)
        expect((await host.write((draft) => void addInterface(draft, 'new'))).ok).toBe(true)
        expect(host.view.revision).toBe(5)
      })

      test('the feed keeps what it must and no more', async () => {
        const short = await openHost({ keptChanges: 50 })
        for (let n = 0; n < 6; n++) {
          await short.write((draft) => {
            for (let at = 0; at < 2000; at++) addInterface(draft, `if-${n}-${at}`)
          })
        }
        await until(() => short.view.interfaces.size === 12_000)
        await until(() => host.view.interfaces.size === 12_000)
        const feed = async () =>
          (await short.store.query('SELECT count(*), min(revision) FROM changes'))[0] as [number, number]
        let [kept, oldest] = await feed()
        for (const start = performance.now(); kept > 10_050 && performance.now() - start < waitTimeoutMs; )
          [kept, oldest] = await feed()
        expect(kept).toBeGreaterThanOrEqual(50)
        expect(kept).toBeLessThanOrEqual(10_050)
        expect(oldest + kept).toBe(12_001)
      })
    })

    describe('several hosts on one database', () => {
      test('both see everything in order, and guards hold between them', async () => {
        const other = await openHost()
        await host.write((draft) => void addInterface(draft, 'counter'))
        await until(() => other.view.interfaces.size === 1)
        let retries = 0
        const increment = async (by: Host) => {
          for (;;) {
            const result = await by.write((draft) => {
              const row = draft.interfaces.get(1)!
              draft.interfaces.update(1, { display_name: `${Number(row.display_name ?? 0) + 1}` })
            })
            if (result.ok) return
            expect(result.kind).toBe('conflict')
            retries++
          }
        }
        await Promise.all(
          [host, other].flatMap((by) =>
            Array.from({ length: 5 }, async () => {
              for (let n = 0; n < 10; n++) await increment(by)
            }),
          ),
        )
        await until(() => host.view.revision === other.view.revision)
        expect(host.view.interfaces.get(1)?.display_name).toBe('100')
        expect(other.view.interfaces.get(1)?.display_name).toBe('100')
        expect(retries).toBeGreaterThan(0)
        expect(revisions(host)).toEqual(Array.from({ length: 101 }, (_, at) => at + 1))
        expect(revisions(other).at(-1)).toBe(101)
      })

      describe('the database goes back to an older copy', () => {
        /** As a restored backup of revision 1 would be; then what others write into it before anybody looks. */
        const goBack = async (...meanwhile: string[]) => {
          const backend = useServer
            ? new ServerBackend({ url: database.url, authToken: undefined }, 5_000)
            : new EmbeddedBackend(database.file)
          await backend.transaction([
            { sql: 'DELETE FROM interfaces WHERE id > 1' },
            { sql: 'DELETE FROM changes WHERE revision > 1' },
            { sql: `UPDATE sqlite_sequence SET seq = 1 WHERE name IN ('changes', 'interfaces')` },
            ...meanwhile.map((uuid) => ({ sql: insertSql(uuid) })),
          ])
          backend.close()
        }
        const uuids = ({ view }: Host) => [...view.interfaces.all()].map(({ uuid }) => uuid).join(' ')

        test.each([
          ['and nobody has written', []],
          ['and others have written less', ['x']],
          ['and others have written as much', ['x', 'y', 'z']],
          ['and others have written more', ['x', 'y', 'z', 'zz']],
        ])('every host has what it holds, %s', async (_, meanwhile) => {
          await openHost()
          await openHost()
          for (const uuid of ['first', 'b', 'c', 'd'])
            await host.write((draft) => void addInterface(draft, uuid))
          await until(() => hosts.every((one) => one.view.revision === 4))
          await goBack(...meanwhile)
          const held = ['first', ...meanwhile].join(' ')
          await until(() => hosts.every((one) => uuids(one) === held))
          for (const [at, one] of hosts.entries())
            expect((await one.write((draft) => void addInterface(draft, `new-${at}`))).ok).toBe(true)
          const rows = await host.store.query('SELECT uuid FROM interfaces ORDER BY id')
          await until(() => hosts.every((one) => uuids(one) === rows.flat().join(' ')))
          expect(new Set(hosts.map((one) => one.view.revision)).size).toBe(1)
          expect(revisions(host)).toEqual(revisions(host).toSorted((a, b) => a - b))
        })

        test('what was read of the newer one is a conflict, also at the same revision', async () => {
          for (const uuid of ['first', 'b']) await host.write((draft) => void addInterface(draft, uuid))
          const result = await host.write(
            (draft) => void draft.interfaces.update(2, { display_name: draft.interfaces.get(2)!.uuid }),
            () => goBack('another'),
          )
          expect(result).toEqual({ ok: false, kind: 'conflict' })
          expect(uuids(host)).toBe('first another')
        })
      })

      test('ids of both are their own', async () => {
        const other = await openHost()
        const results = await Promise.all(
          Array.from({ length: 40 }, (_, n) =>
            (n % 2 ? host : other).write((draft) => void addInterface(draft, `if-${n}`)),
          ),
        )
        expect(results.every(({ ok }) => ok)).toBe(true)
        const given = results.flatMap((result) => (result.ok ? Object.values(result.ids) : []))
        expect(new Set(given).size).toBe(40)
        await until(() => host.view.interfaces.size === 40 && other.view.interfaces.size === 40)
        for (const view of [host.view, other.view])
          for (const row of view.interfaces.all()) expect(given).toContain(row.id)
      })
    })

    describe('query', () => {
      test('reads, and does not write', async () => {
        await host.write((draft) => void addInterface(draft, 'a'))
        expect(await host.store.query('SELECT uuid FROM interfaces WHERE id = ?', [1])).toEqual([['a']])
        expect(await failureOf(host.store.query('DELETE FROM interfaces'))).toBeInstanceOf(StoreError)
        expect(await failureOf(host.store.query('SELEC'))).toBeInstanceOf(StoreError)
        expect(await failureOf(host.store.query('BEGIN'))).toBeInstanceOf(StoreError)
        expect((await host.write((draft) => void addInterface(draft, 'b'))).ok).toBe(true)
        expect(await host.store.query('SELECT count(*) FROM interfaces')).toEqual([[2]])
      })

      test('execute writes what is not state', async () => {
        const sql = `INSERT INTO function_versions (name, version, digest, bundle, created_at) VALUES (?, ?, ?, ?, ?) RETURNING id`
        expect(await host.store.execute(sql, ['arp', 1, 'd', 'code', 1])).toEqual([[1]])
        expect(await host.store.query('SELECT name FROM function_versions')).toEqual([['arp']])
      })
    })

    describe('limits and ends', () => {
      test('more jobs than the queue holds are answered at once, the others are done', async () => {
        const narrow = await openHost({ queueLimit: 5 })
        const results = await Promise.all(
          Array.from({ length: 50 }, (_, n) => narrow.write((draft) => void addInterface(draft, `if-${n}`))),
        )
        const done = results.filter(({ ok }) => ok).length
        expect(done).toBe(5)
        expect(results.find(({ ok }) => !ok)).toMatchObject({
          kind: 'unavailable',
          problem: { what: 'too much is waiting' },
        })
      })

      test('a closed store answers unavailable', async () => {
        await host.store.close()
        await host.store.close()
        expect(await host.write((draft) => void addInterface(draft, 'a'))).toMatchObject({
          ok: false,
          kind: 'unavailable',
        })
        expect(await failureOf(host.store.query('SELECT 1'))).toBeInstanceOf(StoreError)
        expect(await failureOf(host.store.snapshot())).toBeInstanceOf(StoreError)
      })

      test('what was written is there after opening again', async () => {
        await host.write((draft) => void addInterface(draft, 'a'))
        const { revision } = host.view
        await host.store.close()
        const again = await openHost()
        expect(again.view.revision).toBe(revision)
        expect(again.view.interfaces.one('uuid', 'a')?.enable_routing).toBe(false)
      })

      test('7,000 rows in one job', async () => {
        const result = await host.write((draft) => {
          for (let n = 0; n < 1000; n++) {
            const iface = addInterface(draft, `if-${n}`)
            for (let at = 0; at < 6; at++)
              draft.macLeases.insert({
                uuid: `ml-${n}-${at}`,
                mac_address: n * 10 + at,
                interface_id: iface.id,
              })
          }
        })
        expect(result.ok).toBe(true)
        expect(host.batches).toHaveLength(1)
        expect(
          host.view.macLeases.many('interface', host.view.interfaces.one('uuid', 'if-999')!.id),
        ).toHaveLength(6)
      })
    })
  })
}
