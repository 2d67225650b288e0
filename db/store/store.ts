/** The host thread's side of the store: sends jobs to the store thread, hands out changes and answers in order. */
import { describe, type Problem } from '../../runtime/problem.ts'
import type { SqlParameter, SqlRow } from '../libsql.ts'
import type { Change } from '../state/types.ts'
import type { Snapshot } from '../state/view.ts'
import { Pending } from './pending.ts'
import {
  type ChangeBatch,
  type CommitResult,
  type FromStore,
  type Job,
  type JobText,
  packJobs,
  parseChanges,
  type StoreSettings,
  type ToStore,
  unpackBatch,
} from './protocol.ts'
import { withoutToken } from './url.ts'

export type { CommitResult, Job } from './protocol.ts'

/** `text` is the batch as JSON, to be passed on to other threads (`parseChanges` reads it). */
export type ChangeListener = (changes: readonly Change[], revision: number, text: string) => void

export interface Store {
  /**
   * Makes the writes durable, all or none, if nothing that was read has changed since `revision`. Waits for its turn;
   * jobs that wait together share a transaction. The listeners have seen the changes before the promise resolves.
   * A job that another thread made may come as its JSON text, and is not read here.
   */
  commit(job: Job | string): Promise<CommitResult>
  /** Rows of one reading statement, as arrays of values. Throws `StoreError`. */
  query(sql: string, parameters?: readonly SqlParameter[]): Promise<readonly SqlRow[]>
  /** One statement that may write tables outside of the state. Throws `StoreError`. */
  execute(sql: string, parameters?: readonly SqlParameter[]): Promise<readonly SqlRow[]>
  /** Every change that is committed from now on, exactly once and in order, whoever made it; a transaction is never split. */
  onChanges(listener: ChangeListener): void
  /** Called when the store thread has ended by a fault: from now on nothing is answered, and another store must be opened. */
  onFailure(listener: (problem: Problem) => void): void
  /** Called when the database goes away (a Problem) and when it is back (null). */
  onAvailability(listener: (problem: Problem | null) => void): void
  /** Everything, at the revision of the last batch of changes before it. Throws `StoreError`. */
  snapshot(): Promise<Snapshot>
  /** The same as JSON text, for other threads. */
  snapshotText(): Promise<string>
  /** Answers what is still waiting as unavailable and closes the database. */
  close(): Promise<void>
}

export interface StoreOptions {
  /** `file:…`, or `http(s)://…`, `libsql://…`, `ws(s)://…` with an optional `?authToken=`. */
  readonly url: string
  readonly authToken?: string
  /** The feed keeps this many changes at least; a reader that is further behind compares everything. */
  readonly keptChanges?: number
  /** Jobs, and queries, that may wait at a time; more are refused. */
  readonly queueLimit?: number
  /** How long a request to a server may take. */
  readonly requestTimeoutMs?: number
  /** How long opening may take, all in all. */
  readonly openTimeoutMs?: number
}

/** An error that carries its Problem. */
export class StoreError extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(describe(problem))
    this.problem = problem
  }
}

const defaults = { keptChanges: 100_000, requestTimeoutMs: 5_000 }
const defaultQueueLimit = 10_000
/** The store thread itself has shorter ones; this is for a disk that does not answer. */
const answerTimeoutMs = 30_000
const defaultOpenTimeoutMs = 30_000
const closeTimeoutMs = 1_500
const closed: Problem = { what: 'the store is closed', where: 'the database' }

const unavailable = (problem: Problem): CommitResult => ({ ok: false, kind: 'unavailable', problem })
const rejected = (problem: Problem): Promise<never> => Promise.reject(new StoreError(problem))

class ThreadedStore implements Store {
  private readonly worker: Worker
  private readonly commits: Pending
  private readonly questions: Pending
  private readonly changeListeners: ChangeListener[] = []
  private readonly availabilityListeners: ((problem: Problem | null) => void)[] = []
  private readonly failureListeners: ((problem: Problem) => void)[] = []
  private outbox: JobText[] = []
  private closing: Promise<void> | undefined
  private failed = false
  private onClosed: (() => void) | undefined

  constructor(worker: Worker, queueLimit: number) {
    this.worker = worker
    this.commits = new Pending(queueLimit, answerTimeoutMs)
    this.questions = new Pending(queueLimit, answerTimeoutMs)
    worker.onmessage = ({ data }: MessageEvent<FromStore | string>) => this.receive(data)
    worker.onerror = (event) =>
      this.fail({ what: `the store thread failed: ${event.message}`, where: 'the database' })
  }

  commit(job: Job | string): Promise<CommitResult> {
    const text = typeof job === 'string' ? job : JSON.stringify(job)
    return this.commits.ask<CommitResult>((id) => {
      if (this.outbox.length === 0) queueMicrotask(() => this.sendJobs())
      this.outbox.push({ id, text })
    }, unavailable)
  }

  query(sql: string, parameters: readonly SqlParameter[] = []): Promise<readonly SqlRow[]> {
    return this.questions.ask(
      (id) => this.post({ type: 'query', id, sql, parameters, readOnly: true }),
      rejected,
    )
  }

  execute(sql: string, parameters: readonly SqlParameter[] = []): Promise<readonly SqlRow[]> {
    return this.questions.ask(
      (id) => this.post({ type: 'query', id, sql, parameters, readOnly: false }),
      rejected,
    )
  }

  async snapshot(): Promise<Snapshot> {
    return JSON.parse(await this.snapshotText()) as Snapshot
  }

  snapshotText(): Promise<string> {
    return this.questions.ask((id) => this.post({ type: 'snapshot', id }), rejected)
  }

  onChanges(listener: ChangeListener): void {
    this.changeListeners.push(listener)
  }

  onFailure(listener: (problem: Problem) => void): void {
    this.failureListeners.push(listener)
  }

  onAvailability(listener: (problem: Problem | null) => void): void {
    this.availabilityListeners.push(listener)
  }

  close(): Promise<void> {
    return (this.closing ??= this.end())
  }

  private async end(): Promise<void> {
    const inTime = await new Promise<boolean>((resolve) => {
      if (this.failed) return resolve(true)
      const timer = setTimeout(() => resolve(false), closeTimeoutMs)
      this.onClosed = () => {
        clearTimeout(timer)
        resolve(true)
      }
      this.post({ type: 'close' })
    })
    // A thread that is ended inside of libsql takes the process along: a late one ends with the process.
    if (inTime) this.worker.terminate()
    else this.worker.unref()
    this.commits.end(closed)
    this.questions.end(closed)
  }

  /** Nobody waits for a thread that will not answer. */
  private fail(problem: Problem): void {
    this.commits.end(problem)
    this.questions.end(problem)
    this.onClosed?.()
    if (this.failed || this.closing !== undefined) return
    this.failed = true
    for (const listener of this.failureListeners) listener(problem)
  }

  private post(message: ToStore): void {
    this.worker.postMessage(message)
  }

  private sendJobs(): void {
    this.worker.postMessage(packJobs(this.outbox))
    this.outbox = []
  }

  private receive(message: FromStore | string): void {
    if (typeof message === 'string') this.receiveChanges(unpackBatch(message))
    else if (message.type === 'rows') this.questions.resolve(message.id, message.rows)
    else if (message.type === 'snapshot') this.questions.resolve(message.id, message.snapshot)
    else if (message.type === 'failed') this.questions.fail(message.id, message.problem)
    else if (message.type === 'availability')
      for (const listener of this.availabilityListeners) listener(message.problem)
    else if (message.type === 'closed') this.onClosed?.()
  }

  private receiveChanges({ changes: text, revision, replies }: ChangeBatch): void {
    const changes = parseChanges(text)
    if (changes.length > 0) for (const listener of this.changeListeners) listener(changes, revision, text)
    for (const { id, result } of replies) this.commits.resolve(id, result)
  }
}

/**
 * Starts the store thread, which opens the database and migrates it.
 * Throws `StoreError` if the database cannot be reached, is newer than this program or is none of its databases.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { queueLimit = defaultQueueLimit, openTimeoutMs = defaultOpenTimeoutMs, ...rest } = options
  const settings: StoreSettings = { ...defaults, authToken: undefined, ...rest }
  const where = withoutToken(options.url)
  const worker = new Worker(new URL('./worker.ts', import.meta.url))
  const opening = Promise.withResolvers<Problem | undefined>()
  const timer = setTimeout(() => {
    abandon(worker)
    opening.resolve({ what: `no answer in ${openTimeoutMs} ms`, where })
  }, openTimeoutMs)
  worker.onmessage = ({ data }: MessageEvent<FromStore>) => {
    if (data.type === 'refused') worker.terminate()
    opening.resolve(data.type === 'refused' ? data.problem : undefined)
  }
  worker.onerror = (event) => opening.resolve({ what: `the store thread failed: ${event.message}`, where })
  worker.postMessage({ type: 'open', settings } satisfies ToStore)
  const problem = await opening.promise
  clearTimeout(timer)
  if (problem === undefined) return new ThreadedStore(worker, queueLimit)
  throw new StoreError(problem)
}

/** Leaves a thread alone that is still opening: ended inside of libsql it would take the process along. It ends when it is done. */
function abandon(worker: Worker): void {
  worker.unref()
  worker.onerror = null
  worker.onmessage = ({ data }: MessageEvent<FromStore | string>) => {
    if (typeof data === 'string') return
    if (data.type === 'opened') worker.postMessage({ type: 'close' } satisfies ToStore)
    else if (data.type === 'refused' || data.type === 'closed') worker.terminate()
  }
}
