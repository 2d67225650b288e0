import type { CommitResult, Job } from '../../db/store/protocol.ts'
import type { StoredVersion } from '../deploy/load-version.ts'
import { isDryRun } from '../http/dry-run.ts'
import { commitError, outcomeError } from '../http/outcomes.ts'
import { replacePlaceholders } from '../http/placeholders.ts'
import type { DispatchedResponse, PlainRequest } from '../http/plain.ts'
import type { Logger } from '../log.ts'
import type { ApiFunction } from '../openvnet/define.ts'
import { failure, type Result, success } from '../problem.ts'
import { LoadedVersion } from './active-function.ts'
import type { FunctionFailures } from './function-failures.ts'
import { type IsolateLimits, IsolatePool } from './isolate-pool.ts'
import type { IsolateAnswer } from './isolate-protocol.ts'
import { apiLimits } from './limits.ts'
import { noOutcomes, type Outcome } from './outcomes.ts'

export interface ApiDispatcherOptions {
  /** Takes a `Job` as JSON text. */
  readonly commit: (job: string) => Promise<CommitResult>
  /** Everything, as JSON text of a snapshot. */
  readonly snapshot: () => Promise<string>
  /** What a job would change, as JSON text; undefined: what it read has changed meanwhile. */
  readonly plan?: ((job: Job) => Promise<string | undefined>) | undefined
  readonly failures: FunctionFailures
  readonly log: Logger
  readonly limits?: Partial<IsolateLimits>
}

/** Runs API requests in isolates and commits what they wrote. */
export class ApiDispatcher {
  /** Requests that belong to no function, by outcome. */
  readonly counts = noOutcomes()
  readonly #options: ApiDispatcherOptions
  readonly #pool: IsolatePool
  #versions = new Map<string, LoadedVersion>()
  /** The last of those who run in turn. As many wait as the HTTP server lets in. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: ApiDispatcherOptions) {
    this.#options = options
    this.#pool = new IsolatePool(options)
    this.#pool.start()
  }

  /** Isolates that can serve now. */
  get isolates(): number {
    return this.#pool.ready
  }

  /** What serves, with its figures. */
  get versions(): Iterable<LoadedVersion> {
    return this.#versions.values()
  }

  /** To be told of every batch of changes, as the store's text, in order and before the commit's promise resolves. */
  changes(text: string) {
    this.#pool.changes(text)
  }

  /** From the next request on these serve, all or none. */
  async activate(versions: readonly StoredVersion[]): Promise<Result<void>> {
    const result = await this.#pool.activate(versions)
    if (!result.ok) return failure(result.problem)
    this.#versions = new Map(versions.map((version) => this.#entry(version)))
    return success(undefined)
  }

  /**
   * Answers a request; one that wrote, after its writes are durable. What it read may have changed by then: it runs
   * again on the newer state, and who has lost twice, in turn with others who have: so a crowd that wants the same gets
   * through, one by one. Throws ApiError where there is no answer.
   */
  async dispatch(request: PlainRequest): Promise<DispatchedResponse> {
    const deadline = performance.now() + apiLimits.conflictTimeMs
    for (let run = 0; run < apiLimits.conflictRunsFreeMax; run++) {
      const answer = await this.#attempt(request)
      if (answer !== undefined) return answer
    }
    const answer = this.#turn.then(() => this.#insist(request, deadline))
    this.#turn = answer.catch(() => {})
    return answer
  }

  async #insist(request: PlainRequest, deadline: number): Promise<DispatchedResponse> {
    while (performance.now() < deadline) {
      const answer = await this.#attempt(request)
      if (answer !== undefined) return answer
    }
    this.#count(this.#functionAt(request.target)?.id ?? 'api', 'loadShed')
    throw commitError({ kind: 'conflict' })
  }

  /** Runs it once. Undefined: what it read has changed meanwhile, and nothing of it is written. */
  async #attempt(request: PlainRequest): Promise<DispatchedResponse | undefined> {
    const { by, status, headers, body, job, revision } = await this.#run(request)
    if (status < 400 && isDryRun(request.method, request.target))
      return this.#planned(by, { status, headers, revision }, job)
    if (job === '') {
      this.#count(by, 'ok')
      return { status, headers, body, revision }
    }
    const result = await this.#options.commit(job)
    if (result.ok) {
      this.#count(by, 'ok')
      return { status, headers, body: replacePlaceholders(body, result.ids), revision: result.revision }
    }
    if (result.kind === 'conflict') return undefined
    if (result.kind !== 'constraint') this.#count(by, 'loadShed')
    throw commitError(result)
  }

  /** Answers what it would change, and nothing is written. */
  async #planned(
    by: string,
    answer: Omit<DispatchedResponse, 'body'>,
    text: string,
  ): Promise<DispatchedResponse | undefined> {
    const nothing: Job = { writes: [], reads: [], revision: answer.revision }
    const body = await this.#options.plan?.(text === '' ? nothing : (JSON.parse(text) as Job))
    if (body === undefined) return undefined
    this.#count(by, 'ok')
    return { ...answer, body }
  }

  close() {
    this.#pool.close()
  }

  async #run(request: PlainRequest): Promise<IsolateAnswer> {
    const seed = (Math.random() * 0x1_0000_0000) | 0
    const result = await this.#pool.run({ request, now: Date.now(), seed })
    if (result.outcome !== 'ok') {
      const by = this.#functionAt(request.target)
      if (result.outcome === 'loadShed' || by === undefined) this.#count(by?.id ?? 'api', result.outcome)
      else this.#options.failures.failed(by, result.outcome, result.detail)
      throw outcomeError(by?.id ?? 'the API', result.outcome, result.detail)
    }
    const { answer } = result
    if (answer.error === null) return answer
    const version = this.#versions.get(answer.by)
    const error = Object.assign(new Error(answer.error.message), { stack: answer.error.stack })
    if (version === undefined) this.counts.exception++
    else this.#options.failures.failed(version, 'exception', error)
    throw outcomeError(answer.by, 'exception', answer.error.message)
  }

  #count(by: string, outcome: Outcome) {
    const counts = this.#versions.get(by)?.counts ?? this.counts
    counts[outcome]++
  }

  /** The function whose path a target is under, as far as a path tells: for requests that no isolate answered. */
  #functionAt(target: string): LoadedVersion | undefined {
    const resource = /^\/api\/[^/]+\/([a-z_]+)/.exec(target)?.[1]
    for (const version of this.#versions.values()) if (version.name === `api/${resource}`) return version
    return undefined
  }

  #entry({ name, version, digest }: StoredVersion): [string, LoadedVersion] {
    const known = this.#versions.get(`${name}@${version}`)
    // Its code is in the isolates; here are its name and its figures.
    const elsewhere: ApiFunction = { kind: 'api', name, path: '', routes() {} }
    return [`${name}@${version}`, known ?? new LoadedVersion(name, version, digest, elsewhere)]
  }
}
