/**
 * A program that is killed in the middle of its work: `commit URL` commits jobs of four rows for ever and writes the name
 * of each that was acknowledged as a line; `migrate URL` applies migrations that take their time.
 */

import { migrate } from '../migrate.ts'
import { migrations } from '../migrations.ts'
import { createDraft } from '../state/draft.ts'
import { StateView } from '../state/view.ts'
import { EmbeddedBackend } from '../store/embedded.ts'
import { ServerBackend } from '../store/server.ts'
import { openStore } from '../store/store.ts'
import { filePath } from '../store/url.ts'

/** Each makes a table and fills it: half of one is easy to see. */
export const slowMigrations = [
  ...migrations,
  ...Array.from({ length: 5 }, (_, n) => ({
    name: `900${n}_slow`,
    sql: [
      `CREATE TABLE slow_${n} (id integer primary key, text text)`,
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) INSERT INTO slow_${n} SELECT i, hex(randomblob(20)) FROM n`,
      `CREATE INDEX slow_${n}_text ON slow_${n} (text)`,
    ].join('--> statement-breakpoint\n'),
  })),
]

export const leasesPerInterface = 3
const inFlight = 8

async function commitForEver(url: string): Promise<void> {
  const store = await openStore({ url })
  const view = new StateView()
  store.onChanges((changes) => void view.apply(changes))
  view.load(await store.snapshot())
  const run = crypto.randomUUID().slice(0, 8)
  let next = 0
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      for (;;) {
        const name = `${run}-${next++}`
        const { draft, writes, reads } = createDraft(view, 1)
        const iface = draft.interfaces.insert({ uuid: name, mode: 'vif', display_name: null })
        for (let n = 0; n < leasesPerInterface; n++) {
          draft.macLeases.insert({
            uuid: `${name}-${n}`,
            mac_address: Number.parseInt(run, 16) * 65536 + next * 4 + n,
            interface_id: iface.id,
          })
        }
        const result = await store.commit({ writes, reads, revision: draft.revision })
        if (result.ok) process.stdout.write(`${name}\n`)
        else await Bun.sleep(5)
      }
    }),
  )
}

async function migrateSlowly(url: string): Promise<void> {
  const path = filePath(url)
  const backend =
    path === undefined ? new ServerBackend({ url, authToken: undefined }, 10_000) : new EmbeddedBackend(path)
  process.stdout.write('migrating\n')
  const result = await migrate(backend, slowMigrations)
  process.stdout.write(`${JSON.stringify(result)}\n`)
}

if (import.meta.main) {
  // It must not outlive the test that started it.
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && process.exit(), 200).unref()
  const [what, url] = process.argv.slice(2)
  await (what === 'migrate' ? migrateSlowly(url!) : commitForEver(url!))
}
