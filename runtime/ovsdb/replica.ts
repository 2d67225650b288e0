/** Our copy of the tables that we watch, fed by the updates of a monitor (RFC 7047, 4.1.5 and 4.1.6). */
import { isUuid, Malformed, malformed, type Uuid } from './datum.ts'
import { decodeRow, isTableName, type Row, type TableName, tableNames } from './schema.ts'

/** 10,000 ports weigh about 15 MB. */
const replicaBytesMax = 64 * 1024 * 1024
const replicaRowsMax = 200_000

type RowMap<T extends TableName> = ReadonlyMap<Uuid, Row<T>>
interface RowChange {
  readonly table: TableName
  readonly uuid: Uuid
  readonly row: Row<TableName> | null
}

export class Replica {
  readonly #tables = emptyTables()
  #weight = 0
  #rows = 0

  table<T extends TableName>(name: T): RowMap<T> {
    return this.#tables.get(name) as unknown as RowMap<T>
  }

  /** Takes a monitor's first reply: these are all the rows there are. Throws `Malformed` and changes nothing then. */
  load(updates: unknown): void {
    const changes = decodeUpdates(updates)
    for (const rows of this.#tables.values()) rows.clear()
    this.#weight = 0
    this.#rows = 0
    this.#put(changes)
  }

  /** Takes an update notification. Throws `Malformed` and changes nothing then. */
  apply(updates: unknown): void {
    this.#put(decodeUpdates(updates))
  }

  #put(changes: readonly RowChange[]) {
    for (const { table, uuid, row } of changes) {
      const rows = this.#tables.get(table)!
      const before = rows.get(uuid)
      if (before !== undefined) {
        this.#weight -= before.weight
        this.#rows--
      }
      if (row === null) rows.delete(uuid)
      else {
        rows.set(uuid, row)
        this.#weight += row.weight
        this.#rows++
      }
    }
    this.#check()
  }

  #check() {
    if (this.#rows <= replicaRowsMax && this.#weight <= replicaBytesMax) return
    const expected = `at most ${replicaRowsMax} rows and ${replicaBytesMax} bytes`
    throw new Malformed({ what: 'the database is too large', where: 'monitor', expected })
  }
}

const emptyTables = () =>
  new Map<TableName, Map<Uuid, Row<TableName>>>(tableNames.map((name) => [name, new Map()]))

function decodeUpdates(updates: unknown): RowChange[] {
  const changes: RowChange[] = []
  for (const [table, rows] of entries('table updates', updates)) {
    if (!isTableName(table)) throw malformed('table updates', 'a table that is monitored', table)
    for (const [uuid, change] of entries(table, rows)) {
      if (!isUuid(uuid)) throw malformed(table, 'a uuid', uuid)
      if (typeof change !== 'object' || change === null) throw malformed(table, 'a row update', change)
      const after = (change as { new?: unknown }).new
      changes.push({ table, uuid, row: after === undefined ? null : decodeRow(table, uuid, after) })
    }
  }
  return changes
}

function entries(where: string, value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(where, 'an object', value)
  return Object.entries(value)
}
