/** A libSQL server that other hosts use at the same time. Every transaction is one request. */

import { rowAsJson } from '../feed/triggers.ts'
import { SqlError, type SqlRow } from '../libsql.ts'
import type { stateTables } from '../schema.ts'
import { quoteName } from '../sql-text.ts'
import { tableNames } from '../state/keys.ts'
import { sqlName } from '../state/relations.ts'
import type { Backend, Catch, FeedRow, GroupOutcome, Place, RawSnapshot, Statement } from './backend.ts'
import { type Condition, HranaClient, type Step, type StepResult } from './hrana.ts'
import {
  applyToTables,
  asFeedRows,
  changesBetween,
  isStale,
  positionStatements,
  readPosition,
  refuseWhen,
  rowsAfter,
  staleParameters,
} from './position.ts'
import type { ServerAddress } from './url.ts'
import { watchServer } from './watch-server.ts'

/** Rows in one answer: a server cuts answers off at some 10 MB. */
const pageRows = 5_000
const rememberedStatements = 512
/** SQLite's codes that say something of the statement rather than of the server. */
const refusals = /^SQLITE_(CONSTRAINT|MISMATCH|RANGE|TOOBIG|ERROR|AUTH|UNKNOWN|READONLY)|^SQL_/

const ok = (step: number): Condition => ({ type: 'ok', step })
const not = (cond: Condition): Condition => ({ type: 'not', cond })
const both = (...conds: Condition[]): Condition => ({ type: 'and', conds })
const inTransaction = not({ type: 'is_autocommit' })

export class ServerBackend implements Backend {
  readonly insertStyle = 'json'
  private readonly client: HranaClient
  /** Statements that the server has said to write nothing. */
  private readonly readOnly = new Set<string>()

  constructor(address: ServerAddress, timeoutMs: number) {
    this.client = new HranaClient(address, timeoutMs)
  }

  async commit(
    jobs: readonly (readonly Statement[])[],
    place: Place,
    migrations: number,
  ): Promise<GroupOutcome> {
    const steps: Step[] = [
      { sql: 'BEGIN IMMEDIATE' },
      { ...refuseWhen(isStale, ...staleParameters(place, migrations)), condition: ok(0) },
    ]
    const ends = jobs.map((statements) => addJob(steps, statements))
    const feed =
      steps.push({
        ...changesBetween(place.revision, Number.MAX_SAFE_INTEGER, pageRows + 1),
        condition: both(ok(1), inTransaction),
      }) - 1
    const commit = steps.push({ sql: 'COMMIT', condition: ok(feed) }) - 1
    steps.push({ sql: 'ROLLBACK', condition: inTransaction })
    const results = await this.batch(steps)
    if (isBusy(results[0]) || isRefused(results[1])) return { kind: 'stale' }
    for (const step of [0, 1, feed, commit]) this.refuseTrouble(results[step])
    if (results[commit] === undefined) throw this.client.unavailable('the transaction was not committed')
    const errors = ends.map(([first, last]) =>
      results
        .slice(first, last)
        .map(errorOf)
        .find((error) => error !== undefined),
    )
    const rows = asFeedRows(rowsOf(results[feed]))
    return {
      kind: 'done',
      errors,
      rows: rows.length <= pageRows ? rows : (await this.catchUp(place.revision)).rows,
    }
  }

  async catchUp(revision: number): Promise<Catch> {
    const first = await this.positionAndPage(revision, Number.MAX_SAFE_INTEGER)
    const rows: FeedRow[] = [...first.rows]
    while (rows.length > 0 && rows.at(-1)![0] < first.revision) {
      const next = await this.positionAndPage(rows.at(-1)![0], first.revision)
      if (next.rows.length === 0) return { ...first, oldest: first.revision + 1 }
      rows.push(...next.rows)
    }
    return { ...first, rows }
  }

  /** Reads page after page while others write, then what they wrote: the same as if all had been read at the end. */
  async snapshot(): Promise<RawSnapshot> {
    const before = await this.positionAndPage(Number.MAX_SAFE_INTEGER, 0)
    const tables = new Map<string, Map<number, string>>()
    for (const table of tableNames) tables.set(sqlName(table), await this.readTable(table))
    const after = await this.catchUp(before.revision - 1)
    const rows = rowsAfter(before, after)
    if (rows === undefined) return this.snapshot()
    applyToTables(tables, rows)
    return {
      ...after,
      tables: new Map(
        [...tables].map(([name, rows]) => [name, [...rows].sort(([a], [b]) => a - b).map(([, row]) => row)]),
      ),
    }
  }

  async transaction(
    statements: readonly Statement[],
    options?: { readonly foreignKeys: 'off' },
  ): Promise<SqlRow[][]> {
    const steps: Step[] = [
      { sql: `PRAGMA foreign_keys = ${options === undefined ? 'ON' : 'OFF'}` },
      { sql: 'BEGIN IMMEDIATE', condition: ok(0) },
    ]
    for (const statement of statements) steps.push({ ...statement, condition: ok(steps.length - 1) })
    const commit = steps.push({ sql: 'COMMIT', condition: ok(steps.length - 1) }) - 1
    steps.push({ sql: 'ROLLBACK', condition: inTransaction })
    const results = await this.batch(steps, options !== undefined)
    const error = results.map(errorOf).find((found) => found !== undefined)
    if (error !== undefined) throw this.trouble(error)
    if (results[commit] === undefined) throw this.client.unavailable('the transaction was not committed')
    return results.slice(2, commit).map(rowsOf)
  }

  async rows(statement: Statement, options?: { readonly readOnly: boolean }): Promise<SqlRow[]> {
    if (options?.readOnly === true && !(await this.isReadOnly(statement.sql))) {
      throw new SqlError('attempt to write where only reading is allowed', 'SQLITE_READONLY')
    }
    const [result] = await this.batch([statement])
    this.refuseTrouble(result)
    return rowsOf(result)
  }

  private async isReadOnly(sql: string): Promise<boolean> {
    if (this.readOnly.has(sql)) return true
    const readOnly = await this.client.isReadOnly(sql).catch((error: unknown) => {
      throw error instanceof SqlError ? this.trouble(error) : error
    })
    if (readOnly) {
      if (this.readOnly.size >= rememberedStatements) this.readOnly.clear()
      this.readOnly.add(sql)
    }
    return readOnly
  }

  watch(wake: () => void): () => void {
    return watchServer(this.client, wake)
  }

  close(): void {}

  private async positionAndPage(after: number, upTo: number): Promise<Catch> {
    const statements = [...positionStatements, changesBetween(after, upTo, pageRows)]
    const results = await this.batch([
      { sql: 'BEGIN' },
      ...statements,
      { sql: 'ROLLBACK', condition: inTransaction },
    ])
    for (const result of results) this.refuseTrouble(result)
    const answers = results.slice(1, -1).map(rowsOf)
    return { ...readPosition(answers), rows: asFeedRows(answers.at(-1)!) }
  }

  private async readTable(table: keyof typeof stateTables): Promise<Map<number, string>> {
    const rows = new Map<number, string>()
    const sql = `SELECT held.id, ${rowAsJson(table, 'held')} FROM ${quoteName(sqlName(table))} AS held WHERE held.id > ? ORDER BY held.id LIMIT ${pageRows}`
    for (let last = 0, full = true; full; ) {
      const page = await this.rows({ sql, parameters: [last] })
      for (const [id, row] of page) rows.set((last = id as number), row as string)
      full = page.length === pageRows
    }
    return rows
  }

  private async batch(steps: readonly Step[], alone = false): Promise<StepResult[]> {
    try {
      return await this.client.batch(steps, alone)
    } catch (error) {
      throw error instanceof SqlError ? this.trouble(error) : error
    }
  }

  private refuseTrouble(result: StepResult): void {
    const error = errorOf(result)
    if (error !== undefined) throw this.trouble(error)
  }

  private trouble(error: SqlError): Error {
    return refusals.test(error.code) ? error : this.client.unavailable(error.message, error)
  }
}

/** Appends the steps of one job within a savepoint; answers where its own steps begin and end. */
function addJob(steps: Step[], statements: readonly Statement[]): [first: number, last: number] {
  const savepoint = steps.push({ sql: 'SAVEPOINT job', condition: both(ok(1), inTransaction) }) - 1
  for (const statement of statements) steps.push({ ...statement, condition: ok(steps.length - 1) })
  const end = steps.length
  steps.push({ sql: 'ROLLBACK TO job', condition: both(ok(savepoint), not(ok(end - 1)), inTransaction) })
  steps.push({ sql: 'RELEASE job', condition: both(ok(savepoint), inTransaction) })
  return [savepoint, end]
}

const errorOf = (result: StepResult): SqlError | undefined =>
  result !== undefined && 'error' in result ? result.error : undefined
const rowsOf = (result: StepResult): SqlRow[] => (result !== undefined && 'rows' in result ? result.rows : [])
const isBusy = (result: StepResult): boolean => errorOf(result)?.code.startsWith('SQLITE_BUSY') === true
const isRefused = (result: StepResult): boolean =>
  errorOf(result)?.message.includes('malformed JSON') === true
