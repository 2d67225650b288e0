import { expect, test } from 'bun:test'
import { createDraft } from './draft.ts'
import { overlayOf } from './overlay.ts'
import type { Change, Draft, Row } from './types.ts'
import { StateView } from './view.ts'

const interfaceRow = (id: number): Row<'interfaces'> =>
  ({ id, uuid: `if-${id}`, display_name: '', mode: 'vif', created_at: 1, updated_at: 1 }) as never
const lease = (id: number, interface_id: number | null): Row<'macLeases'> =>
  ({
    id,
    uuid: `ml-${id}`,
    interface_id,
    mac_address: id,
    segment_id: null,
    created_at: 1,
    updated_at: 1,
  }) as never

function viewWith(): StateView {
  const view = new StateView()
  const rows: [Change['table'], { id: number }][] = [
    ['interfaces', interfaceRow(1)],
    ['interfaces', interfaceRow(2)],
    ['macLeases', lease(1, 1)],
    ['macLeases', lease(2, 2)],
  ]
  view.apply(
    rows.map(([table, after], i) => ({
      revision: i + 1,
      table,
      id: after.id,
      before: null,
      after: after as never,
    })),
  )
  return view
}

const overlay = (view: StateView, change: (draft: Draft) => void) => {
  const pending = createDraft(view, 5)
  change(pending.draft)
  return overlayOf(view, pending.writes, 5)
}

test('new rows have the ids that come next, and what refers to them finds them', () => {
  const view = viewWith()
  const { state, changes } = overlay(view, (draft) => {
    const made = draft.interfaces.insert({ uuid: 'if-new', display_name: '', mode: 'vif' } as never)
    draft.macLeases.insert({ uuid: 'ml-new', interface_id: made.id, mac_address: 9, segment_id: null })
    draft.interfaces.update(made.id, { display_name: 'new' })
  })
  expect(state.interfaces.one('uuid', 'if-new')).toMatchObject({ id: 3, display_name: 'new' })
  expect(state.macLeases.many('interface', 3)).toMatchObject([{ id: 3, mac_address: 9 }])
  expect([...state.macLeases.all()].map(({ id }) => id)).toEqual([1, 2, 3])
  expect(changes.map(({ table, before }) => [table, before])).toEqual([
    ['interfaces', null],
    ['macLeases', null],
  ])
  expect(view.interfaces.size).toBe(2)
})

test('what is deleted takes along what belongs to it, and the keys are those that the view would give', () => {
  const view = viewWith()
  const { state, changes, affected } = overlay(view, (draft) => {
    draft.macLeases.update(2, { mac_address: 77 })
    draft.interfaces.delete(1)
  })
  expect(state.interfaces.get(1)).toBeUndefined()
  expect(state.interfaces.size).toBe(1)
  const keys = view.apply(changes.map((change, i) => ({ ...change, revision: 100 + i })))
  expect([...affected].sort()).toEqual([...new Set(keys)].sort())
  expect(
    [...view.macLeases.all()].map(({ id, interface_id, mac_address }) => [id, interface_id, mac_address]),
  ).toEqual(
    [...state.macLeases.all()].map(({ id, interface_id, mac_address }) => [id, interface_id, mac_address]),
  )
})

test('what comes and goes again is no change', () => {
  const { changes } = overlay(viewWith(), (draft) => {
    draft.interfaces.delete(
      draft.interfaces.insert({ uuid: 'if-x', display_name: '', mode: 'vif' } as never).id,
    )
  })
  expect(changes).toEqual([])
})
