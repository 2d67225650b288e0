/**
 * Batches of statements to a libSQL server: the Hrana protocol, version 3, as JSON over HTTP
 * (https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md). Streams are used again, since a new one costs
 * the server 5 ms to read the schema; so a batch must end the transaction that it begins, whatever happens.
 */
import { bindable, SqlError, type SqlParameter, type SqlRow, type SqlValue } from '../libsql.ts'
import { Unavailable } from './backend.ts'
import type { ServerAddress } from './url.ts'

export type Condition =
  | { readonly type: 'ok' | 'error'; readonly step: number }
  | { readonly type: 'not'; readonly cond: Condition }
  | { readonly type: 'and' | 'or'; readonly conds: readonly Condition[] }
  | { readonly type: 'is_autocommit' }

export interface Step {
  readonly sql: string
  readonly parameters?: readonly SqlParameter[] | undefined
  readonly condition?: Condition | undefined
}

/** Of one step: its rows, its error, or undefined where its condition did not hold. */
export type StepResult = { readonly rows: SqlRow[] } | { readonly error: SqlError } | undefined

type Value =
  | { type: 'null' }
  | { type: 'integer'; value: string }
  | { type: 'float'; value: number }
  | { type: 'text'; value: string }
  | { type: 'blob'; base64: string }

interface HranaError {
  readonly message: string
  readonly code?: string | null
}

interface BatchAnswer {
  readonly step_results: readonly ({ readonly rows: readonly (readonly Value[])[] } | null)[]
  readonly step_errors: readonly (HranaError | null)[]
}

interface PipelineAnswer {
  readonly baton: string | null
  readonly results: readonly (
    | { readonly type: 'ok'; readonly response: { readonly result: unknown } }
    | { readonly type: 'error'; readonly error: HranaError }
  )[]
}

function encode(parameter: SqlParameter): Value {
  const value = bindable(parameter)
  if (value === null) return { type: 'null' }
  if (typeof value === 'string') return { type: 'text', value }
  if (typeof value === 'bigint') return { type: 'integer', value: `${value}` }
  if (typeof value === 'number')
    return Number.isInteger(value) ? { type: 'integer', value: `${value}` } : { type: 'float', value }
  return { type: 'blob', base64: value.toBase64() }
}

function decode(value: Value): SqlValue {
  if (value.type === 'null') return null
  if (value.type === 'integer') return Number(value.value)
  return value.type === 'blob' ? Uint8Array.fromBase64(value.base64) : value.value
}

const asError = ({ message, code }: HranaError): SqlError =>
  new SqlError(message.replace(/^SQLite error: /, ''), code ?? 'UNKNOWN')

/** A large transaction may take longer. */
const timeoutPerMegabyteMs = 1_000
/** A server forgets a stream after 10 s without a request. */
const streamIdleMs = 5_000

export class HranaClient {
  /** Streams that nobody uses at the moment; the one used last is at the end. */
  private readonly streams: { baton: string; since: number }[] = []
  private readonly address: ServerAddress
  private readonly timeoutMs: number

  constructor(address: ServerAddress, timeoutMs: number) {
    this.address = address
    this.timeoutMs = timeoutMs
  }

  /**
   * Runs the steps in order, each if its condition holds; `alone` on a stream that nothing else uses afterwards.
   * Throws `Unavailable` where the server gives no answer.
   */
  async batch(steps: readonly Step[], alone = false): Promise<StepResult[]> {
    const batch = {
      steps: steps.map(({ sql, parameters = [], condition }) => ({
        stmt: { sql, args: parameters.map(encode) },
        condition,
      })),
    }
    const { step_results: results, step_errors: errors } = await this.send<BatchAnswer>(
      { type: 'batch', batch },
      alone,
    )
    return steps.map((_, at) => {
      const error = errors[at]
      if (error) return { error: asError(error) }
      return results[at] ? { rows: results[at].rows.map((row) => row.map(decode)) } : undefined
    })
  }

  /** Whether the statement writes nothing. */
  async isReadOnly(sql: string): Promise<boolean> {
    return (await this.send<{ readonly is_readonly: boolean }>({ type: 'describe', sql }, false)).is_readonly
  }

  private async send<T>(request: unknown, alone: boolean): Promise<T> {
    const baton = alone ? null : this.idleStream()
    const answer = await this.post(
      { baton, requests: alone ? [request, { type: 'close' }] : [request] },
      baton !== null,
    )
    if (answer === undefined) return this.send(request, alone)
    const [result] = answer.results
    if (result?.type === 'ok') {
      if (answer.baton !== null && !alone)
        this.streams.push({ baton: answer.baton, since: performance.now() })
      return result.response.result as T
    }
    // The batch was broken off, perhaps within its transaction.
    if (answer.baton !== null) await this.post({ baton: answer.baton, requests: [{ type: 'close' }] }, true)
    throw result === undefined ? this.unavailable('it answered nothing') : asError(result.error)
  }

  private idleStream(): string | null {
    while (this.streams.length > 0) {
      const { baton, since } = this.streams.pop()!
      if (performance.now() - since < streamIdleMs) return baton
    }
    return null
  }

  /** Server-sent events of inserts into a table, until the signal; `onEvent` is called for each piece that arrives. */
  async listen(table: string, signal: AbortSignal, onEvent: () => void): Promise<void> {
    const response = await fetch(`${this.address.url}/beta/listen?table=${table}&action=insert`, {
      headers: this.headers(),
      signal,
    })
    if (!response.ok || response.body === null) throw this.unavailable(`it answered ${response.status}`)
    onEvent()
    for await (const _ of response.body) onEvent()
  }

  /** undefined: the server has forgotten the stream, and has run nothing. */
  private async post(body: unknown, continued: boolean): Promise<PipelineAnswer | undefined> {
    const content = JSON.stringify(body)
    const timeoutMs = this.timeoutMs + Math.floor(content.length / 1_000_000) * timeoutPerMegabyteMs
    let response: Response
    let text: string
    try {
      const signal = AbortSignal.timeout(timeoutMs)
      response = await fetch(`${this.address.url}/v3/pipeline`, {
        method: 'POST',
        headers: this.headers(),
        body: content,
        signal,
      })
      text = await response.text()
    } catch (error) {
      throw this.unavailable(
        error instanceof Error && error.name === 'TimeoutError'
          ? `no answer in ${timeoutMs} ms`
          : 'it cannot be reached',
        error,
      )
    }
    if (continued && response.status >= 400 && response.status < 500 && /baton|stream/i.test(text))
      return undefined
    if (!response.ok) throw this.unavailable(`it answered ${response.status} ${text.slice(0, 200)}`)
    return JSON.parse(text) as PipelineAnswer
  }

  private headers(): Record<string, string> {
    const { authToken } = this.address
    return {
      'content-type': 'application/json',
      ...(authToken === undefined ? {} : { authorization: `Bearer ${authToken}` }),
    }
  }

  unavailable(what: string, error?: unknown): Unavailable {
    return new Unavailable({
      what: `the database server does not serve: ${what}`,
      where: this.address.url,
      ...(error instanceof Error ? { received: error.message } : {}),
      hint: 'See that it runs, that the URL is its own and that the token is valid.',
    })
  }
}
