/** The HTTP server of a host: bounds, authorisation and answers; what requests mean is the API functions' business. */
import { isInUse, listenProblem } from '../listen-problem.ts'
import type { Logger } from '../log.ts'
import { Repeats } from '../log-repeats.ts'
import { failure, type Result, success } from '../problem.ts'
import type { Applied, Audit, DatapathStatus } from './answers/host.ts'
import { isDryRun } from './dry-run.ts'
import { ApiError } from './errors.ts'
import { errorAnswer } from './outcomes.ts'
import type { DispatchedResponse, PlainRequest, PlainResponse } from './plain.ts'
import { represent } from './represent.ts'
import { isLoopback } from './shell/addresses.ts'
import { waitOf, withApplied } from './shell/applied.ts'
import { ArrivingBodies } from './shell/arriving-bodies.ts'
import { authorise, type Policy } from './shell/authorise.ts'
import { BodyBudget, readBody } from './shell/body.ts'
import { corsHeaders, preflight } from './shell/cors.ts'
import { type HostRoute, type MatchedRoute, routeOf, type StreamedResponse } from './shell/host-route.ts'
import { type HttpLimits, httpLimits } from './shell/limits.ts'
import { assertListenAllowed, warnWhereOpen } from './shell/listen.ts'
import { statusAnswer, statusTarget } from './shell/status.ts'
import { timeLimited } from './shell/time-limited.ts'
import { parseTarget } from './target.ts'

export interface HttpServerOptions {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Take any free port where that one is in use. */
  readonly anyPort?: boolean
  readonly token: string
  readonly insecure: boolean
  readonly corsOrigins: readonly string[]
  readonly log: Pick<Logger, 'warn' | 'error'>
  /** Runs a request in an API function and commits what it wrote. */
  dispatch(request: PlainRequest): Promise<DispatchedResponse>
  /** Called, and waited for, before a request is carried out whose answer will wait for this long. */
  announceWait?(timeoutMs: number): Promise<void>
  /** Resolves when every connected datapath has applied the revision, or the time is over. */
  waitApplied(revision: number, timeoutMs: number): Promise<Applied>
  /** How a datapath is doing; undefined: there is none with this uuid. */
  datapathStatus(uuid: string): DatapathStatus | undefined
  /** What differs between the state and the switches, by recomputing everything. */
  audit(): Promise<Audit>
  /** What else the host answers by itself. */
  readonly routes?: readonly HostRoute[]
  readonly limits?: Partial<HttpLimits>
}

export interface HttpServer {
  readonly port: number
  readonly url: string
  /** Takes no more requests; those in flight may still be answered, for a second. */
  stop(): Promise<void>
}

/** Whoever looks around begins where the API tells what it has. */
const toBrowse: PlainResponse = { status: 302, headers: { location: '/api/1.0/browse' }, body: '' }

/** What the server knows of a request beside itself. */
interface Connection {
  /** Requests that are not answered yet, with this one. */
  readonly pending: () => number
  /** An answer that goes on is about to end. */
  readonly ending: () => void
}

class Shell {
  private readonly options: HttpServerOptions
  private readonly limits: HttpLimits
  private readonly policy: Policy
  private readonly arriving: ArrivingBodies
  private readonly budget: BodyBudget
  private readonly errors = new Repeats()

  constructor(options: HttpServerOptions) {
    this.options = options
    this.limits = { ...httpLimits, ...options.limits }
    this.arriving = new ArrivingBodies(this.limits.bodiesArrivingMax, this.limits.bodyBytesArrivingMax)
    this.budget = new BodyBudget(this.limits.bodyBytesInFlightMax)
    const { token, insecure, host } = options
    this.policy = { token, insecure, loopback: isLoopback(host.toLowerCase()) }
  }

  /** Never rejects: whatever goes wrong is an answer. */
  async fetch(request: Request, connection: Connection): Promise<Response> {
    const headers = Object.fromEntries(request.headers)
    const question = preflight(request.method, headers, this.options.corsOrigins)
    if (question !== undefined) return question
    const answer = await this.answer(request, headers, connection)
    const isHead = request.method === 'HEAD'
    if (isHead && typeof answer.body !== 'string') void answer.body.cancel()
    return new Response(isHead ? null : answer.body, {
      status: answer.status,
      headers: {
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        ...answer.headers,
        ...corsHeaders(headers['origin'], this.options.corsOrigins),
      },
    })
  }

  private async answer(
    request: Request,
    headers: Record<string, string>,
    connection: Connection,
  ): Promise<PlainResponse | StreamedResponse> {
    // Not through URL: it would decode and tidy what the functions are to see as it came.
    const target = request.url.replace(/^[a-z]+:\/\/[^/]*/i, '')
    const representation = parseTarget(target)?.representation ?? 'json'
    try {
      this.admit(target, headers)
      return await this.admitted(request, target, headers, connection)
    } catch (error) {
      if (error instanceof ApiError) return errorAnswer(error, representation)
      const message = error instanceof Error ? error.message : String(error)
      this.errors.tell('unanswered', (times) =>
        this.options.log.error('a request was not answered', { target, error: message, times }),
      )
      return errorAnswer(new ApiError('Unavailable', 'the host failed to answer; try again'), representation)
    }
  }

  /** Throws ApiError. */
  private admit(target: string, headers: Record<string, string>) {
    const refusal = authorise(headers, this.policy)
    if (refusal !== undefined) throw refusal
    if (target.length > this.limits.targetLengthMax)
      throw new ApiError(
        'RequestTooLarge',
        `the URL is longer than ${this.limits.targetLengthMax} characters`,
      )
  }

  /** Throws ApiError where too many requests have arrived whole and are not answered yet. */
  private limitInFlight(pending: number) {
    if (pending - this.arriving.count <= this.limits.requestsInFlightMax) return
    throw new ApiError(
      'Unavailable',
      `more than ${this.limits.requestsInFlightMax} requests at once; try again`,
    )
  }

  private async admitted(
    request: Request,
    target: string,
    headers: Record<string, string>,
    connection: Connection,
  ) {
    const { pending, ending } = connection
    if (request.method === 'GET' && /^\/(browse\/?)?$/.test(target.replace(/\?.*/, ''))) return toBrowse
    this.limitInFlight(pending())
    const status = statusTarget(request.method, target)
    if (status !== undefined) return statusAnswer(status, this.options.datapathStatus(status.uuid))
    if (parseTarget(target)?.path === '/audit' && request.method === 'GET') return this.audited(target)
    const matched = routeOf(this.options.routes ?? [], request.method, target)
    if (matched !== undefined) return this.routed(request, matched, headers, ending)
    return this.dispatched(request, target, headers, pending)
  }

  private async audited(target: string) {
    const late = 'the audit took too long; there is much to compare'
    const audit = await timeLimited(this.options.audit(), this.limits.auditTimeoutMs, late)
    return represent(200, JSON.stringify(audit), parseTarget(target)?.representation ?? 'json')
  }

  private async routed(
    request: Request,
    { route, ...matched }: MatchedRoute,
    headers: Record<string, string>,
    ending: () => void,
  ) {
    const body = async () => {
      const { bodyBytesMax, bodyTimeoutMs } = this.limits
      const bounds = { bytesMax: bodyBytesMax, timeoutMs: bodyTimeoutMs }
      const read = await readBody(request, { ...bounds, arriving: this.arriving, budget: this.budget })
      this.budget.giveBack(read.bytes)
      return read.text
    }
    const answered = Promise.resolve(route.answer({ ...matched, headers, body, ending }))
    const late = 'the answer took too long; there is much to look at'
    return timeLimited(answered, this.limits.auditTimeoutMs, late)
  }

  private async dispatched(
    request: Request,
    target: string,
    headers: Record<string, string>,
    pending: () => number,
  ) {
    const waitMs = isDryRun(request.method, target) ? undefined : waitOf(target, this.limits)
    const { batchBytesMax, bodyBytesMax, bodyTimeoutMs, answerTimeoutMs } = this.limits
    const bytesMax = parseTarget(target)?.path === '/batch' ? batchBytesMax : bodyBytesMax
    const { text, bytes } = await readBody(request, {
      bytesMax,
      timeoutMs: bodyTimeoutMs,
      arriving: this.arriving,
      budget: this.budget,
    })
    const method = request.method === 'HEAD' ? 'GET' : request.method
    const announcedMs = request.method === 'GET' ? undefined : waitMs
    const run = async () => {
      this.limitInFlight(pending())
      if (announcedMs !== undefined) await this.options.announceWait?.(announcedMs)
      return this.options.dispatch({ method, target, headers, body: text })
    }
    const { revision, ...answer } = await timeLimited(
      this.holding(bytes, run),
      answerTimeoutMs,
      'the request took too long; whether it was carried out is not known',
    )
    const revised = { ...answer, headers: { ...answer.headers, 'x-vnet-revision': String(revision) } }
    if (waitMs === undefined || answer.status >= 400 || method === 'GET') return revised
    return withApplied(revised, await this.options.waitApplied(revision, waitMs))
  }

  /** Its body is held until it is over, also when nobody waits for it any more. */
  private async holding<T>(bytes: number, run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } finally {
      this.budget.giveBack(bytes)
    }
  }
}

/** Starts to listen. The problem, where it cannot, says what to do. */
export function startHttpServer(options: HttpServerOptions): Result<HttpServer> {
  const allowed = assertListenAllowed(options.host, options)
  if (!allowed.ok) return allowed
  warnWhereOpen(options.host, options, options.log)
  const { host, port, anyPort } = options
  const shell = new Shell(options)
  const limits = { ...httpLimits, ...options.limits }
  const listen = (at: number) => serve(shell, limits, host, at)
  try {
    return success(listen(port))
  } catch (error) {
    if (anyPort !== true || !isInUse(error))
      return failure(listenProblem(error, '--http', formatHttp(host, port)))
    return success(listen(0))
  }
}

/** Streams say by themselves that they are still there. */
const isStream = (response: Response) => response.headers.get('content-type') === 'text/event-stream'

const formatHttp = (host: string, port: number) => `${host.includes(':') ? `[${host}]` : host}:${port}`

/** Throws where it cannot listen. */
function serve(shell: Shell, limits: HttpLimits, hostname: string, port: number): HttpServer {
  const server = Bun.serve({
    hostname,
    port,
    idleTimeout: limits.idleTimeoutSeconds,
    // The shell refuses earlier, with an answer that says why.
    maxRequestBodySize: 2 * limits.batchBytesMax,
    async fetch(request, bun) {
      // A wait may be longer than an idle connection lives.
      bun.timeout(request, Math.ceil((limits.waitTimeoutMsMax + limits.answerTimeoutMs) / 1_000))
      const response = await shell.fetch(request, {
        pending: () => bun.pendingRequests,
        ending: () => bun.timeout(request, limits.idleTimeoutSeconds),
      })
      bun.timeout(request, isStream(response) ? 0 : limits.idleTimeoutSeconds)
      return response
    },
  })
  return {
    port: server.port!,
    url: server.url.href.replace(/\/$/, ''),
    async stop() {
      await Promise.race([server.stop(), Bun.sleep(limits.stopTimeoutMs)])
      await server.stop(true)
    },
  }
}
