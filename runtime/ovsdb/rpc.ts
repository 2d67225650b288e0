/** JSON-RPC 1.0 as OVSDB speaks it (RFC 7047, 4): requests with time-outs, echo both ways, notifications; over one connection. */
import type { Socket } from 'node:net'
import { failure, type Problem, type Result, success } from '../problem.ts'
import { Malformed } from './datum.ts'
import { JsonFrames, messageBytesMax } from './json-frames.ts'

export interface RpcLimits {
  readonly requestTimeoutMs: number
  /** After this long without a byte from the server it is sent an echo; after as long again it counts as gone. */
  readonly probeIntervalMs: number
  readonly messageBytesMax: number
}

export const rpcLimits: RpcLimits = {
  requestTimeoutMs: 10_000,
  probeIntervalMs: 5_000,
  messageBytesMax: messageBytesMax,
}

const requestsMax = 64
/** A server that does not read what we send. */
const outputBytesMax = 16 * 1024 * 1024

export interface RpcHandlers {
  /** May throw `Malformed`, which ends the connection. */
  onNotification(method: string, params: readonly unknown[]): void
  /** Called once, when the connection has ended, for whatever reason. */
  onClosed(problem: Problem): void
}

type Message = Record<string, unknown>
type Settle = (result: Result<unknown>) => void

export class RpcConnection {
  readonly #socket: Socket
  readonly #where: string
  readonly #limits: RpcLimits
  readonly #handlers: RpcHandlers
  readonly #frames: JsonFrames
  readonly #waiting = new Map<number, { settle: Settle; timer: Timer }>()
  #nextId = 1
  #heardSinceProbe = true
  #probe: Timer
  #closed = false

  constructor(socket: Socket, where: string, handlers: RpcHandlers, limits: RpcLimits) {
    this.#socket = socket
    this.#where = where
    this.#handlers = handlers
    this.#limits = limits
    this.#frames = new JsonFrames(limits.messageBytesMax)
    socket.on('data', (chunk: Uint8Array) => this.#receive(chunk))
    socket.on('error', (error) => this.close({ what: 'connection lost', received: error.message }))
    socket.on('close', () => this.close({ what: 'the server closed the connection' }))
    this.#probe = setInterval(() => this.#checkAlive(), limits.probeIntervalMs)
  }

  /** Sends a request. A server that does not answer in time is not believed any more: the connection ends. */
  request(method: string, params: readonly unknown[]): Promise<Result<unknown>> {
    return new Promise((settle) => this.call(method, params, settle))
  }

  /** The same with a callback, which has run before the next message of the server is looked at. It may throw `Malformed`. */
  call(method: string, params: readonly unknown[], settle: (result: Result<unknown>) => void): void {
    const refused = this.#closed
      ? 'not connected'
      : this.#waiting.size >= requestsMax
        ? `more than ${requestsMax} requests at once`
        : null
    if (refused !== null) {
      settle(failure({ what: refused, where: this.#where }))
      return
    }
    const id = this.#nextId++
    const { requestTimeoutMs } = this.#limits
    const expected = `an answer within ${requestTimeoutMs} ms`
    const timer = setTimeout(() => this.close({ what: `no answer to ${method}`, expected }), requestTimeoutMs)
    this.#waiting.set(id, { settle, timer })
    this.#send({ method, params, id })
  }

  /** Ends the connection and fails what is waiting. */
  close(problem: Omit<Problem, 'where'>): void {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#probe)
    this.#socket.destroy()
    const reason = { where: this.#where, ...problem }
    for (const { settle, timer } of this.#waiting.values()) {
      clearTimeout(timer)
      settle(failure(reason))
    }
    this.#waiting.clear()
    this.#handlers.onClosed(reason)
  }

  #receive(chunk: Uint8Array) {
    this.#heardSinceProbe = true
    try {
      const result = this.#frames.push(chunk, (message) => this.#dispatch(message))
      if (!result.ok) this.close(result.problem)
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
      this.close({ ...error.problem, what: `${error.problem.what} in ${error.problem.where}` })
    }
  }

  #dispatch(message: Message) {
    if (this.#closed) return
    const { id, method } = message
    if (typeof method !== 'string') return this.#answered(message)
    const params = Array.isArray(message['params']) ? message['params'] : []
    if (id === null || id === undefined) this.#handlers.onNotification(method, params)
    else if (method === 'echo') this.#send({ result: params, error: null, id })
    else this.#send({ result: null, error: { error: 'unknown method' }, id })
  }

  #answered({ id, result, error }: Message) {
    const waiting = this.#waiting.get(id as number)
    if (waiting === undefined) return this.close({ what: 'an answer to nothing that was asked' })
    this.#waiting.delete(id as number)
    clearTimeout(waiting.timer)
    if (error === null || error === undefined) return waiting.settle(success(result))
    waiting.settle(
      failure({
        what: 'the server refused',
        where: this.#where,
        received: JSON.stringify(error).slice(0, 300),
      }),
    )
  }

  #send(message: Message) {
    if (this.#closed) return
    this.#socket.write(JSON.stringify(message))
    if (this.#socket.writableLength > outputBytesMax) this.close({ what: 'the server does not read' })
  }

  #checkAlive() {
    if (!this.#heardSinceProbe)
      return this.close({ what: 'the server is silent', expected: 'an answer to echo' })
    this.#heardSinceProbe = false
    if (this.#waiting.size < requestsMax) void this.request('echo', [])
  }
}
