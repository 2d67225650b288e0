import { afterEach, beforeEach, expect, test } from 'bun:test'
import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../../tests/support/open-vswitch.ts'
import { createDraft } from '../state/draft.ts'
import { StateView } from '../state/view.ts'
import { openStore, type Store } from './store.ts'

let folder: string
let store: Store
const path = (name: string) => join(folder, name)
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vnet-embedded-'))
  store = await openStore({ url: `file:${path('vnet.db')}` })
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

async function addInterface(uuid: string) {
  const view = new StateView()
  view.load(await store.snapshot())
  const { draft, writes, reads } = createDraft(view, 1_000)
  draft.interfaces.insert({ uuid, mode: 'vif', display_name: null })
  return store.commit({ writes, reads, revision: draft.revision })
}
const uuids = async (from: Store) => (await from.snapshot()).rows.interfaces.map(({ uuid }) => uuid)

test('after a store was closed, its file alone is a backup', async () => {
  expect(await addInterface('if-a')).toMatchObject({ ok: true })
  expect(statSync(path('vnet.db-wal')).size).toBeGreaterThan(0)
  await store.close()
  copyFileSync(path('vnet.db'), path('copy.db'))
  const again = await openStore({ url: `file:${path('copy.db')}` })
  expect(await uuids(again)).toEqual(['if-a'])
  await again.close()
})

test('a file that is removed takes no writes, and is served again when it is put back', async () => {
  expect(await addInterface('if-a')).toMatchObject({ ok: true })
  const told: (string | undefined)[] = []
  store.onAvailability((problem) => void told.push(problem?.what))
  for (const name of ['vnet.db', 'vnet.db-wal', 'vnet.db-shm']) renameSync(path(name), path(`${name}.away`))
  expect(await addInterface('if-b')).toMatchObject({ ok: false, kind: 'unavailable' })
  expect(existsSync(path('vnet.db'))).toBe(false)
  await eventually('it to be said', () => told[0]?.includes('removed') === true)
  for (const name of ['vnet.db', 'vnet.db-wal', 'vnet.db-shm']) renameSync(path(`${name}.away`), path(name))
  await eventually('the file to be used again', () => told.at(-1) === undefined)
  expect(await addInterface('if-c')).toMatchObject({ ok: true })
  await store.close()
  store = await openStore({ url: `file:${path('vnet.db')}` })
  expect(await uuids(store)).toContain('if-a')
  expect(await uuids(store)).toContain('if-c')
})

test('one whose folder cannot be gone through takes no writes, and is served again when it can', async () => {
  expect(await addInterface('if-a')).toMatchObject({ ok: true })
  const told: (string | undefined)[] = []
  const failed: string[] = []
  store.onAvailability((problem) => void told.push(problem?.what))
  store.onFailure((problem) => void failed.push(problem.what))
  // A link to itself: root may enter every folder, but nobody gets to the end of it (ELOOP).
  renameSync(folder, `${folder}.away`)
  symlinkSync(folder, folder)
  await eventually('it to be said', () => told[0] !== undefined)
  expect(await addInterface('if-b').catch(() => ({ ok: false }))).toMatchObject({ ok: false })
  rmSync(folder)
  renameSync(`${folder}.away`, folder)
  await eventually('the file to be used again', () => told.at(-1) === undefined)
  expect(await addInterface('if-c')).toMatchObject({ ok: true })
  expect(failed).toEqual([])
})

test('a file that is replaced by an older copy is what counts from then on', async () => {
  await addInterface('if-a')
  await store.close()
  copyFileSync(path('vnet.db'), path('old.db'))
  store = await openStore({ url: `file:${path('vnet.db')}` })
  await addInterface('if-b')
  const changed: string[] = []
  store.onChanges((changes) => {
    for (const { table, before, after } of changes)
      if (table === 'interfaces') changed.push(`${before?.['uuid'] ?? ''} > ${after?.['uuid'] ?? ''}`)
  })
  for (const name of ['vnet.db-wal', 'vnet.db-shm']) rmSync(path(name))
  renameSync(path('old.db'), path('vnet.db'))
  await eventually('the copy to be read', () => changed.length > 0)
  expect(changed).toEqual(['if-b > '])
  expect(await addInterface('if-c')).toMatchObject({ ok: true })
  expect(await uuids(store)).toEqual(['if-a', 'if-c'])
})
