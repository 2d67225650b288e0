/** A database file of this machine. */
import { statSync } from 'node:fs'
import type { Problem } from '../../runtime/problem.ts'
import { Connection, SqlError, type SqlRow } from '../libsql.ts'
import {
  type Backend,
  type Catch,
  type GroupOutcome,
  type Place,
  type RawSnapshot,
  type Statement,
  Unavailable,
} from './backend.ts'
import {
  asFeedRows,
  changesSince,
  isStale,
  positionStatements,
  readPosition,
  readSnapshot,
  snapshotStatements,
  staleParameters,
} from './position.ts'

/** How often other processes' commits are looked for. */
const pollIntervalMs = 10

/** What the writer of a statement is to blame for; all else is the database's trouble. */
const isRefusal = (error: unknown): error is SqlError | TypeError =>
  (error instanceof SqlError && /^SQLITE_(CONSTRAINT|MISMATCH|RANGE|TOOBIG|ERROR|AUTH)/.test(error.code)) ||
  error instanceof TypeError

const asRefusal = (error: SqlError | TypeError): SqlError =>
  error instanceof SqlError ? error : new SqlError(error.message, 'SQLITE_MISMATCH')

/** Which file a path leads to now; undefined: to none, or to one that cannot be looked at (EACCES, EIO, ESTALE). */
function fileAt(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    return `${dev}/${ino}`
  } catch {
    return undefined
  }
}

export class EmbeddedBackend implements Backend {
  readonly insertStyle = 'values'
  private opened: Connection | undefined
  /** The file that was opened: what is written to one that was removed since is lost. */
  private file: string | undefined
  private readonly path: string
  private closed = false

  constructor(path: string) {
    this.path = path
    this.guarded(() => this.connection)
  }

  private get connection(): Connection {
    if (this.closed) throw new Unavailable({ what: 'the database is closed', where: this.path })
    if (this.opened !== undefined) return this.opened
    // Only the first time is a file that is not there a new database.
    if (this.file !== undefined && fileAt(this.path) === undefined) throw new Unavailable(this.removed())
    this.opened = new Connection(this.path)
    this.file = fileAt(this.path)
    return this.opened
  }

  async commit(
    jobs: readonly (readonly Statement[])[],
    place: Place,
    migrations: number,
  ): Promise<GroupOutcome> {
    return this.atomically('IMMEDIATE', () => {
      if (this.connection.value(`SELECT ${isStale}`, staleParameters(place, migrations)) !== 0)
        return { kind: 'stale' }
      const errors = jobs.length === 1 ? [this.runAlone(jobs[0]!)] : jobs.map((job) => this.runJob(job))
      const { sql, parameters } = changesSince(place.revision)
      return { kind: 'done', errors, rows: asFeedRows(this.connection.all(sql, parameters)) }
    })
  }

  async catchUp(revision: number): Promise<Catch> {
    return this.atomically('DEFERRED', () => {
      const position = readPosition(this.all(positionStatements))
      const rows = position.revision > revision ? asFeedRows(this.all([changesSince(revision)])[0]!) : []
      return { ...position, rows }
    })
  }

  async snapshot(): Promise<RawSnapshot> {
    return this.atomically('DEFERRED', () => ({
      ...readPosition(this.all(positionStatements)),
      tables: readSnapshot(this.all(snapshotStatements)),
    }))
  }

  async transaction(
    statements: readonly Statement[],
    options?: { readonly foreignKeys: 'off' },
  ): Promise<SqlRow[][]> {
    if (options === undefined) return this.atomically('IMMEDIATE', () => this.all(statements))
    this.connection.exec('PRAGMA foreign_keys = OFF')
    try {
      return this.atomically('IMMEDIATE', () => this.all(statements))
    } finally {
      this.connection.exec('PRAGMA foreign_keys = ON')
    }
  }

  async rows(statement: Statement, options?: { readonly readOnly: boolean }): Promise<SqlRow[]> {
    if (options?.readOnly !== true) return this.guarded(() => this.all([statement])[0]!)
    return this.guarded(() => this.readOnly(() => this.all([statement])[0]!))
  }

  watch(wake: () => void): () => void {
    let seen = this.dataVersion()
    const timer = setInterval(() => {
      const version = this.dataVersion()
      if (version === seen && this.isThere) return
      seen = version
      wake()
    }, pollIntervalMs)
    return () => clearInterval(timer)
  }

  /** What is in the write-ahead log goes into the file, so that a copy of the file alone is a backup. */
  close(): void {
    try {
      if (!this.closed) this.opened?.all('PRAGMA wal_checkpoint(TRUNCATE)')
    } catch (error) {
      // A disk that is full or a folder that is gone: the log stays, and nothing is lost.
      if (!(error instanceof SqlError)) throw error
    }
    this.closed = true
    this.opened?.close()
  }

  /** Changes with every commit of another connection. undefined while the file cannot be read. */
  private dataVersion(): unknown {
    try {
      return this.opened?.value('PRAGMA data_version')
    } catch {
      return undefined
    }
  }

  private readOnly<T>(run: () => T): T {
    this.connection.exec('PRAGMA query_only = ON')
    try {
      return run()
    } catch (error) {
      if (!(error instanceof SqlError) || !error.code.startsWith('SQLITE_READONLY')) throw error
      throw new SqlError(error.message, 'SQLITE_ERROR')
    } finally {
      this.connection.exec('PRAGMA query_only = OFF')
    }
  }

  private all(statements: readonly Statement[]): SqlRow[][] {
    return statements.map(({ sql, parameters }) => this.connection.all(sql, parameters))
  }

  /** The only job of a transaction needs no savepoint, which would make thousands of deletes ten times as slow. */
  private runAlone(statements: readonly Statement[]): SqlError | undefined {
    try {
      this.all(statements)
      return undefined
    } catch (error) {
      if (!isRefusal(error)) throw error
      this.rollBack()
      this.connection.exec('BEGIN')
      return asRefusal(error)
    }
  }

  /** Runs one job inside a savepoint; answers what was wrong with it, if anything. */
  private runJob(statements: readonly Statement[]): SqlError | undefined {
    this.connection.exec('SAVEPOINT job')
    try {
      this.all(statements)
      return undefined
    } catch (error) {
      if (!isRefusal(error)) throw error
      this.connection.exec('ROLLBACK TO job')
      return asRefusal(error)
    } finally {
      this.release()
    }
  }

  /** An error that ended the transaction has taken the savepoint along. */
  private release(): void {
    try {
      this.connection.exec('RELEASE job')
    } catch (error) {
      if (!(error instanceof SqlError)) throw error
    }
  }

  private atomically<T>(mode: 'IMMEDIATE' | 'DEFERRED', run: () => T): T {
    return this.guarded(() => {
      this.connection.exec(`BEGIN ${mode}`)
      try {
        const value = run()
        this.connection.exec('COMMIT')
        this.checkFile()
        return value
      } catch (error) {
        this.rollBack()
        throw error
      }
    })
  }

  private get isThere(): boolean {
    return fileAt(this.path) === this.file
  }

  /** After a commit: it was made to the file that is there now, or nobody knows what became of it. */
  private checkFile(): void {
    if (this.isThere) return
    this.reopen()
    throw new Unavailable(this.removed())
  }

  private removed(): Problem {
    return {
      what: 'the database file was removed or replaced while it was in use',
      where: this.path,
      hint: 'Put it back; it is opened again by itself.',
    }
  }

  /** A statement that was broken off stays open in libsql, and no transaction ends while it does. */
  private reopen(): void {
    if (this.opened === undefined) return
    this.opened.close()
    this.opened = undefined
  }

  /** SQLite ends the transaction by itself on some errors; then there is none to roll back. */
  private rollBack(): void {
    try {
      this.connection.exec('ROLLBACK')
    } catch (error) {
      if (!(error instanceof SqlError)) throw error
    }
  }

  private guarded<T>(run: () => T): T {
    try {
      return run()
    } catch (error) {
      if (isRefusal(error) || !(error instanceof SqlError)) throw error
      this.reopen()
      throw new Unavailable({
        what: `the database file cannot be used: ${error.message}`,
        where: this.path,
        received: error.code,
        hint: 'See that it exists, is writable, has room on its disk and that no other program keeps it locked.',
      })
    }
  }
}
