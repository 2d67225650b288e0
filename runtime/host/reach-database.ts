/** How a host comes to its database: a file is there or is not, a server that is away is tried until it answers. */
import { openStore, type Store, StoreError } from '../../db/store/store.ts'
import type { Logger } from '../log.ts'
import { describe, failure, type Problem, type Result, success } from '../problem.ts'

/** Pauses between attempts to reach a database server that is away when the host starts. */
const retryMinMs = 100
const retryMaxMs = 5_000
/** From then on a server that gives no answer is waited for beside everything else. */
const firstAttemptPatienceMs = 1_000

export interface ReachDatabaseOptions {
  /** `file:…`, or the URL of a server. */
  readonly database: string
  /** Begins with a store that was opened. A problem of the host itself is answered, and the store closed; so it is when this throws. */
  readonly serve: (store: Store) => Promise<Problem | undefined>
  readonly log: Logger
}

/** How an attempt ended. */
type Attempt =
  | { readonly kind: 'ready' }
  /** To be tried again. */
  | { readonly kind: 'away'; readonly problem: Problem }
  /** Of the host itself. */
  | { readonly kind: 'failed'; readonly problem: Problem }

export const isEmbedded = (database: string): boolean => database.startsWith('file:')

export class ReachDatabase {
  /** Why the host is not ready yet. */
  problem: Problem | undefined
  readonly #options: ReachDatabaseOptions
  #stopped = false
  /** What was said last about that. */
  #told: string | undefined

  constructor(options: ReachDatabaseOptions) {
    this.#options = options
  }

  /** An embedded database that cannot be opened is an error; a server that is away is tried until it is there. Never rejects. */
  async start(): Promise<Result<void>> {
    const embedded = isEmbedded(this.#options.database)
    const first = this.#try()
    const patience = Bun.sleep(firstAttemptPatienceMs).then(() => undefined)
    const attempt = await (embedded ? first : Promise.race([first, patience]))
    if (attempt?.kind === 'ready') return success(undefined)
    if (attempt !== undefined && (embedded || attempt.kind === 'failed')) return failure(attempt.problem)
    void this.#keepTrying(first)
    return success(undefined)
  }

  /** Tries no more. */
  stop(): void {
    this.#stopped = true
  }

  async #keepTrying(first: Promise<Attempt>): Promise<void> {
    if (this.#isOver(await first)) return
    for (let pauseMs = retryMinMs; !this.#stopped; pauseMs = Math.min(pauseMs * 2, retryMaxMs)) {
      await Bun.sleep(pauseMs)
      if (this.#stopped || this.#isOver(await this.#try())) return
    }
  }

  /** Whether no more is to be tried; if not, tells why the host is not ready, once. */
  #isOver(attempt: Attempt): boolean {
    if (attempt.kind === 'ready') return true
    if (this.#told !== attempt.problem.what && !this.#stopped)
      this.#options.log.warn('not ready: the database cannot be used', { problem: describe(attempt.problem) })
    this.#told = attempt.problem.what
    return false
  }

  async #try(): Promise<Attempt> {
    const { database, serve } = this.#options
    let store: Store | undefined
    try {
      store = await openStore({ url: database })
      this.problem = await serve(store)
    } catch (error) {
      this.problem = error instanceof StoreError ? error.problem : this.#fault(error)
      await store?.close()
      return { kind: error instanceof StoreError ? 'away' : 'failed', problem: this.problem }
    }
    if (this.problem === undefined) return { kind: 'ready' }
    await store.close()
    return { kind: 'failed', problem: this.problem }
  }

  #fault(error: unknown): Problem {
    const [what, stack] = error instanceof Error ? [error.message, error.stack] : [String(error), undefined]
    this.#options.log.error('a fault in beginning with the database', { error: stack ?? what })
    return { what: `the host could not begin: ${what}`, where: 'vnet host' }
  }
}
