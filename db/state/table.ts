/** One table in memory: rows by id and under the keys of every declared index. */
import type { AnyRow, IndexColumns } from './keys.ts'
import { encodeKey, idKey, indexColumns, mapKeyOf, mapKeyOfRow, readKeyOfRow, wholeTableKey } from './keys.ts'
import { RowList } from './row-list.ts'
import type { Key, TableName } from './types.ts'

/** Where reads go while a function is tracked; one for all tables of a view. */
export interface Tracker {
  reads: Set<string> | undefined
}

/** Takes the read keys that a change affects. */
export interface KeySink {
  add(key: string): unknown
}

interface Index extends IndexColumns {
  readonly lists: Map<Key, RowList>
}

const noRows: readonly AnyRow[] = Object.freeze([])

export class MemoryTable {
  #rows = new Map<number, AnyRow>()
  #greatestId = Number.NEGATIVE_INFINITY
  readonly #indexes: ReadonlyMap<string, Index>
  readonly #readKeysOfIds = new Map<number, string>()
  readonly #wholeTable: string
  readonly #name: TableName
  readonly #tracker: Tracker

  constructor(name: TableName, tracker: Tracker) {
    this.#name = name
    this.#tracker = tracker
    this.#wholeTable = wholeTableKey(name)
    this.#indexes = new Map(indexColumns[name].map((index) => [index.name, { ...index, lists: new Map() }]))
    Object.freeze(this)
  }

  get(id: number): AnyRow | undefined {
    if (this.#tracker.reads !== undefined) this.#tracker.reads.add(this.#idReadKey(id))
    return this.#rows.get(id)
  }

  one(index: string, ...key: Key[]): AnyRow | undefined {
    return this.#list(index, key)?.first
  }

  many(index: string, ...key: Key[]): readonly AnyRow[] {
    return this.#list(index, key)?.share() ?? noRows
  }

  all(): Iterable<AnyRow> {
    this.#tracker.reads?.add(this.#wholeTable)
    return this.#rows.values()
  }

  get size(): number {
    this.#tracker.reads?.add(this.#wholeTable)
    return this.#rows.size
  }

  /** The row as it is, without a trace of the read. */
  peek(id: number): AnyRow | undefined {
    return this.#rows.get(id)
  }

  clear(): void {
    this.#rows.clear()
    this.#greatestId = Number.NEGATIVE_INFINITY
    this.#readKeysOfIds.clear()
    for (const index of this.#indexes.values()) index.lists.clear()
  }

  /** Inserts the row or replaces the one with its id; null deletes. The read keys of before and after go to `affected`. */
  set(id: number, row: AnyRow | null, affected?: KeySink): void {
    const before = this.#rows.get(id)
    if (before === undefined && row === null) return
    affected?.add(this.#wholeTable)
    affected?.add(this.#idReadKey(id))
    for (const index of this.#indexes.values()) this.#reindex(index, before, row, affected)
    if (row === null) {
      this.#rows.delete(id)
      this.#readKeysOfIds.delete(id)
      return
    }
    this.#rows.set(id, row)
    if (id > this.#greatestId) this.#greatestId = id
    else if (before === undefined) this.#rows = new Map([...this.#rows].sort(([a], [b]) => a - b))
  }

  #reindex(
    index: Index,
    before: AnyRow | undefined,
    after: AnyRow | null,
    affected: KeySink | undefined,
  ): void {
    const from = before && mapKeyOfRow(index.columns, before)
    const to = after && mapKeyOfRow(index.columns, after)
    if (before !== undefined && (after === null || from !== to)) {
      const list = index.lists.get(from!)
      affected?.add(list?.readKey ?? readKeyOfRow(this.#name, index, before))
      list?.remove(before.id)
      if (list?.length === 0) index.lists.delete(from!)
    }
    if (after === null) return
    let list = index.lists.get(to!)
    if (list === undefined) index.lists.set(to!, (list = new RowList()))
    affected?.add((list.readKey ??= readKeyOfRow(this.#name, index, after)))
    list.put(after)
  }

  #list(name: string, key: readonly Key[]): RowList | undefined {
    const index = this.#indexes.get(name)
    if (index === undefined || index.columns.length !== key.length) throw this.#wrongIndex(name, key.length)
    const list = index.lists.get(mapKeyOf(key))
    const reads = this.#tracker.reads
    if (reads !== undefined) {
      if (list === undefined) reads.add(`${this.#name}/${name}/${encodeKey(key)}`)
      else reads.add((list.readKey ??= `${this.#name}/${name}/${encodeKey(key)}`))
    }
    return list
  }

  #idReadKey(id: number): string {
    let key = this.#readKeysOfIds.get(id)
    if (key !== undefined) return key
    key = idKey(this.#name, id)
    if (this.#rows.has(id)) this.#readKeysOfIds.set(id, key)
    return key
  }

  #wrongIndex(name: string, values: number): Error {
    const known = [...this.#indexes.values()].map((index) => `${index.name}(${index.columns.join(', ')})`)
    return new TypeError(
      `${this.#name} has no index ${name} of ${values} columns; it has ${known.join(', ')}`,
    )
  }
}

// Functions are given the tables themselves: one that puts its own method there must not do so for all.
Object.freeze(MemoryTable.prototype)
