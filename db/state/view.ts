/** The state in memory at one revision: kept by the change feed, read by functions, with a record of who read what. */
import { stateTables } from '../schema.ts'
import { type AnyRow, readKey, tableNames } from './keys.ts'
import { type KeySink, MemoryTable, type Tracker } from './table.ts'
import type { Change, Row, State, TableName, TableView } from './types.ts'

export { readKey }

/** Every row of every state table at one revision, in the order of ids. */
export interface Snapshot {
  readonly rows: { readonly [T in TableName]: readonly Row<T>[] }
  readonly revision: number
}

export interface Tracked<T> {
  readonly value: T
  /** The read keys of every look-up that was made, hit or miss. */
  readonly reads: ReadonlySet<string>
}

type Tables = { readonly [T in TableName]: TableView<T> }

/** Gives a class one property for each table; the loop cannot forget one, as a list would. */
class TableHolder {
  protected readonly tracker: Tracker = { reads: undefined }
  constructor() {
    for (const name of tableNames)
      Object.defineProperty(this, name, { value: new MemoryTable(name, this.tracker), enumerable: true })
  }
}
const Base = TableHolder as unknown as new () => Tables & { readonly tracker: Tracker }

export class StateView extends Base implements State {
  #current = 0

  constructor() {
    super()
    Object.freeze(this)
  }

  /** The revision of the last change that was applied, or of the snapshot. */
  get revision(): number {
    return this.#current
  }

  /** Replaces everything by the rows of a snapshot. */
  load(snapshot: Snapshot): void {
    for (const name of tableNames) {
      const table = this.#memory(name)
      table.clear()
      for (const row of snapshot.rows[name] as readonly Row<TableName>[])
        table.set(row.id, Object.freeze(row) as unknown as AnyRow)
    }
    this.#current = snapshot.revision
  }

  /**
   * Applies changes in order and answers the read keys that they affect: those of the rows before and after in every
   * index, of their ids, and of their whole tables. Changes that the view already has are passed over.
   */
  apply(changes: readonly Change[]): readonly string[] {
    const affected = new Set<string>()
    this.applyInto(changes, affected)
    return [...affected]
  }

  /** The same, with the affected keys given to a sink, each as often as it is affected; or to nobody, at half the price. */
  applyInto(changes: readonly Change[], affected?: KeySink): void {
    const known = this.#current
    for (const change of changes) {
      if (change.revision <= known) continue
      if (Object.hasOwn(stateTables, change.table)) {
        const row = change.after && (Object.freeze(change.after) as AnyRow)
        this.#memory(change.table).set(change.id, row, affected)
      }
      this.#current = change.revision
    }
  }

  /**
   * Runs a synchronous function and records what it reads. Nests: what the inner run reads counts for the outer too.
   * An error of the function passes through, and its reads count for the outer run only.
   */
  track<T>(run: () => T): Tracked<T> {
    const outer = this.tracker.reads
    const reads = new Set<string>()
    this.tracker.reads = reads
    try {
      const value = run()
      if (value instanceof Promise)
        throw new TypeError('A tracked function must be synchronous: reads after an await would be lost')
      return { value, reads }
    } finally {
      this.tracker.reads = outer
      if (outer !== undefined) for (const key of reads) outer.add(key)
    }
  }

  #memory(name: TableName): MemoryTable {
    return this[name] as unknown as MemoryTable
  }
}

Object.freeze(StateView.prototype)
