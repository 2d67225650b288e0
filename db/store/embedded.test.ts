import { expect, test } from 'bun:test'
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDraft } from '../state/draft.ts'
import { StateView } from '../state/view.ts'
import { openStore } from './store.ts'

test('after a store was closed, its file alone is a backup', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vnet-embedded-'))
  try {
    const [file, copy] = [join(folder, 'vnet.db'), join(folder, 'copy.db')]
    const store = await openStore({ url: `file:${file}` })
    const view = new StateView()
    view.load(await store.snapshot())
    const { draft, writes, reads } = createDraft(view, 1_000)
    draft.interfaces.insert({ uuid: 'if-a', mode: 'vif', display_name: null })
    expect(await store.commit({ writes, reads, revision: draft.revision })).toMatchObject({ ok: true })
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(0)
    await store.close()
    copyFileSync(file, copy)
    const again = await openStore({ url: `file:${copy}` })
    const { rows } = await again.snapshot()
    await again.close()
    expect(rows.interfaces.map(({ uuid }) => uuid)).toEqual(['if-a'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
