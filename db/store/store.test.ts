import { afterEach, beforeEach, expect, test } from 'bun:test'
import { createDraft } from '../state/draft.ts'
import type { Change } from '../state/types.ts'
import { StateView } from '../state/view.ts'
import { openTestStore, type TestStore } from '../testing.ts'

let opened: TestStore
let view: StateView
const batches: (readonly Change[])[] = []

beforeEach(async () => {
  opened = await openTestStore()
  view = new StateView()
  batches.length = 0
  opened.store.onChanges((changes) => {
    batches.push(changes)
    view.apply(changes)
  })
  view.load(await opened.store.snapshot())
})
afterEach(() => opened.dispose())

const interfaceValues = (uuid: string) => ({ uuid, mode: 'vif' as const, display_name: null })

test('a commit gives ids to placeholders, and its changes arrive before its answer', async () => {
  const { draft, writes, reads } = createDraft(view, 1000)
  const iface = draft.interfaces.insert(interfaceValues('if-a'))
  const lease = draft.macLeases.insert({ uuid: 'ml-a', mac_address: 2, interface_id: iface.id })
  const result = await opened.store.commit({ writes, reads, revision: draft.revision })
  if (!result.ok) throw new Error(JSON.stringify(result))
  expect(view.revision).toBe(result.revision)
  expect(view.macLeases.get(result.ids[lease.id]!)?.interface_id).toBe(result.ids[iface.id]!)
  expect(view.interfaces.one('uuid', 'if-a')?.enable_routing).toBe(false)
})
