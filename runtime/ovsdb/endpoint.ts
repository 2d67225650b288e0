/** One OVSDB of the host: its client, and the writing to it, one transaction at a time. */
import type { Problem } from '../problem.ts'
import { isGuardFailure, type OvsdbClient } from './client.ts'
import { comment, type Operation } from './operations.ts'

/** Something to write; a job that failed waits before it is tried again, the others go on. */
export interface Job {
  /** Names what is to be written, across attempts: `settings <bridge uuid>`. */
  readonly key: string
  readonly why: string
  readonly operations: readonly Operation[]
  readonly onFailed: (problem: Problem) => void
}

/** How long the same is not written again, doubling while it is needed again and again. */
interface Pause {
  readonly firstMs: number
  readonly lastMs: number
}

/** After a success, or a change that came first: somebody who undoes what we write must not keep us busy. */
const soon: Pause = { firstMs: 20, lastMs: 200 }
const afterFailure: Pause = { firstMs: 500, lastMs: 30_000 }
/** Not needed for this long after its pause: the next pause is a first one again. */
const quietMs = 1_000
const heldBackMax = 10_000

export class Endpoint {
  readonly client: OvsdbClient
  readonly #onIdle: () => void
  readonly #heldBack = new Map<string, { untilMs: number; waitMs: number }>()
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
    if (result.ok || isGuardFailure(result.problem)) this.#holdBack(job, soon)
    else if (this.client.synced) {
      this.#holdBack(job, afterFailure)
      job.onFailed(result.problem)
    }
    this.#busy = false
    this.#onIdle()
  }

  #holdBack({ key }: Job, { firstMs, lastMs }: Pause) {
    const nowMs = performance.now()
    const before = this.#heldBack.get(key)
    const again = before !== undefined && nowMs - before.untilMs < quietMs
    const waitMs = Math.min(again ? Math.max(before.waitMs * 2, firstMs) : firstMs, lastMs)
    if (this.#heldBack.size >= heldBackMax) this.#heldBack.clear()
    this.#heldBack.set(key, { untilMs: nowMs + waitMs, waitMs })
  }

  #wakeForHeldBack(jobs: readonly Job[], nowMs: number) {
    if (jobs.length === 0) return
    const earliestMs = Math.min(...jobs.map(({ key }) => this.#heldBack.get(key)!.untilMs))
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#onIdle, Math.max(1, earliestMs - nowMs))
  }
}
