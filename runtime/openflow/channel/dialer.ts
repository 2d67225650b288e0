/** Calls one switch, and calls again for as long as it is wanted: soon at first, then less and less often. */
import type { Logger } from '../../log.ts'
import { describe, type Problem } from '../../problem.ts'
import { type Address, formatAddress } from './address.ts'
import type { ChannelLimits } from './limits.ts'
import type { Entrant, EntrantHandler, Lobby } from './lobby.ts'
import type { TlsMaterial } from './tls.ts'

/** Many hosts and switches that lost each other at once should not call again at once. */
const jitterShare = 0.25
/** A connection that held this long was a good one: after it we call again soon. */
const goodConnectionMs = 1_000

export class Dialer {
  readonly address: string
  readonly #target: Address
  readonly #lobby: Lobby
  readonly #limits: ChannelLimits
  readonly #tls: () => TlsMaterial | null
  readonly #log: Logger
  #failures = 0
  /** What kept us from connecting at the last attempt. */
  #told = ''
  #identifiedAt = Number.POSITIVE_INFINITY
  #timer: ReturnType<typeof setTimeout> | undefined
  #stopped = false
  /** Attempts that have ended count no more, even if the system still answers them. */
  #attempt = 0
  #socket: Bun.Socket<Entrant | undefined> | null = null

  /** @param tls asked at each call: it may have been renewed */
  constructor(
    target: Address,
    lobby: Lobby,
    limits: ChannelLimits,
    tls: () => TlsMaterial | null,
    log: Logger,
  ) {
    this.#target = target
    this.address = formatAddress(target)
    this.#lobby = lobby
    this.#limits = limits
    this.#tls = tls
    this.#log = log.with({ peer: this.address })
  }

  start() {
    this.#dial()
  }

  /** Calls no more, and hangs up. */
  stop(problem: Problem) {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#attempt++
    const socket = this.#socket
    if (socket?.data?.connection) socket.data.connection.close(problem)
    else socket?.terminate()
  }

  #dial() {
    const attempt = ++this.#attempt
    this.#timer = setTimeout(() => {
      if (this.#socket === null) this.#retry(attempt, { what: 'no answer', where: this.address })
    }, this.#limits.connectTimeoutMs)
    this.#connect(this.#handler(attempt)).then(
      (socket) => {
        // `open` came first. A call that was given up is answered too late.
        if (attempt !== this.#attempt) socket.terminate()
      },
      (error: Error) => this.#retry(attempt, { what: error.message, where: this.address }),
    )
  }

  #handler(attempt: number): EntrantHandler {
    const { transport } = this.#target
    const endpoint = { direction: 'dialled', transport, address: this.address } as const
    const handler = this.#lobby.handler(endpoint, {
      identified: () => {
        this.#identifiedAt = performance.now()
        this.#told = ''
      },
      gone: (problem) => this.#retry(attempt, problem),
    })
    return {
      ...handler,
      open: (socket) => {
        if (attempt !== this.#attempt) return void socket.terminate()
        this.#socket = socket
        return handler.open?.(socket)
      },
      // The promise of `connect` tells; without this handler Bun reports an unhandled rejection besides.
      connectError() {},
    }
  }

  #connect(socket: EntrantHandler): Promise<Bun.Socket<Entrant | undefined>> {
    const target = this.#target
    if (target.transport === 'unix') return Bun.connect({ unix: target.path, socket, data: undefined })
    const options = { hostname: target.host, port: target.port, socket, data: undefined }
    if (target.transport === 'tcp') return Bun.connect(options)
    // Whether the other end is trusted is decided after the handshake, see `verifiedName`.
    return Bun.connect({ ...options, tls: { ...this.#tls(), rejectUnauthorized: false } })
  }

  #retry(attempt: number, problem: Problem) {
    if (this.#stopped || attempt !== this.#attempt) return
    this.#attempt++
    this.#socket = null
    clearTimeout(this.#timer)
    if (performance.now() - this.#identifiedAt >= goodConnectionMs) this.#failures = 0
    this.#identifiedAt = Number.POSITIVE_INFINITY
    const delayMs = this.#delayMs()
    const level = this.#told === problem.what ? 'debug' : 'info'
    this.#told = problem.what
    this.#log[level]('not connected', { problem: describe(problem), again_ms: Math.round(delayMs) })
    this.#failures++
    this.#timer = setTimeout(() => this.#dial(), delayMs)
  }

  #delayMs(): number {
    const { dialDelayMinMs, dialDelayLocalMaxMs, dialDelayRemoteMaxMs } = this.#limits
    const most = this.#target.transport === 'unix' ? dialDelayLocalMaxMs : dialDelayRemoteMaxMs
    const delayMs = Math.min(most, dialDelayMinMs * 2 ** Math.min(this.#failures, 30))
    return delayMs * (1 - jitterShare * Math.random())
  }
}
