/**
 * The only door to the `libsql` package, which trusts its caller too far: it ends the process on a boolean, a lone
 * buffer or object, and on a closed handle, and takes NaN and a wrong number of parameters without a word.
 */
import Database from 'libsql'
import { countParameters } from './sql-text.ts'

/** A value of a column. Integers beyond 2^53 lose their last digits: keep such as text. */
export type SqlValue = null | number | string | bigint | Uint8Array
export type SqlParameter = SqlValue | boolean
export type SqlRow = readonly SqlValue[]

/** An error of SQLite, with the name of its code (`SQLITE_CONSTRAINT_UNIQUE`). */
export class SqlError extends Error {
  readonly code: string
  constructor(message: string, code: string) {
    super(message)
    this.code = code
  }
}

const asSqlError = (error: unknown): Error =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? new SqlError(error.message, error.code)
    : (error as Error)

/** The value as SQLite takes it; throws a TypeError for one that it would misread. */
export function bindable(value: SqlParameter): SqlValue {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${value} is not a value of a column`)
    if (Number.isInteger(value) && !Number.isSafeInteger(value))
      throw new TypeError(`${value} is beyond 2^53: pass it as text`)
    return value
  }
  if (typeof value === 'string') {
    if (value.includes('\0')) throw new TypeError('Text with a NUL character would be cut there')
    return value
  }
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value === null || typeof value === 'bigint' || value instanceof Uint8Array) return value
  throw new TypeError(`${typeof value} is not a value of a column`)
}

class Statement {
  readonly reader: boolean
  private readonly native: Database.Statement
  private readonly arity: number

  constructor(native: Database.Statement, sql: string) {
    this.native = native
    this.reader = native.reader
    this.arity = countParameters(sql)
    if (this.reader) native.raw(true)
  }

  all(parameters: readonly SqlParameter[]): SqlRow[] {
    const bound = this.bind(parameters)
    try {
      if (this.reader) return this.native.all(bound) as SqlRow[]
      this.native.run(bound)
      return []
    } catch (error) {
      throw asSqlError(error)
    }
  }

  private bind(parameters: readonly SqlParameter[]): SqlValue[] {
    if (parameters.length !== this.arity)
      throw new TypeError(`The statement has ${this.arity} parameters, ${parameters.length} were given`)
    return parameters.map(bindable)
  }
}

const cachedStatements = 512
const busyTimeoutMs = 2_000

function openFile(path: string): Database.Database {
  try {
    return new Database(path)
  } catch (error) {
    throw new SqlError(error instanceof Error ? error.message : String(error), 'SQLITE_CANTOPEN')
  }
}

/** One connection to a database file; synchronous. Keep it on a thread that nobody terminates. */
export class Connection {
  private readonly database: Database.Database
  private readonly statements = new Map<string, Statement>()
  private closed = false

  /** Opens or creates the file: WAL, synchronous=FULL, foreign keys and recursive triggers on. */
  constructor(path: string) {
    this.database = openFile(path)
    for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', `busy_timeout = ${busyTimeoutMs}`])
      this.exec(`PRAGMA ${pragma}`)
    for (const pragma of ['foreign_keys', 'recursive_triggers']) this.exec(`PRAGMA ${pragma} = ON`)
  }

  /** Runs one or more statements that take no parameters. */
  exec(sql: string): void {
    this.refuseClosed()
    try {
      this.database.exec(sql)
    } catch (error) {
      throw asSqlError(error)
    }
  }

  /** Runs one statement, prepared once; the rows that it answers, as arrays in the order of its columns. */
  all(sql: string, parameters: readonly SqlParameter[] = []): SqlRow[] {
    return this.prepared(sql).all(parameters)
  }

  /** The first column of the first row. */
  value(sql: string, parameters: readonly SqlParameter[] = []): SqlValue | undefined {
    return this.all(sql, parameters)[0]?.[0]
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.statements.clear()
    this.database.close()
  }

  private prepared(sql: string): Statement {
    this.refuseClosed()
    let statement = this.statements.get(sql)
    if (statement !== undefined) return statement
    try {
      statement = new Statement(this.database.prepare(sql), sql)
    } catch (error) {
      throw asSqlError(error)
    }
    if (this.statements.size >= cachedStatements) this.statements.delete(this.statements.keys().next().value!)
    this.statements.set(sql, statement)
    return statement
  }

  private refuseClosed(): void {
    if (this.closed) throw new TypeError('The database connection is closed')
  }
}
