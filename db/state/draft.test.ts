import { expect, test } from 'bun:test'
import { createDraft } from './draft.ts'
import { readKey, tableNames } from './keys.ts'
import { firstPlaceholder, type Row } from './types.ts'
import { type Snapshot, StateView } from './view.ts'

const times = { created_at: 1, updated_at: 1 }
const iface = (id: number): Row<'interfaces'> => ({
  id,
  uuid: `if-${id}`,
  mode: 'vif',
  display_name: null,
  enable_routing: false,
  enable_route_translation: false,
  enable_filtering: false,
  enable_legacy_filtering: false,
  ingress_filtering_enabled: false,
  mac_learning_limit: null,
  mac_ageing_time: null,
  ...times,
})
const lease = (id: number, interface_id: number | null): Row<'macLeases'> => ({
  id,
  uuid: `ml-${id}`,
  interface_id,
  mac_address: id,
  segment_id: null,
  ...times,
})

function stateOf(rows: Partial<Snapshot['rows']>): StateView {
  const view = new StateView()
  const none = Object.fromEntries(tableNames.map((table) => [table, []])) as unknown as Snapshot['rows']
  view.load({ rows: { ...none, ...rows }, revision: 7 })
  return view
}
const ids = (rows: Iterable<{ id: number }>) => [...rows].map(({ id }) => id)

test('an inserted row is seen by every look-up, with defaults, times and a placeholder id', () => {
  const { draft, writes } = createDraft(stateOf({}), 1234)
  const row = draft.datapaths.insert({
    uuid: 'dp-1',
    display_name: 'one',
    dpid: '0x0000000000000001',
    node_id: 'a',
  })
  expect(row.id).toBeLessThan(firstPlaceholder)
  expect(row).toMatchObject({
    enable_ovs_learn_action: true,
    trusted_fail_mode: false,
    created_at: 1234,
    updated_at: 1234,
  })
  expect(draft.datapaths.get(row.id)).toBe(row)
  expect(draft.datapaths.one('uuid', 'dp-1')).toBe(row)
  expect([...draft.datapaths.all()]).toEqual([row])
  expect(draft.datapaths.size).toBe(1)
  expect(draft.revision).toBe(7)
  expect(writes).toEqual([{ op: 'insert', table: 'datapaths', row }])
})

test('lists are the state below with the pending writes, new rows last and in the order of their making', () => {
  const { draft } = createDraft(
    stateOf({ interfaces: [iface(1), iface(2)], macLeases: [lease(5, 1), lease(6, 1), lease(8, 2)] }),
    2,
  )
  const first = draft.macLeases.insert({ uuid: 'a', mac_address: 100, interface_id: 1 })
  const list = draft.macLeases.many('interface', 1)
  const second = draft.macLeases.insert({ uuid: 'b', mac_address: 101, interface_id: 1 })
  draft.macLeases.update(8, { interface_id: 1 })
  draft.macLeases.delete(5)
  expect(ids(draft.macLeases.many('interface', 1))).toEqual([6, 8, first.id, second.id])
  expect(ids(draft.macLeases.many('interface', 2))).toEqual([])
  expect(ids(draft.macLeases.all())).toEqual([6, 8, first.id, second.id])
  expect(draft.macLeases.size).toBe(4)
  expect(ids(list)).toEqual([5, 6, first.id])
})

test('an update moves a row between keys and keeps the state below as it was', () => {
  const view = stateOf({ macLeases: [lease(5, null)] })
  const { draft, writes } = createDraft(view, 99)
  const after = draft.macLeases.update(5, { mac_address: 50 })
  expect(after).toMatchObject({ mac_address: 50, updated_at: 99, created_at: 1 })
  expect(draft.macLeases.one('macAddress', 5)).toBeUndefined()
  expect(draft.macLeases.one('macAddress', 50)).toBe(after)
  expect(view.macLeases.one('macAddress', 5)?.mac_address).toBe(5)
  expect(writes).toEqual([
    { op: 'update', table: 'macLeases', id: 5, row: { mac_address: 50, updated_at: 99 } },
  ])
})

test('a delete takes along what belongs to the row, pending rows too, and only itself is written', () => {
  const network = {
    id: 4,
    uuid: 'nw',
    display_name: '',
    ipv4_network: 0,
    ipv4_prefix: 24,
    mode: null,
    domain_name: '',
    segment_id: null,
    encapsulation: null,
    tunnel_key_id: 1,
    ...times,
  }
  const { draft, writes } = createDraft(
    stateOf({ interfaces: [iface(1)], macLeases: [lease(5, 1)], networks: [network as Row<'networks'>] }),
    2,
  )
  const pending = draft.ipLeases.insert({
    uuid: 'il',
    interface_id: null,
    mac_lease_id: 5,
    network_id: 4,
    ipv4_address: 9,
  })
  draft.interfaces.delete(1)
  expect(draft.interfaces.get(1)).toBeUndefined()
  expect(draft.macLeases.get(5)).toBeUndefined()
  expect(draft.ipLeases.get(pending.id)).toBeUndefined()
  expect(draft.ipLeases.one('address', 4, 9)).toBeUndefined()
  expect(draft.ipLeases.many('network', 4)).toEqual([])
  expect(draft.networks.get(4)).toBeDefined()
  expect(writes.map(({ op, table }) => `${op} ${table}`)).toEqual(['insert ipLeases', 'delete interfaces'])
})

test('reads are recorded once each, hits and misses, but not those under placeholders', () => {
  const pending = createDraft(stateOf({ interfaces: [iface(1)] }), 2)
  const { draft } = pending
  draft.interfaces.get(1)
  draft.interfaces.get(1)
  draft.interfaces.one('uuid', 'none')
  const row = draft.macLeases.insert({ uuid: 'a', mac_address: 1 })
  draft.macLeases.get(row.id)
  draft.ipLeases.many('macLease', row.id)
  draft.networks.size
  expect(pending.reads).toEqual([
    readKey({ table: 'interfaces', index: 'id', key: [1] }),
    readKey({ table: 'interfaces', index: 'uuid', key: ['none'] }),
    readKey({ table: 'networks', index: '*', key: [] }),
  ])
})

test('updating or deleting depends on the row', () => {
  const pending = createDraft(stateOf({ interfaces: [iface(1), iface(2)] }), 2)
  pending.draft.interfaces.update(1, { display_name: 'x' })
  pending.draft.interfaces.delete(2)
  expect(pending.reads).toEqual(['interfaces/id/1', 'interfaces/id/2'])
})

test('mistakes are errors that name the place', () => {
  const { draft } = createDraft(stateOf({}), 2)
  expect(() => draft.interfaces.update(3, {})).toThrow('interfaces.update: there is no row 3')
  expect(() => draft.interfaces.delete(3)).toThrow('interfaces.delete: there is no row 3')
  expect(() => draft.interfaces.insert({ mode: 'vif' } as never)).toThrow(
    'interfaces.insert: uuid is missing',
  )
  expect(() => draft.interfaces.insert({ uuid: 'a', mode: 'vif', colour: 'red' } as never)).toThrow(
    'interfaces.insert: no column colour',
  )
})

test('a draft lies on a draft as on a view', () => {
  const below = createDraft(stateOf({ interfaces: [iface(1)] }), 2)
  below.draft.interfaces.update(1, { display_name: 'below' })
  const { draft, writes } = createDraft(below.draft, 3)
  expect(draft.interfaces.get(1)?.display_name).toBe('below')
  draft.interfaces.delete(1)
  expect(below.draft.interfaces.get(1)).toBeDefined()
  expect(writes).toHaveLength(1)
})

test.each<[string, unknown]>([
  ['a big integer', 1n],
  ['an object that JSON asks', { toJSON: () => 'mine' }],
  ['a list', [1]],
  ['a function', () => 1],
  ['a symbol', Symbol('x')],
  ['not a number', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['half of one', 0.5],
  ['more than a number can tell exactly', 2 ** 53],
])('no column takes %s', (_, value) => {
  const { draft, writes } = createDraft(stateOf({ macLeases: [lease(1, null)] }), 0)
  const fields = { uuid: 'ml-2', interface_id: null, mac_address: value as number, segment_id: null }
  expect(() => draft.macLeases.insert(fields)).toThrow(/macLeases.insert: mac_address is to be/)
  expect(() => draft.macLeases.update(1, { mac_address: value as number })).toThrow(
    /macLeases.update: mac_address is to be/,
  )
  expect(writes).toEqual([])
  expect(draft.macLeases.size).toBe(1)
})

test('a value that is another each time it is looked at is what it was when it was checked', () => {
  const { draft, writes } = createDraft(stateOf({ macLeases: [lease(1, null)] }), 5)
  let looks = 0
  const fickle = {
    get mac_address() {
      return looks++ === 0 ? 7 : (7n as unknown as number)
    },
  }
  draft.macLeases.update(1, fickle)
  expect(writes).toEqual([
    { op: 'update', table: 'macLeases', id: 1, row: { mac_address: 7, updated_at: 5 } },
  ])
})

test('a glance sees what a look-up sees, pending rows too, and guards nothing', () => {
  const { draft, reads } = createDraft(stateOf({ macLeases: [lease(5, 1), lease(6, 1)] }), 2)
  expect(draft.macLeases.glance('macAddress', 5)?.id).toBe(5)
  expect(draft.macLeases.glance('macAddress', 7)).toBeUndefined()
  expect(reads).toEqual([])
  draft.macLeases.delete(5)
  const row = draft.macLeases.insert({ uuid: 'a', mac_address: 7 })
  expect(draft.macLeases.glance('macAddress', 5)).toBeUndefined()
  expect(draft.macLeases.glance('macAddress', 7)).toBe(row)
  expect(reads).toEqual(['macLeases/id/5'])
})
