/** A disk without room: said once, until there is room again. It is one of memory, mounted by the test. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Problem } from '../../runtime/problem.ts'
import { createDraft } from '../state/draft.ts'
import { StateView } from '../state/view.ts'
import { startServer, type TestServer } from '../testing/server.ts'
import { openStore, type Store } from './store.ts'

let disk = ''
let mounted = false
const run = (...command: string[]) => Bun.spawnSync(command).exitCode === 0

beforeAll(() => {
  disk = mkdtempSync(join(tmpdir(), 'vnet-disk-'))
  mounted = run('mount', '-t', 'tmpfs', '-o', 'size=12m', 'vnet-test', disk)
})
afterAll(() => {
  if (mounted) run('umount', '-l', disk)
  if (disk !== '') rmSync(disk, { recursive: true, force: true })
})

const add = (store: Store, uuid: string) => {
  const { draft, writes } = createDraft(new StateView(), 1)
  draft.interfaces.insert({ uuid, mode: 'vif', display_name: 'x'.repeat(2_000) })
  return store.commit({ writes, reads: [], revision: 0 })
}

const fillingTimeoutMs = 20_000
/** Attempts of others go on meanwhile. */
const watchedMs = 4_000

test.each([['a file'], ['a server']])(
  '%s on a full disk is away until there is room',
  async (kind) => {
    expect(mounted).toBe(true)
    const folder = mkdtempSync(join(disk, 'db-'))
    let server: TestServer | undefined
    if (kind === 'a server') server = await startServer(folder)
    const store = await openStore({ url: server?.url ?? `file:${join(folder, 'vnet.db')}` })
    const filler = join(disk, 'filler')
    try {
      const said: (Problem | null)[] = []
      store.onAvailability((problem) => void said.push(problem))
      expect((await add(store, 'first')).ok).toBe(true)
      const { bavail, bsize } = statfsSync(disk)
      writeFileSync(filler, Buffer.alloc(Number(bavail) * Number(bsize) - 300_000))
      let count = 0
      for (const start = performance.now(); (await add(store, `if-${count}`)).ok; count++)
        if (performance.now() - start > fillingTimeoutMs) throw new Error('the disk did not fill up')
      for (const start = performance.now(); performance.now() - start < watchedMs; await Bun.sleep(20))
        if ((await add(store, `if-${count}`)).ok) count++
      // What the database gives back of its own can let it go on once more.
      expect(said.length).toBeLessThan(4)
      expect(said.at(-1)).not.toBeNull()
      rmSync(filler)
      for (const start = performance.now(); !(await add(store, 'after')).ok; await Bun.sleep(20))
        if (performance.now() - start > fillingTimeoutMs) throw new Error('it did not come back')
      expect(said.at(-1)).toBeNull()
      const rows = await store.query('SELECT count(*) FROM interfaces')
      expect(rows[0]![0]).toBeGreaterThanOrEqual(count + 2)
      expect(await store.query('SELECT count(*) FROM feed_replaced')).toEqual([[0]])
    } finally {
      await store.close()
      await server?.kill()
      rmSync(filler, { force: true })
      rmSync(folder, { recursive: true, force: true })
    }
  },
  60_000,
)
