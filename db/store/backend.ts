/** What the store needs of a database, be it a file or a server. */

import type { Problem } from '../../runtime/problem.ts'
import type { SqlError, SqlParameter, SqlRow } from '../libsql.ts'
import type { InsertStyle } from './statements.ts'

export interface Statement {
  readonly sql: string
  readonly parameters?: readonly SqlParameter[]
}

/** A row of the feed: revision, table's name in SQL, id, before and after as JSON text, mark. */
export type FeedRow = readonly [
  revision: number,
  table: string,
  id: number,
  before: string | null,
  after: string | null,
  mark: number | null,
]

/** A change of the feed, as the last one that is known. */
export interface Place {
  readonly revision: number
  /** Its mark: of another copy of the database it is another one. null: the change is not kept, or has none. */
  readonly mark: number | null
}

/** Where the database stands, at the last change ever made; read in one transaction with the changes since a revision. */
export interface Position extends Place {
  /** The oldest change that is kept; undefined: none is. */
  readonly oldest: number | undefined
  /** The greatest id that each table has ever had, by its name in SQL. */
  readonly sequences: ReadonlyMap<string, number>
  /** How many migrations have been applied. */
  readonly migrations: number
}

export interface Catch extends Position {
  readonly rows: readonly FeedRow[]
}

/** Rows of every state table as JSON text, by the table's name in SQL, in the order of ids. */
export interface RawSnapshot extends Position {
  readonly tables: ReadonlyMap<string, readonly string[]>
}

export type GroupOutcome =
  /** Another writer was faster; nothing was done. */
  | { readonly kind: 'stale' }
  /** `errors[i]` is what the database said against job i, whose writes were taken back; the others are durable. */
  | {
      readonly kind: 'done'
      readonly errors: readonly (SqlError | undefined)[]
      readonly rows: readonly FeedRow[]
    }

export interface Transacting {
  /** Runs the statements in one transaction, all or nothing; answers the rows of each. */
  transaction(
    statements: readonly Statement[],
    options?: { readonly foreignKeys: 'off' },
  ): Promise<SqlRow[][]>
  /** Runs one statement. */
  rows(statement: Statement, options?: { readonly readOnly: boolean }): Promise<SqlRow[]>
}

/** Every method throws `Unavailable` while the database cannot be reached, and `SqlError` when it refuses a statement. */
export interface Backend extends Transacting {
  readonly insertStyle: InsertStyle
  /** Commits the jobs, each by itself, in one durable transaction, if the database is still at this place. */
  commit(jobs: readonly (readonly Statement[])[], place: Place, migrations: number): Promise<GroupOutcome>
  catchUp(revision: number): Promise<Catch>
  snapshot(): Promise<RawSnapshot>
  /** Calls `wake` when somebody may have written; soon, and in the end always. The result ends it. */
  watch(wake: () => void): () => void
  close(): void
}

export class Unavailable extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.what)
    this.problem = problem
  }
}
