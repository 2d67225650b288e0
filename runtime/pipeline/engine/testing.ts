/** A small world for tests of the engine and the synchroniser: datapaths, interfaces active on them, networks with members. */
import { tableNames } from '../../../db/state/keys.ts'
import type { Change, Key, Row, TableName } from '../../../db/state/types.ts'
import { type Snapshot, StateView } from '../../../db/state/view.ts'
import type { Flow, FlowFunction, Unit } from '../flow.ts'

/** A state view that is written to row by row. Rows have the columns that the test's functions look at, and no others. */
export class TestState {
  readonly view = new StateView()
  #revision = 0

  constructor() {
    const rows = Object.fromEntries(tableNames.map((name) => [name, []])) as unknown as Snapshot['rows']
    this.view.load({ rows, revision: 0 })
  }

  /** Answers the affected read keys. */
  put(table: TableName, id: number, columns: Record<string, Key>): readonly string[] {
    const before = (this.view[table].get(id) as Change['before'] | undefined) ?? null
    return this.#apply({ table, id, before, after: { id, ...columns } })
  }

  remove(table: TableName, id: number): readonly string[] {
    const before = (this.view[table].get(id) as Change['before'] | undefined) ?? null
    return this.#apply({ table, id, before, after: null })
  }

  #apply(change: Omit<Change, 'revision'>): readonly string[] {
    return this.view.apply([{ revision: ++this.#revision, ...change }])
  }
}

export const flowOf = (unit: Unit, table: number, priority: number, port: number, output: number): Flow => ({
  table,
  priority,
  cookie: BigInt(unit.objectId) + 0x0001_0000_0000_0000n,
  match: [{ field: 'in_port', value: port }],
  instructions: [
    { type: 'OFPIT_APPLY_ACTIONS', actions: [{ type: 'OFPAT_OUTPUT', port: output, max_len: 0 }] },
  ],
})

/** One child a row of `activeInterfaces` on the datapath, of feature `port`; `objectId` is the interface. */
export const datapathOfPorts: FlowFunction = ({ datapathId }, state) => ({
  flows: [],
  children: state.activeInterfaces
    .many('datapath', datapathId)
    .map((row) => ({ feature: 'port', datapathId, objectId: row.interface_id })),
})

/** Two flows for each place where the interface is active on the datapath. */
export const portFlows: FlowFunction = (unit, state) => ({
  flows: placesOf(unit, state.activeInterfaces.many('pair', unit.objectId, unit.datapathId)),
})

const placesOf = (unit: Unit, places: readonly Row<'activeInterfaces'>[]): Flow[] =>
  places.flatMap(({ port_number }) => [
    flowOf(unit, 0, 100, port_number!, 1),
    flowOf(unit, 1, 100, port_number!, 2),
  ])

/** Columns of a row of `activeInterfaces`. */
export const place = (interface_id: number, datapath_id: number, port_number: number) => ({
  interface_id,
  datapath_id,
  port_number,
  singular: true,
})
