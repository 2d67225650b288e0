/** What functions see of the state: typed, synchronous look-ups by key; a draft adds writes. */
import type { InferSelectModel } from 'drizzle-orm'
import type { stateTables } from '../schema.ts'
import type { indexes } from './indexes.ts'

export type TableName = keyof typeof stateTables
export type Row<T extends TableName> = InferSelectModel<(typeof stateTables)[T]>
export type IndexName<T extends TableName> = keyof (typeof indexes)[T] & string
export type Key = string | number | boolean | null

type Values<R, C> = C extends readonly unknown[] ? { -readonly [K in keyof C]: R[C[K] & keyof R] } : never
/** The values of an index, in the order of its columns. */
export type KeyOf<T extends TableName, I extends IndexName<T>> = Values<Row<T>, (typeof indexes)[T][I]> &
  readonly unknown[]

/** Rows are frozen: a change is a new row. Lists are in the order of ids. */
export interface TableView<T extends TableName> {
  get(id: number): Row<T> | undefined
  /** The first row under a key of an index (the only one, where the index is unique). */
  one<I extends IndexName<T>>(index: I, ...key: KeyOf<T, I>): Row<T> | undefined
  many<I extends IndexName<T>>(index: I, ...key: KeyOf<T, I>): readonly Row<T>[]
  /** Every row. Whoever reads this depends on the whole table. */
  all(): Iterable<Row<T>>
  readonly size: number
}

/** A consistent state of the network at one revision. */
export type State = { readonly [T in TableName]: TableView<T> } & { readonly revision: number }

type Automatic = 'id' | 'created_at' | 'updated_at'
type Optional<R> = { [K in keyof R as null extends R[K] ? K : R[K] extends boolean ? K : never]?: R[K] }
/** What an insert must name: everything but ids and times; nullable columns and flags may be left out. */
export type Insert<T extends TableName> = Omit<Row<T>, Automatic | keyof Optional<Row<T>>> &
  Optional<Omit<Row<T>, Automatic>>

export interface DraftTable<T extends TableName> extends TableView<T> {
  /**
   * As `one`, but the commit is not guarded by it: for whoever looks for something free among much that is taken, and
   * then reads what was found.
   */
  glance<I extends IndexName<T>>(index: I, ...key: KeyOf<T, I>): Row<T> | undefined
  /** The row as it will be; its id is a placeholder (below `firstPlaceholder`) until the commit, and valid as a reference within the draft. */
  insert(values: Insert<T>): Row<T>
  /** Sets `updated_at` too. */
  update(id: number, values: Partial<Omit<Row<T>, Automatic>>): Row<T>
  /** Deletes the row and, as the schema's foreign keys say, what belongs to it. */
  delete(id: number): void
}

/** A state with pending writes on top: what is read is what will be after the commit. */
export type Draft = { readonly [T in TableName]: DraftTable<T> } & { readonly revision: number }

/** One write, in the order to be executed. Placeholder ids stand wherever a row of the same draft is meant. */
export type Write =
  | { readonly op: 'insert'; readonly table: TableName; readonly row: Readonly<Record<string, Key>> }
  | {
      readonly op: 'update'
      readonly table: TableName
      readonly id: number
      readonly row: Readonly<Record<string, Key>>
    }
  | { readonly op: 'delete'; readonly table: TableName; readonly id: number }

/**
 * What a function read: the key of an index of a table (index `id` for the row's id, `*` for the whole table).
 * A commit holds only if no row under any of these keys has changed since the revision that was read.
 */
export type Read = { readonly table: TableName; readonly index: string; readonly key: readonly Key[] }

export interface Change {
  readonly revision: number
  readonly table: TableName
  readonly id: number
  /** null: the row was inserted. */
  readonly before: Readonly<Record<string, Key>> | null
  /** null: the row was deleted. */
  readonly after: Readonly<Record<string, Key>> | null
}

/** Placeholder ids count down from here: far from every id, and still an exact integer in JSON. */
export const firstPlaceholder = -1_000_000_000_000
