/** Keeps a connection to one OVSDB server and a copy of the tables that we use: connect, monitor, follow, and again after a loss. */
import type { Logger } from '../log.ts'
import type { TlsFiles } from '../openflow/channel/tls.ts'
import { describe, failure, type Problem, type Result, success } from '../problem.ts'
import type { OvsdbAddress } from './address.ts'
import type { Json } from './datum.ts'
import type { Operation } from './operations.ts'
import { Replica } from './replica.ts'
import { RpcConnection, type RpcLimits, rpcLimits } from './rpc.ts'
import { columnNames, database, tableNames } from './schema.ts'
import { openTransport } from './transport.ts'

export interface ClientLimits extends RpcLimits {
  readonly connectTimeoutMs: number
  readonly retryFirstMs: number
  readonly retryLastMs: number
  /** A connection that lasted this long was a good one: the next retry is soon again. */
  readonly settledAfterMs: number
}

const clientLimits: ClientLimits = {
  ...rpcLimits,
  connectTimeoutMs: 5_000,
  retryFirstMs: 100,
  retryLastMs: 5_000,
  settledAfterMs: 5_000,
}

export interface OvsdbClientOptions {
  readonly address: OvsdbAddress
  readonly tls?: TlsFiles
  readonly log: Logger
  /** The copy has changed, or the connection came or went. */
  readonly onChange: () => void
  readonly limits?: Partial<ClientLimits>
}

/** The result of each operation of a transaction. */
export type OperationResults = readonly Readonly<Record<string, Json>>[]

const monitorId = 'openvnet'

export class OvsdbClient {
  readonly address: OvsdbAddress
  /** What was last read: after a loss of the connection it stays until the server has been read anew. */
  readonly replica = new Replica()
  readonly #options: OvsdbClientOptions
  readonly #limits: ClientLimits
  #connection: RpcConnection | null = null
  #synced = false
  #everSynced = false
  readonly #closing = new AbortController()
  #problem: Problem | null = null
  #wake: () => void = () => {}

  constructor(options: OvsdbClientOptions) {
    this.address = options.address
    this.#options = options
    this.#limits = { ...clientLimits, ...options.limits }
    void this.#keepConnected()
  }

  /** The copy is what the server holds now. */
  get synced(): boolean {
    return this.#synced
  }

  /** The server has been read at least once. */
  get everSynced(): boolean {
    return this.#everSynced
  }

  /** Why there is no connection. */
  get problem(): Problem | null {
    return this.#problem
  }

  /** Runs one transaction: all of the operations or none. On failure the problem carries the server's error. */
  async transact(operations: readonly Operation[]): Promise<Result<OperationResults>> {
    const where = this.address.text
    if (!this.#synced || this.#connection === null) return failure({ what: 'not connected', where })
    const reply = await this.#connection.request('transact', [database, ...operations])
    return reply.ok ? checkTransaction(reply.value, where) : reply
  }

  close(): void {
    this.#closing.abort()
    this.#connection?.close({ what: 'closed' })
    this.#wake()
  }

  async #keepConnected() {
    const { retryFirstMs, retryLastMs, settledAfterMs } = this.#limits
    let retryMs = retryFirstMs
    while (!this.#closing.signal.aborted) {
      const began = performance.now()
      const problem = await this.#session()
      this.#connection = null
      if (this.#closing.signal.aborted) break
      this.#report(problem)
      if (performance.now() - began >= settledAfterMs) retryMs = retryFirstMs
      await this.#pause(retryMs)
      retryMs = Math.min(retryMs * 2, retryLastMs)
    }
  }

  /** One connection from its beginning to its end; resolves to why it ended. */
  async #session(): Promise<Problem> {
    const { address, tls } = this.#options
    const opened = await openTransport(address, tls, this.#limits.connectTimeoutMs, this.#closing.signal)
    if (!opened.ok) return opened.problem
    return new Promise<Problem>((ended) => {
      const onNotification = (method: string, params: readonly unknown[]) => this.#notified(method, params)
      const onClosed = (problem: Problem) => {
        this.#synced = false
        ended(problem)
      }
      const handlers = { onNotification, onClosed }
      this.#connection = new RpcConnection(opened.value, address.text, handlers, this.#limits)
      this.#follow(this.#connection)
    })
  }

  /**
   * RFC 7047's own `monitor` is used even where the server has newer ones: every server has it, and reading everything
   * anew after a loss leaves nothing to go wrong (1,000 ports are read in some 20 ms).
   */
  #follow(connection: RpcConnection) {
    const requests = Object.fromEntries(tableNames.map((table) => [table, { columns: columnNames(table) }]))
    connection.call('monitor', [database, monitorId, requests], (reply) => {
      if (!reply.ok) return connection.close(reply.problem)
      this.replica.load(reply.value)
      this.#synced = true
      this.#everSynced = true
      this.#problem = null
      this.#options.log.info('OVSDB read', { ovsdb: this.address.text })
      this.#options.onChange()
    })
  }

  #notified(method: string, params: readonly unknown[]) {
    if (method !== 'update' || params[0] !== monitorId || !this.#synced) return
    this.replica.apply(params[1])
    this.#options.onChange()
  }

  #report(problem: Problem) {
    const known = this.#problem !== null && describe(this.#problem) === describe(problem)
    this.#problem = problem
    if (!known)
      this.#options.log.warn('OVSDB not reachable', { ovsdb: this.address.text, problem: describe(problem) })
    this.#options.onChange()
  }

  #pause(ms: number) {
    return new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/** The rows were not any more what the transaction's guard expects: what to write has to be worked out anew. */
export const isGuardFailure = (problem: Problem): boolean => problem.what === guardFailed
const guardFailed = 'a guard of the transaction did not hold'

/** A reply to `transact` has one result for each operation, and after them the error of a commit that failed (RFC 7047, 4.1.3). */
function checkTransaction(reply: unknown, where: string): Result<OperationResults> {
  if (!Array.isArray(reply)) return failure({ what: 'malformed reply to transact', where })
  const error = reply.find((result) => typeof result?.error === 'string')
  if (error === undefined) return success(reply)
  const details = typeof error.details === 'string' ? `: ${error.details}` : ''
  return failure({
    // The error of an operation `wait` whose time is over; ours wait for no time at all.
    what: error.error === 'timed out' ? guardFailed : 'the transaction was refused',
    where,
    received: `${error.error}${details}`.slice(0, 300),
  })
}
