/** What a draft shows before the commit is what the database holds after it, cascades included: at random. */
import { expect, test } from 'bun:test'
import { openTestStore } from '../testing.ts'
import { createDraft } from './draft.ts'
import { type AnyRow, indexColumns, tableNames } from './keys.ts'
import { type Draft, firstPlaceholder, type Key, type State, type TableName } from './types.ts'
import { StateView } from './view.ts'

let seed = 4711
const below = (n: number) => {
  seed = (seed * 1103515245 + 12345) % 2147483648
  return Math.floor((seed / 2147483648) * n)
}
let counter = 0

interface Rows {
  all(): Iterable<AnyRow>
  get(id: number): AnyRow | undefined
  many(index: string, ...key: Key[]): readonly AnyRow[]
}
const rowsOf = (state: State | Draft, table: TableName) => state[table] as unknown as Rows
const some = (draft: Draft, table: TableName): number | undefined => {
  const rows = [...rowsOf(draft, table).all()]
  return rows.length === 0 ? undefined : rows[below(rows.length)]!.id
}

/** One random write; those that the schema would refuse are not made. */
function step(draft: Draft): void {
  const n = ++counter
  const owner = some(draft, 'interfaces')
  const network = some(draft, 'networks')
  const steps: (() => void)[] = [
    () => void draft.interfaces.insert({ uuid: `if-${n}`, mode: 'vif', display_name: null }),
    () => {
      const key = draft.tunnelKeys.insert({ kind: 'network' })
      const values = {
        display_name: '',
        ipv4_network: 0,
        ipv4_prefix: 24,
        domain_name: '',
        mode: 'virtual' as const,
      }
      draft.networks.insert({ ...values, uuid: `nw-${n}`, tunnel_key_id: key.id })
    },
    () =>
      void draft.macLeases.insert({
        uuid: `ml-${n}`,
        mac_address: n,
        ...(owner === undefined ? {} : { interface_id: owner }),
      }),
    () => {
      const lease = some(draft, 'macLeases')
      if (network === undefined) return
      draft.ipLeases.insert({
        uuid: `il-${n}`,
        network_id: network,
        ipv4_address: n,
        mac_lease_id: lease ?? null,
        interface_id: owner ?? null,
      })
    },
    () => {
      const lease = some(draft, 'macLeases')
      if (lease !== undefined) draft.macLeases.update(lease, { interface_id: owner ?? null, mac_address: n })
    },
    () =>
      owner !== undefined &&
      void draft.interfaces.update(owner, { display_name: `n${n}`, enable_routing: below(2) === 0 }),
    () => owner !== undefined && below(4) === 0 && draft.interfaces.delete(owner),
    () => network !== undefined && below(4) === 0 && draft.networks.delete(network),
    () => {
      const lease = some(draft, 'ipLeases')
      if (lease !== undefined && below(2) === 0) draft.ipLeases.delete(lease)
    },
  ]
  steps[below(steps.length)]!()
}

test('50 drafts of 40 random writes', async () => {
  const { store, dispose } = await openTestStore()
  const view = new StateView()
  store.onChanges((changes) => void view.apply(changes))
  view.load(await store.snapshot())
  for (let round = 0; round < 50; round++) {
    const { draft, writes, reads } = createDraft(view, round)
    for (let at = 0; at < 40; at++) step(draft)
    const shown = new Map(tableNames.map((table) => [table, [...rowsOf(draft, table).all()]]))
    const lists = tableNames.flatMap((table) =>
      indexColumns[table].flatMap(({ name, columns }) =>
        shown.get(table)!.map((row) => {
          const key = columns.map((column) => row[column]!)
          return { table, name, key, rows: rowsOf(draft, table).many(name, ...key) }
        }),
      ),
    )
    const result = await store.commit({ writes, reads, revision: draft.revision })
    if (!result.ok) throw new Error(JSON.stringify(result))
    const real = (value: Key): Key =>
      typeof value === 'number' && value <= firstPlaceholder ? result.ids[value]! : value
    const resolve = (row: AnyRow) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, real(value)]))
    for (const table of tableNames)
      expect([...rowsOf(view, table).all()]).toEqual(shown.get(table)!.map(resolve) as unknown as AnyRow[])
    for (const { table, name, key, rows } of lists)
      expect(rows.map(resolve) as unknown[]).toEqual(
        rowsOf(view, table).many(name, ...key.map(real)) as unknown[],
      )
    const fresh = new StateView()
    fresh.load(await store.snapshot())
    for (const table of tableNames)
      expect([...rowsOf(fresh, table).all()]).toEqual([...rowsOf(view, table).all()])
  }
  expect(view.interfaces.size).toBeGreaterThan(20)
  await dispose()
}, 60_000)
