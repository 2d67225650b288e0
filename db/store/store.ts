/** The host thread's side of the store: sends jobs to the store thread, hands out changes and answers in order. */
import { describe, type Problem } from '../../runtime/problem.ts'
import type { SqlParameter, SqlRow } from '../libsql.ts'
import type { Change } from '../state/types.ts'
import type { Snapshot } from '../state/view.ts'
import {
  type ChangeBatch,
  type CommitBatch,
  type CommitResult,
  type FromStore,
  type Job,
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
   */
  commit(job: Job): Promise<CommitResult>
  /** Rows of one reading statement, as arrays of values. Throws `StoreError`. */
  query(sql: string, parameters?: readonly SqlParameter[]): Promise<readonly SqlRow[]>
  /** One statement that may write tables outside of the state. Throws `StoreError`. */
  execute(sql: string, parameters?: readonly SqlParameter[]): Promise<readonly SqlRow[]>
  /** Every change that is committed from now on, exactly once and in order, whoever made it; a transaction is never split. */
  onChanges(listener: ChangeListener): void
  /** Called when the database goes away (a Problem) and when it is back (null). */
  onAvailability(listener: (problem: Problem | null) => void): void
  /** Everything, at the revision of the last batch of changes before it. Throws `StoreError`. */
  snapshot(): Promise<Snapshot>
  /** Answers what is still waiting as unavailable and closes the database. */
  close(): Promise<void>
}

export interface StoreOptions {
  /** `file:…`, or `http(s)://…`, `libsql://…`, `ws(s)://…` with an optional `?authToken=`. */
  readonly url: string
  readonly authToken?: string
  readonly keptChanges?: number
  readonly queueLimit?: number
  readonly requestTimeoutMs?: number
}

/** An error that carries its Problem. */
export class StoreError extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(describe(problem))
    this.problem = problem
  }
}

const defaults = { keptChanges: 100_000, queueLimit: 10_000, requestTimeoutMs: 5_000 }
const openTimeoutMs = 30_000
const closeTimeoutMs = 2_000
const closed: Problem = { what: 'the store is closed', where: 'the database' }

interface Answer {
  resolve(value: unknown): void
  reject(error: Error): void
}

class ThreadedStore implements Store {
  private readonly worker: Worker
  private readonly commits = new Map<number, (result: CommitResult) => void>()
  private readonly answers = new Map<number, Answer>()
  private readonly changeListeners: ChangeListener[] = []
  private readonly availabilityListeners: ((problem: Problem | null) => void)[] = []
  private outbox: { id: number; job: Job }[] = []
  private nextId = 1
  private failed: Problem | undefined
  private onClosed: (() => void) | undefined

  constructor(worker: Worker) {
    this.worker = worker
    worker.onmessage = ({ data }: MessageEvent<FromStore | string>) => this.receive(data)
    worker.onerror = (event) =>
      this.fail({ what: `the store thread failed: ${event.message}`, where: 'the database' })
  }

  commit(job: Job): Promise<CommitResult> {
    if (this.failed !== undefined)
      return Promise.resolve({ ok: false, kind: 'unavailable', problem: this.failed })
    const id = this.nextId++
    return new Promise((resolve) => {
      this.commits.set(id, resolve)
      if (this.outbox.length === 0) queueMicrotask(() => this.sendJobs())
      this.outbox.push({ id, job })
    })
  }

  query(sql: string, parameters: readonly SqlParameter[] = []): Promise<readonly SqlRow[]> {
    return this.ask((id) => ({ type: 'query', id, sql, parameters, readOnly: true }))
  }

  execute(sql: string, parameters: readonly SqlParameter[] = []): Promise<readonly SqlRow[]> {
    return this.ask((id) => ({ type: 'query', id, sql, parameters, readOnly: false }))
  }

  snapshot(): Promise<Snapshot> {
    return this.ask((id) => ({ type: 'snapshot', id }))
  }

  onChanges(listener: ChangeListener): void {
    this.changeListeners.push(listener)
  }

  onAvailability(listener: (problem: Problem | null) => void): void {
    this.availabilityListeners.push(listener)
  }

  async close(): Promise<void> {
    if (this.failed === closed) return
    this.failed = closed
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, closeTimeoutMs)
      this.onClosed = () => {
        clearTimeout(timer)
        resolve()
      }
      this.post({ type: 'close' })
    })
    this.worker.terminate()
    this.fail(closed)
  }

  /** Nobody waits for a thread that will not answer. */
  private fail(problem: Problem): void {
    const failed = this.failed !== undefined
    this.failed ??= problem
    for (const resolve of this.commits.values()) resolve({ ok: false, kind: 'unavailable', problem })
    for (const answer of this.answers.values()) answer.reject(new StoreError(problem))
    this.commits.clear()
    this.answers.clear()
    if (!failed && problem !== closed) for (const listener of this.availabilityListeners) listener(problem)
  }

  private ask<T>(message: (id: number) => ToStore): Promise<T> {
    if (this.failed !== undefined) return Promise.reject(new StoreError(this.failed))
    const id = this.nextId++
    return new Promise<T>((resolve, reject) => {
      this.answers.set(id, { resolve: resolve as (value: unknown) => void, reject })
      this.post(message(id))
    })
  }

  private post(message: ToStore): void {
    this.worker.postMessage(message)
  }

  private sendJobs(): void {
    this.worker.postMessage(JSON.stringify(this.outbox satisfies CommitBatch))
    this.outbox = []
  }

  private receive(message: FromStore | string): void {
    if (typeof message === 'string') this.receiveChanges(unpackBatch(message))
    else if (message.type === 'rows') this.settle(message.id)?.resolve(message.rows)
    else if (message.type === 'snapshot') this.settle(message.id)?.resolve(JSON.parse(message.snapshot))
    else if (message.type === 'failed') this.settle(message.id)?.reject(new StoreError(message.problem))
    else if (message.type === 'availability')
      for (const listener of this.availabilityListeners) listener(message.problem)
    else if (message.type === 'closed') this.onClosed?.()
  }

  private receiveChanges({ changes: text, revision, replies }: ChangeBatch): void {
    const changes = parseChanges(text)
    if (changes.length > 0) for (const listener of this.changeListeners) listener(changes, revision, text)
    for (const { id, result } of replies) {
      this.commits.get(id)?.(result)
      this.commits.delete(id)
    }
  }

  private settle(id: number): Answer | undefined {
    const answer = this.answers.get(id)
    this.answers.delete(id)
    return answer
  }
}

/**
 * Starts the store thread, which opens the database and migrates it.
 * Throws `StoreError` if the database cannot be reached, is newer than this program or is none of its databases.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const settings: StoreSettings = { ...defaults, authToken: undefined, ...options }
  const worker = new Worker(new URL('./worker.ts', import.meta.url))
  const problem = await new Promise<Problem | undefined>((resolve) => {
    const timer = setTimeout(
      () => resolve({ what: `no answer in ${openTimeoutMs} ms`, where: withoutToken(options.url) }),
      openTimeoutMs,
    )
    const end = (result: Problem | undefined) => {
      clearTimeout(timer)
      resolve(result)
    }
    worker.onmessage = ({ data }: MessageEvent<FromStore>) =>
      end(data.type === 'refused' ? data.problem : undefined)
    worker.onerror = (event) =>
      end({ what: `the store thread failed: ${event.message}`, where: withoutToken(options.url) })
    worker.postMessage({ type: 'open', settings } satisfies ToStore)
  })
  if (problem === undefined) return new ThreadedStore(worker)
  worker.terminate()
  throw new StoreError(problem)
}
