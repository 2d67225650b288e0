import { describe, expect, test } from 'bun:test'
import { getTableConfig } from 'drizzle-orm/sqlite-core'
import { stateTables } from '../schema.ts'
import { indexColumns, tableNames } from './keys.ts'
import type { Change, Row } from './types.ts'
import { readKey, StateView } from './view.ts'

const lease = (id: number, values: Partial<Row<'macLeases'>> = {}): Row<'macLeases'> => ({
  id,
  uuid: `ml-${id}`,
  interface_id: 1,
  mac_address: id,
  segment_id: null,
  created_at: 1,
  updated_at: 1,
  ...values,
})
let revision = 0
const change = (before: Row<'macLeases'> | null, after: Row<'macLeases'> | null): Change => ({
  revision: ++revision,
  table: 'macLeases',
  id: (after ?? before!).id,
  before,
  after,
})
const viewOf = (...rows: Row<'macLeases'>[]) => {
  const view = new StateView()
  view.apply(rows.map((row) => change(null, row)))
  return view
}
const ids = (rows: Iterable<{ id: number }>) => [...rows].map(({ id }) => id)

describe('look-ups', () => {
  test('by id, by unique key, by list, and misses', () => {
    const view = viewOf(lease(1), lease(2), lease(3, { interface_id: null }))
    expect(view.macLeases.get(2)?.uuid).toBe('ml-2')
    expect(view.macLeases.one('uuid', 'ml-3')?.id).toBe(3)
    expect(ids(view.macLeases.many('interface', 1))).toEqual([1, 2])
    expect(ids(view.macLeases.many('interface', null))).toEqual([3])
    expect(view.macLeases.get(9)).toBeUndefined()
    expect(view.macLeases.one('uuid', 'x')).toBeUndefined()
    expect(view.macLeases.many('interface', 9)).toEqual([])
    expect(view.macLeases.size).toBe(3)
  })

  test('lists and all() are in the order of ids, however rows came', () => {
    const view = viewOf(lease(5), lease(2), lease(9), lease(1))
    view.apply([change(lease(2), lease(2, { mac_address: 22 })), change(lease(9), null)])
    expect(ids(view.macLeases.many('interface', 1))).toEqual([1, 2, 5])
    expect(ids(view.macLeases.all())).toEqual([1, 2, 5])
  })

  test('a list that was handed out stays as it was', () => {
    const view = viewOf(lease(1), lease(2))
    const list = view.macLeases.many('interface', 1)
    view.apply([change(null, lease(3)), change(lease(1), null)])
    expect(ids(list)).toEqual([1, 2])
    expect(ids(view.macLeases.many('interface', 1))).toEqual([2, 3])
  })

  test('rows are frozen', () => {
    const row = viewOf(lease(1)).macLeases.get(1)!
    expect(() => {
      ;(row as { uuid: string }).uuid = 'other'
    }).toThrow(TypeError)
  })

  test('keys of several columns do not run into one another', () => {
    const view = new StateView()
    const port = (id: number, datapath_id: number, port_name: string): Row<'activePorts'> => ({
      id,
      datapath_id,
      port_name,
      port_number: id,
      iface_id: null,
      uplink: false,
      linked: true,
      created_at: 1,
      updated_at: 1,
    })
    const rows = [port(1, 1, '1/1:a'), port(2, 1, 'null'), port(3, 11, 'a')]
    view.apply(
      rows.map((after) => ({
        revision: ++revision,
        table: 'activePorts',
        id: after.id,
        before: null,
        after,
      })),
    )
    for (const { id, datapath_id, port_name } of rows)
      expect(view.activePorts.one('name', datapath_id, port_name)?.id).toBe(id)
    expect(view.activePorts.one('name', 1, '1/1')).toBeUndefined()
  })

  test('an index that is not declared, or a wrong number of values, is an error that names those there are', () => {
    const view = viewOf() as unknown as { macLeases: { one(index: string, ...key: number[]): unknown } }
    expect(() => view.macLeases.one('interfaces', 1)).toThrow('interface(interface_id)')
    expect(() => view.macLeases.one('interface', 1, 2)).toThrow(
      'macLeases has no index interface of 2 columns',
    )
  })
})

describe('apply', () => {
  test('answers the keys before and after, in every index, of the id and of the table', () => {
    const view = viewOf(lease(1))
    const affected = view.apply([change(lease(1), lease(1, { interface_id: 7 }))])
    const key = (index: string, ...values: (string | number | null)[]) =>
      readKey({ table: 'macLeases', index, key: values })
    const expected = [
      key('*'),
      key('id', 1),
      key('uuid', 'ml-1'),
      key('interface', 1),
      key('interface', 7),
      key('segment', null),
      key('macAddress', 1),
    ]
    expect([...affected].sort()).toEqual(expected.sort())
    expect(ids(view.macLeases.many('interface', 1))).toEqual([])
    expect(ids(view.macLeases.many('interface', 7))).toEqual([1])
  })

  test('passes over what it has, and takes the revision of the last change', () => {
    const view = viewOf(lease(1))
    const again = change(lease(1), null)
    expect(view.apply([again]).length).toBeGreaterThan(0)
    expect(view.apply([again, { ...again, revision: 1 }])).toEqual([])
    expect(view.revision).toBe(again.revision)
  })

  test('several changes of one revision are all applied', () => {
    const view = new StateView()
    const at = ++revision
    view.apply(
      [lease(1), lease(2)].map((after) => ({
        revision: at,
        table: 'macLeases' as const,
        id: after.id,
        before: null,
        after,
      })),
    )
    expect(view.macLeases.size).toBe(2)
  })
})

describe('track', () => {
  test('records hits and misses under the keys that changes affect', () => {
    const view = viewOf(lease(1))
    const { value, reads } = view.track(() => [
      view.macLeases.get(1),
      view.macLeases.get(2),
      view.macLeases.many('interface', 2),
      view.macLeases.size,
    ])
    expect(value[0]).toBeDefined()
    const before = new Set(reads)
    expect(before.has('macLeases/id/1')).toBe(true)
    const affected = view.apply([change(null, lease(2, { interface_id: 2 }))])
    expect(affected.filter((key) => before.has(key)).sort()).toEqual([
      'macLeases/*',
      'macLeases/id/2',
      'macLeases/interface/2',
    ])
  })

  test('nothing is recorded outside, and a later run does not see an earlier one', () => {
    const view = viewOf(lease(1))
    view.macLeases.get(1)
    view.track(() => view.macLeases.get(1))
    expect(view.track(() => view.macLeases.one('uuid', 'a')).reads).toEqual(new Set(['macLeases/uuid/1:a']))
  })

  test('what an inner run reads counts for the outer, also when it throws', () => {
    const view = viewOf(lease(1))
    const { reads } = view.track(() => {
      view.macLeases.get(1)
      const inner = view.track(() => view.macLeases.get(2))
      expect(inner.reads).toEqual(new Set(['macLeases/id/2']))
      expect(() =>
        view.track(() => {
          view.macLeases.get(3)
          throw new Error('no')
        }),
      ).toThrow('no')
      view.macLeases.get(4)
    })
    expect([...reads].sort()).toEqual([
      'macLeases/id/1',
      'macLeases/id/2',
      'macLeases/id/3',
      'macLeases/id/4',
    ])
    expect(view.track(() => undefined).reads.size).toBe(0)
  })

  test('an asynchronous function is refused', () => {
    expect(() => new StateView().track(async () => 1)).toThrow('synchronous')
  })
})

test('every unique key and every foreign key of the schema is an index of the view', () => {
  const missing: string[] = []
  for (const table of tableNames) {
    const { columns, uniqueConstraints, foreignKeys } = getTableConfig(stateTables[table])
    const declared = new Set(indexColumns[table].map((index) => index.columns.join()))
    const wanted = [
      ...columns.filter((column) => column.isUnique).map((column) => column.name),
      ...uniqueConstraints.map((unique) => unique.columns.map((column) => column.name).join()),
      ...foreignKeys.map((key) =>
        key
          .reference()
          .columns.map((column) => column.name)
          .join(),
      ),
    ]
    for (const key of wanted) if (!declared.has(key)) missing.push(`${table}(${key})`)
  }
  expect(missing).toEqual([])
})

test('who is given a view cannot put methods of its own there, for all others to call', () => {
  const view = new StateView()
  const edits: (() => unknown)[] = [
    () => Object.assign(view.networks, { many: () => [] }),
    () => Object.assign(Object.getPrototypeOf(view.networks), { many: () => [] }),
    () => Object.assign(view, { networks: {} }),
    () => Object.assign(view, { track: () => undefined }),
    () => Object.assign(Object.getPrototypeOf(view), { load: () => undefined }),
  ]
  for (const edit of edits) expect(edit).toThrow(TypeError)
})
