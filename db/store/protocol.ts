/** Messages between the host thread and the store thread. */
import type { Problem } from '../../runtime/problem.ts'
import type { SqlParameter, SqlRow } from '../libsql.ts'
import { tableNames } from '../state/keys.ts'
import { tableOfSqlName } from '../state/relations.ts'
import { type Change, firstPlaceholder, type TableName, type Write } from '../state/types.ts'

/** What one function wants to be made true, if what it read still holds. */
export interface Job {
  readonly writes: readonly Write[]
  /** The keys of what it read (`readKey`). */
  readonly reads: readonly string[]
  /** The revision of the state that it read. */
  readonly revision: number
}

export type CommitResult =
  /** Durable. `ids` has the id of each inserted row by its placeholder. */
  | { readonly ok: true; readonly revision: number; readonly ids: Readonly<Record<string, number>> }
  /** What was read has changed meanwhile: run the function again on the newer state. */
  | { readonly ok: false; readonly kind: 'conflict' }
  /** The schema refuses the writes. */
  | {
      readonly ok: false
      readonly kind: 'constraint'
      readonly problem: Problem
      readonly table: TableName | undefined
      readonly columns: readonly string[]
    }
  /**
   * The database cannot be reached, or too much is waiting for it. If it was lost during this very commit, the writes may
   * have been made all the same: the feed tells when it is back.
   */
  | { readonly ok: false; readonly kind: 'unavailable'; readonly problem: Problem }

export interface StoreSettings {
  readonly url: string
  readonly authToken: string | undefined
  /** The feed keeps this many changes at least. */
  readonly keptChanges: number
  /** How long a request to a server may take. */
  readonly requestTimeoutMs: number
}

/**
 * Jobs that were handed in during one turn travel together, and as JSON text: a structured clone of one costs four times
 * as much as its text. They and `ChangeBatch` travel as such, everything else is cloned.
 */
export interface JobText {
  readonly id: number
  /** JSON of a `Job`. Another thread may have made it: who reads it finds out. */
  readonly text: string
}

/** Ids and lengths first: each is read by itself, so that one that is no job costs no other. */
export const packJobs = (jobs: readonly JobText[]): string =>
  `${JSON.stringify(jobs.map(({ id, text }) => [id, text.length]))}\n${jobs.map(({ text }) => text).join('')}`

/** `job` is undefined where the text is of none. */
export function unpackJobs(batch: string): { readonly id: number; readonly job: Job | undefined }[] {
  let at = batch.indexOf('\n') + 1
  return (JSON.parse(batch.slice(0, at)) as [number, number][]).map(([id, length]) => {
    const text = batch.slice(at, at + length)
    at += length
    return { id, job: readJob(text) }
  })
}

function readJob(text: string): Job | undefined {
  try {
    const job = JSON.parse(text) as Job
    const isJob =
      Number.isSafeInteger(job.revision) &&
      Array.isArray(job.reads) &&
      Array.isArray(job.writes) &&
      job.writes.every(isWrite)
    return isJob ? job : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Ids of inserted rows are the store's to give: one that is given would take all below it from the table for good. */
const isPlaceholder = (id: unknown) => Number.isSafeInteger(id) && (id as number) <= firstPlaceholder

function isWrite(write: Write): boolean {
  if (!tableNames.includes(write.table)) return false
  switch (write.op) {
    case 'insert':
      return isObject(write.row) && isPlaceholder(write.row['id'])
    case 'update':
      return isObject(write.row) && Number.isSafeInteger(write.id)
    case 'delete':
      return Number.isSafeInteger(write.id)
    default:
      return false
  }
}

export type ToStore =
  | { readonly type: 'open'; readonly settings: StoreSettings }
  | {
      readonly type: 'query'
      readonly id: number
      readonly sql: string
      readonly parameters: readonly SqlParameter[]
      readonly readOnly: boolean
    }
  | { readonly type: 'snapshot'; readonly id: number }
  | { readonly type: 'close' }

export interface Reply {
  readonly id: number
  readonly result: CommitResult
}

/** What a transaction changed, as JSON text (see `parseChanges`), and the answers of its jobs. */
export interface ChangeBatch {
  readonly changes: string
  readonly revision: number
  readonly replies: readonly Reply[]
}

/** The changes stay the text that they are; JSON has no line breaks of its own. */
export const packBatch = ({ changes, ...rest }: ChangeBatch): string => `${JSON.stringify(rest)}\n${changes}`

export function unpackBatch(text: string): ChangeBatch {
  const end = text.indexOf('\n')
  return { ...(JSON.parse(text.slice(0, end)) as Omit<ChangeBatch, 'changes'>), changes: text.slice(end + 1) }
}

export type FromStore =
  | { readonly type: 'opened' }
  | { readonly type: 'refused'; readonly problem: Problem }
  | { readonly type: 'rows'; readonly id: number; readonly rows: readonly SqlRow[] }
  | { readonly type: 'failed'; readonly id: number; readonly problem: Problem }
  | { readonly type: 'snapshot'; readonly id: number; readonly snapshot: string }
  /** null: the database is there again. */
  | { readonly type: 'availability'; readonly problem: Problem | null }
  | { readonly type: 'closed' }

type Row = Change['before']

/** Changes from their text: `[revision, table in SQL, id, before, after]` each. Tables that this version does not know are left out. */
export function parseChanges(text: string): Change[] {
  const tuples = JSON.parse(text) as [number, string, number, Row, Row][]
  const changes: Change[] = []
  for (const [revision, name, id, before, after] of tuples) {
    const table = tableOfSqlName(name)
    if (table !== undefined) changes.push({ revision, table, id, before, after })
  }
  return changes
}
