/** One table of a draft: the rows of the state below, with the pending writes on top. */
import { type AnyRow, indexColumns, mapKeyOf, mapKeyOfRow, readKey } from './keys.ts'
import { PendingList } from './pending-list.ts'
import { children, columnsOf } from './relations.ts'
import { firstPlaceholder, type Key, type TableName, type Write } from './types.ts'

/** A table of the state below, whatever its rows. */
export interface BaseTable {
  get(id: number): AnyRow | undefined
  one(index: string, ...key: Key[]): AnyRow | undefined
  many(index: string, ...key: Key[]): readonly AnyRow[]
  all(): Iterable<AnyRow>
  readonly size: number
}

/** What the tables of one draft share. */
export interface DraftLog {
  readonly now: number
  readonly writes: Write[]
  /** Read keys, each once. */
  readonly reads: string[]
  /** What is in `reads` already; undefined: what is read guards nothing. */
  readonly known: Set<string> | undefined
  /** The id of the next row of a table. */
  takeId(name: TableName): number
  /** Whether a row with this id was inserted here. */
  isNew(name: TableName, id: number): boolean
  table(name: TableName): PendingTable
}

type Values = Readonly<Record<string, Key | undefined>>

const isKey = (value: unknown): value is Key =>
  value === null ||
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isSafeInteger(value))

export const isPlaceholder = (value: Key): boolean => typeof value === 'number' && value <= firstPlaceholder

export class PendingTable {
  readonly #changed = new Map<number, AnyRow | null>()
  /** Lists under the keys that a pending write touched; all others are the base's. */
  readonly #lists = new Map<string, Map<Key, PendingList>>()
  #growth = 0
  readonly #name: TableName
  readonly #base: BaseTable
  readonly #log: DraftLog

  constructor(name: TableName, base: BaseTable, log: DraftLog) {
    this.#name = name
    this.#base = base
    this.#log = log
  }

  get(id: number): AnyRow | undefined {
    this.#record('id', [id])
    return this.#peek(id)
  }

  one(index: string, ...key: Key[]): AnyRow | undefined {
    this.#record(index, key)
    return this.glance(index, ...key)
  }

  glance(index: string, ...key: Key[]): AnyRow | undefined {
    const list = this.#lists.get(index)?.get(mapKeyOf(key))
    return list === undefined ? this.#base.one(index, ...key) : list.rows.first
  }

  many(index: string, ...key: Key[]): readonly AnyRow[] {
    this.#record(index, key)
    return this.#peekMany(index, key)
  }

  *all(): Iterable<AnyRow> {
    this.#record('*', [])
    for (const row of this.#base.all()) {
      const pending = this.#changed.get(row.id)
      if (pending !== null) yield pending ?? row
    }
    for (const row of [...this.#changed.values()])
      if (row !== null && this.#log.isNew(this.#name, row.id)) yield row
  }

  get size(): number {
    this.#record('*', [])
    return this.#base.size + this.#growth
  }

  insert(values: Values): AnyRow {
    const row: Record<string, Key> = {}
    const id = this.#log.takeId(this.#name)
    for (const { name, otherwise } of columnsOf[this.#name]) {
      const automatic =
        name === 'id' ? id : name === 'created_at' || name === 'updated_at' ? this.#log.now : undefined
      const value = automatic ?? values[name] ?? (values[name] === null ? null : otherwise)
      if (value === undefined) throw new TypeError(`${this.#name}.insert: ${name} is missing`)
      row[name] = this.#checked(value, name, 'insert')
    }
    this.#refuseUnknown(values, 'insert')
    const frozen = Object.freeze(row) as AnyRow
    this.#log.writes.push({ op: 'insert', table: this.#name, row: frozen })
    this.#put(undefined, frozen)
    return frozen
  }

  update(id: number, values: Values): AnyRow {
    const before = this.#existing(id, 'update')
    this.#refuseUnknown(values, 'update')
    const set: Record<string, Key> = {}
    for (const name in values) {
      const value = values[name]
      if (value !== undefined) set[name] = this.#checked(value, name, 'update')
    }
    if ('updated_at' in before) set['updated_at'] = this.#log.now
    const after = Object.freeze({ ...before, ...set }) as AnyRow
    this.#log.writes.push({ op: 'update', table: this.#name, id, row: Object.freeze(set) })
    this.#put(before, after)
    return after
  }

  delete(id: number): void {
    const row = this.#existing(id, 'delete')
    this.#log.writes.push({ op: 'delete', table: this.#name, id })
    this.#erase(row)
  }

  /** The rows that are otherwise than below, each as it was and as it is. */
  *changes(): Iterable<{
    readonly id: number
    readonly before: AnyRow | null
    readonly after: AnyRow | null
  }> {
    for (const [id, after] of this.#changed) {
      const before = this.#base.get(id) ?? null
      if (before !== null || after !== null) yield { id, before, after }
    }
  }

  /** Takes the row away, and what belongs to it, as the database will. */
  #erase(row: AnyRow): void {
    this.#put(row, null)
    for (const { table: name, column, index, onDelete } of children[this.#name]) {
      const table = this.#log.table(name)
      for (const child of table.#peekMany(index, [row.id])) {
        if (onDelete === 'cascade') table.#erase(child)
        else if (onDelete === 'set null')
          table.#put(child, Object.freeze({ ...child, [column]: null }) as AnyRow)
      }
    }
  }

  #peek(id: number): AnyRow | undefined {
    const pending = this.#changed.get(id)
    return pending === undefined ? this.#base.get(id) : (pending ?? undefined)
  }

  #peekMany(index: string, key: readonly Key[]): readonly AnyRow[] {
    const list = this.#lists.get(index)?.get(mapKeyOf(key))
    return list === undefined ? this.#base.many(index, ...key) : list.rows.share()
  }

  #put(before: AnyRow | undefined, after: AnyRow | null): void {
    this.#changed.set((after ?? before!).id, after)
    if (before === undefined) this.#growth++
    else if (after === null) this.#growth--
    for (const index of indexColumns[this.#name]) {
      const from = before && mapKeyOfRow(index.columns, before)
      const to = after && mapKeyOfRow(index.columns, after)
      if (before !== undefined && (after === null || from !== to))
        this.#listOf(index.name, index.columns, from!, before).remove(before)
      if (after !== null) this.#listOf(index.name, index.columns, to!, after).put(after)
    }
  }

  #listOf(index: string, columns: readonly string[], key: Key, row: AnyRow): PendingList {
    let lists = this.#lists.get(index)
    if (lists === undefined) this.#lists.set(index, (lists = new Map()))
    let list = lists.get(key)
    if (list === undefined) {
      list = new PendingList(() => {
        const values = columns.map((column) => row[column]!)
        return values.some(isPlaceholder) ? [] : this.#base.many(index, ...values)
      })
      lists.set(key, list)
    }
    return list
  }

  /** Rows under a placeholder are this draft's own: nobody else can change them. */
  #record(index: string, key: readonly Key[]): void {
    const { known } = this.#log
    if (known === undefined || key.some(isPlaceholder)) return
    const text = readKey({ table: this.#name, index, key })
    if (known.has(text)) return
    known.add(text)
    this.#log.reads.push(text)
  }

  #existing(id: number, operation: string): AnyRow {
    const row = this.get(id)
    if (row === undefined) throw new TypeError(`${this.#name}.${operation}: there is no row ${id}`)
    return row
  }

  /** Whatever a function may give: what is in a draft is sent to the store by code that nothing guards. */
  #checked(value: unknown, name: string, operation: string): Key {
    if (isKey(value)) return value
    throw new TypeError(
      `${this.#name}.${operation}: ${name} is to be text, a safe integer, true, false or null, not ${
        typeof value === 'number' ? value : `of type ${typeof value}`
      }`,
    )
  }

  #refuseUnknown(values: Values, operation: string): void {
    for (const name in values) {
      if (!columnsOf[this.#name].some((column) => column.name === name))
        throw new TypeError(`${this.#name}.${operation}: no column ${name}`)
    }
  }
}
