import type { StoredVersion } from '../deploy/load-version.ts'
import type { Logger } from '../log.ts'
import type { Result } from '../problem.ts'
import { IsolateActivation } from './isolate-activation.ts'
import { IsolateHandle, type IsolateJob, type IsolateListener, type IsolateResult } from './isolate-handle.ts'
import type { FromIsolate, IsolateRequest } from './isolate-protocol.ts'
import { isolateLimits } from './limits.ts'

export type IsolateLimits = { readonly [L in keyof typeof isolateLimits]: number }

export interface IsolatePoolOptions {
  /** Everything, as JSON text of a snapshot; what `changes` is told of meanwhile may be in it or not. */
  readonly snapshot: () => Promise<string>
  readonly log: Logger
  readonly limits?: Partial<IsolateLimits>
}

/** How often it is looked for requests that take too long. */
const checkMs = 25

/**
 * Isolates that run requests. Whatever one of them does, loops, exits or never answers, it is ended and replaced: the
 * request that it was at is refused (after a crash: tried once more), and those behind it go to the others.
 */
export class IsolatePool {
  readonly #options: IsolatePoolOptions
  readonly #limits: IsolateLimits
  readonly #isolates = new Set<IsolateHandle>()
  readonly #waiting: IsolateJob[] = []
  readonly #activation = new IsolateActivation()
  readonly #listener: IsolateListener = {
    message: (isolate, message) => this.#message(isolate, message),
    idle: () => this.#pump(),
    ended: (isolate, why) => this.#ended(isolate, why),
  }
  #nextJob = 1
  #restartDelayMs = 0
  #timer: ReturnType<typeof setInterval> | undefined
  /** All isolates that there are to be have been started. */
  #complete = false
  #closed = false

  constructor(options: IsolatePoolOptions) {
    this.#options = options
    this.#limits = { ...isolateLimits, ...options.limits }
  }

  /** Isolates that are up and can serve. */
  get ready(): number {
    return [...this.#isolates].filter((isolate) => isolate.ready).length
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Starts one isolate; the others follow when it serves, so that they do not slow the start of everything else. */
  start() {
    this.#spawn()
    this.#timer = setInterval(() => this.#check(performance.now()), checkMs)
    this.#timer.unref()
  }

  /** Hands a batch of changes, as the store's text, to every isolate: before whatever is dispatched later. */
  changes(text: string) {
    for (const isolate of this.#isolates) isolate.sendText({ type: 'changes', text })
  }

  /** These serve from the next request on, if all of them load in every isolate; else all stays as it is. */
  async activate(versions: readonly StoredVersion[]): Promise<Result<void>> {
    const result = await this.#activation.activate(versions, this.#limits.startTimeMs)
    this.#pump()
    if (result.ok && !this.#complete) {
      this.#complete = true
      for (let count = 1; count < this.#limits.count; count++) this.#spawn()
    }
    return result
  }

  /** Runs a request in some isolate. Never rejects. */
  run(request: IsolateRequest): Promise<IsolateResult> {
    if (this.#closed) return Promise.resolve({ outcome: 'loadShed', detail: 'the host is stopping' })
    if (this.#waiting.length >= this.#limits.queueMax)
      return Promise.resolve({ outcome: 'loadShed', detail: `${this.#waiting.length} requests wait already` })
    return new Promise((resolve) => {
      this.#waiting.push({ id: this.#nextJob++, request, queued: performance.now(), crashes: 0, resolve })
      this.#pump()
    })
  }

  /** Ends every isolate; what was in work or waiting is refused. */
  close() {
    this.#closed = true
    clearInterval(this.#timer)
    for (const isolate of [...this.#isolates]) isolate.end('the host is stopping')
    for (const job of this.#waiting.splice(0))
      job.resolve({ outcome: 'loadShed', detail: 'the host is stopping' })
  }

  #spawn() {
    if (this.#closed) return
    const isolate = new IsolateHandle(this.#listener)
    this.#isolates.add(isolate)
    this.#options.snapshot().then(
      (text) => {
        if (isolate.ended) return
        isolate.sendText({ type: 'state', text })
        this.#activation.join(isolate)
      },
      (error) => isolate.end(`no state: ${error instanceof Error ? error.message : error}`),
    )
  }

  #message(isolate: IsolateHandle, message: FromIsolate) {
    if (message.type === 'log') return this.#options.log[message.level](message.message, message.fields)
    if (this.#activation.prepared(isolate, message.id, message.problem)) this.#restartDelayMs = 0
    this.#pump()
  }

  /** Hands waiting jobs to the isolates that have least to do. */
  #pump() {
    while (this.#waiting.length > 0) {
      const isolate = this.#choose(performance.now())
      if (isolate === undefined) return
      isolate.hand(this.#waiting.shift()!)
    }
  }

  #choose(now: number): IsolateHandle | undefined {
    let best: IsolateHandle | undefined
    for (const isolate of this.#isolates) {
      if (!isolate.ready || isolate.jobs.length >= this.#limits.perIsolateMax) continue
      if (isolate.busyMs(now) > this.#limits.slowMs) continue
      if (best === undefined || isolate.jobs.length < best.jobs.length) best = isolate
    }
    return best
  }

  #check(now: number) {
    for (const isolate of [...this.#isolates]) {
      if (!isolate.ready && now - isolate.started > this.#limits.startTimeMs && this.#activation.awaited)
        isolate.end('it did not come up in time')
      else if (isolate.busyMs(now) > this.#limits.requestTimeMs) this.#overTime(isolate)
      else if (isolate.busyMs(now) > this.#limits.slowMs && this.#isolates.size > 1)
        this.#waiting.unshift(...isolate.takeWaiting())
    }
    while (this.#waiting.length > 0 && now - this.#waiting[0]!.queued > this.#limits.queueTimeMs)
      this.#waiting
        .shift()!
        .resolve({ outcome: 'loadShed', detail: `waited for ${this.#limits.queueTimeMs} ms` })
    this.#pump()
  }

  #overTime(isolate: IsolateHandle) {
    const job = isolate.jobs.shift()
    job?.resolve({ outcome: 'exceededTime', detail: `took more than ${this.#limits.requestTimeMs} ms` })
    isolate.end('its request took too long')
  }

  #ended(isolate: IsolateHandle, why: string) {
    this.#isolates.delete(isolate)
    this.#activation.left(isolate)
    const [atWork, ...behind] = isolate.jobs.splice(0)
    if (atWork !== undefined && ++atWork.crashes >= this.#limits.crashesPerRequestMax)
      atWork.resolve({ outcome: 'exception', detail: `its isolate ended: ${why}` })
    else if (atWork !== undefined) behind.unshift(atWork)
    this.#waiting.unshift(...behind)
    if (this.#closed) {
      for (const job of this.#waiting.splice(0)) job.resolve({ outcome: 'loadShed', detail: why })
      return
    }
    this.#options.log.error('an isolate is replaced', { reason: why, requests_again: behind.length })
    this.#respawn()
    this.#pump()
  }

  /** The first replacement comes at once; those of isolates that do not come up, after longer and longer pauses. */
  #respawn() {
    const { restartDelayMinMs, restartDelayMaxMs } = this.#limits
    if (this.#restartDelayMs === 0) this.#spawn()
    else setTimeout(() => this.#spawn(), this.#restartDelayMs).unref()
    this.#restartDelayMs = Math.min(Math.max(this.#restartDelayMs * 2, restartDelayMinMs), restartDelayMaxMs)
  }
}
