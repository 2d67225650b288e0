/** One OVSDB of the host: its client, and the writing to it, one transaction at a time. */
import type { Problem } from '../problem.ts'
import type { OvsdbClient } from './client.ts'
import { comment, type Operation } from './operations.ts'

/** Something to write; a job that failed waits before it is tried again, the others go on. */
export interface Job {
  /** Names what is to be written, across attempts: `settings <bridge uuid>`. */
  readonly key: string
  readonly why: string
  readonly operations: readonly Operation[]
  readonly onFailed: (problem: Problem) => void
}

/** Before the same is written again: somebody who undoes what we write must not keep us busy. */
const rewrite_gap_ms = 20
const retry_first_ms = 500
const retry_last_ms = 30_000
const held_back_max = 10_000

export class Endpoint {
  readonly client: OvsdbClient
  readonly #onIdle: () => void
  readonly #heldBack = new Map<string, { untilMs: number; retryMs: number }>()
  #busy = false
  #timer: Timer | null = null

  constructor(client: OvsdbClient, onIdle: () => void) {
    this.client = client
    this.#onIdle = onIdle
  }

  get address(): string {
    return this.client.address.text
  }

  /**
   * Starts the first job that may run. When it is done `onIdle` is called, so that what there is to do can be worked out
   * anew from what the database holds by then.
   */
  run(jobs: readonly Job[]): void {
    if (this.#busy || !this.client.synced) return
    const nowMs = performance.now()
    const job = jobs.find(({ key }) => (this.#heldBack.get(key)?.untilMs ?? 0) <= nowMs)
    if (job === undefined) this.#wakeForHeldBack(jobs, nowMs)
    else void this.#write(job)
  }

  close(): void {
    this.client.close()
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  async #write(job: Job) {
    this.#busy = true
    const result = await this.client.transact([comment(job.why), ...job.operations])
    if (result.ok) this.#holdBack(job, rewrite_gap_ms, 0)
    else if (this.client.synced) this.#failed(job, result.problem)
    this.#busy = false
    this.#onIdle()
  }

  #failed(job: Job, problem: Problem) {
    const beforeMs = this.#heldBack.get(job.key)?.retryMs ?? 0
    const retryMs = Math.min(Math.max(beforeMs * 2, retry_first_ms), retry_last_ms)
    this.#holdBack(job, retryMs, retryMs)
    job.onFailed(problem)
  }

  #holdBack({ key }: Job, waitMs: number, retryMs: number) {
    if (this.#heldBack.size >= held_back_max) this.#heldBack.clear()
    this.#heldBack.set(key, { untilMs: performance.now() + waitMs, retryMs })
  }

  #wakeForHeldBack(jobs: readonly Job[], nowMs: number) {
    if (jobs.length === 0) return
    const earliestMs = Math.min(...jobs.map(({ key }) => this.#heldBack.get(key)!.untilMs))
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#onIdle, Math.max(1, earliestMs - nowMs))
  }
}
