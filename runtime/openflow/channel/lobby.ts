/** Where every connection begins: counted, secured, taken through the handshake in limited time, then handed on with its datapath id. */
import type { Logger } from '../../log.ts'
import { describe, type Problem } from '../../problem.ts'
import { Connection } from './connection.ts'
import type { Features } from './features.ts'
import { Handshake } from './handshake.ts'
import type { ChannelLimits } from './limits.ts'
import { isLocal, type Peer } from './peer.ts'
import { Throttle } from './throttle.ts'
import { verifiedName } from './tls.ts'

export type BunSocket = Bun.Socket<Entrant | undefined>

export type EntrantHandler = Bun.SocketHandler<Entrant | undefined>

/** What is known of a connection before it speaks. */
export interface Endpoint {
  readonly direction: 'dialled' | 'accepted'
  readonly transport: 'tcp' | 'ssl' | 'unix'
  /** The dialled address, or the one we listen on. */
  readonly address: string
}

export interface EndpointEvents {
  identified?(): void
  /** The socket is gone, or never became a connection. */
  gone?(problem: Problem): void
}

/** One socket from open to close. */
export interface Entrant {
  readonly socket: BunSocket
  readonly events: EndpointEvents
  /** Null until TLS is done. */
  connection: Connection | null
  /** What is left of its time for the handshake. */
  leftMs: number
}

export interface LobbyEnd {
  /** Sets the connection's listener. */
  identified(connection: Connection, features: Features): void
}

const closedByPeer: Problem = { what: 'the other end closed the connection', where: 'socket' }

export class Lobby {
  readonly #limits: ChannelLimits
  readonly #log: Logger
  readonly #end: LobbyEnd
  readonly #all = new Set<Entrant>()
  /** In order of arrival. */
  readonly #unidentified = new Set<Entrant>()
  readonly #throttle = new Throttle()
  #closing = false

  constructor(limits: ChannelLimits, log: Logger, end: LobbyEnd) {
    this.#limits = limits
    this.#log = log
    this.#end = end
  }

  get size() {
    return this.#all.size
  }

  connections(): Connection[] {
    return [...this.#all].flatMap(({ connection }) => connection ?? [])
  }

  /** What a Bun socket of this endpoint calls. */
  handler(endpoint: Endpoint, events: EndpointEvents = {}): EntrantHandler {
    return {
      // The types say Buffer all the same. The `slice` of a Buffer would not copy.
      binaryType: 'uint8array',
      open: (socket) => this.#open(socket, endpoint, events),
      handshake: (socket, _success, error) => this.#secured(socket, endpoint, error),
      data: (socket, chunk) => socket.data?.connection?.data(chunk),
      drain: (socket) => socket.data?.connection?.drain(),
      // Bun closes the socket by itself after these.
      error: (socket, error) => this.#gone(socket, { what: error.message, where: 'socket' }),
      close: (socket, error) =>
        this.#gone(socket, error === undefined ? closedByPeer : { what: error.message, where: 'socket' }),
    }
  }

  tick(elapsedMs: number) {
    for (const entrant of this.#all) {
      if (!this.#unidentified.has(entrant)) entrant.connection?.tick(elapsedMs)
      else if ((entrant.leftMs -= elapsedMs) <= 0) this.#expire(entrant)
    }
  }

  /** Closes everything, and what opens from now on at once. */
  close(problem: Problem) {
    this.#closing = true
    for (const entrant of this.#all) this.#dismiss(entrant, problem)
  }

  #open(socket: BunSocket, endpoint: Endpoint, events: EndpointEvents) {
    const entrant: Entrant = { socket, events, connection: null, leftMs: this.#limits.handshakeTimeoutMs }
    socket.data = entrant
    this.#all.add(entrant)
    if (this.#closing) return socket.terminate()
    if (this.#all.size > this.#limits.connectionsMax) return this.#tooMany(entrant, endpoint)
    this.#unidentified.add(entrant)
    this.#evictOldest(endpoint)
    if (endpoint.transport === 'ssl') return
    this.#connect(entrant, endpoint, null)
  }

  /** TLS is done, well or not. Until here not a byte was written. */
  #secured(socket: BunSocket, endpoint: Endpoint, error: Error | null) {
    const entrant = socket.data
    if (endpoint.transport !== 'ssl' || entrant === undefined || !this.#all.has(entrant)) return
    const name = verifiedName(socket, endpoint.direction, error)
    if (name.ok) return this.#connect(entrant, endpoint, name.value)
    this.#log.warn('TLS refused', {
      peer: peerOf(socket, endpoint, null).address,
      problem: describe(name.problem),
    })
    this.#dismiss(entrant, name.problem)
  }

  #connect(entrant: Entrant, endpoint: Endpoint, certificateName: string | null) {
    const { socket } = entrant
    if (endpoint.transport !== 'unix') socket.setNoDelay(true)
    const connection = new Connection(
      socket,
      peerOf(socket, endpoint, certificateName),
      this.#limits,
      this.#log,
    )
    entrant.connection = connection
    new Handshake(connection, {
      identified: (_, features) => {
        this.#unidentified.delete(entrant)
        this.#end.identified(connection, features)
        if (!connection.closed) entrant.events.identified?.()
      },
      closed: (_, problem) => this.#tell('handshake failed', connection.peer, problem),
    })
  }

  /** Who fails tries again soon: the same is told once in a while. */
  #tell(what: string, peer: Peer, problem: Problem) {
    const again = !this.#throttle.pass(`${what} ${peer.remoteIp ?? peer.address} ${problem.what}`)
    this.#log[again ? 'debug' : 'warn'](what, { peer: peer.address, problem: describe(problem) })
  }

  #gone(socket: BunSocket, problem: Problem) {
    const entrant = socket.data
    if (entrant === undefined || !this.#all.delete(entrant)) return
    this.#unidentified.delete(entrant)
    const reason = entrant.connection?.closedBy ?? problem
    entrant.connection?.ended(problem)
    entrant.events.gone?.(reason)
  }

  /** A crowd that never finishes its handshakes must not keep out who would: the oldest goes. */
  #evictOldest(endpoint: Endpoint) {
    if (this.#unidentified.size <= this.#limits.handshakesMax) return
    const [oldest] = this.#unidentified
    if (oldest === undefined) return
    this.#unidentified.delete(oldest)
    const problem = {
      what: 'too many connections that have not finished the handshake',
      where: endpoint.address,
      expected: `at most ${this.#limits.handshakesMax}`,
    }
    this.#dismiss(oldest, problem)
  }

  #tooMany(entrant: Entrant, endpoint: Endpoint) {
    const received = String(this.#all.size)
    const expected = `at most ${this.#limits.connectionsMax}`
    this.#dismiss(entrant, { what: 'too many connections', where: endpoint.address, expected, received })
  }

  #expire(entrant: Entrant) {
    this.#unidentified.delete(entrant)
    this.#dismiss(entrant, {
      what: 'the handshake took too long',
      where: 'handshake',
      expected: `at most ${this.#limits.handshakeTimeoutMs} ms`,
    })
  }

  #dismiss(entrant: Entrant, problem: Problem) {
    if (entrant.connection !== null) return entrant.connection.close(problem)
    entrant.socket.terminate()
    // With TLS unfinished there is no connection that could remember the reason.
    this.#gone(entrant.socket, problem)
  }
}

function peerOf(socket: BunSocket, endpoint: Endpoint, certificateName: string | null): Peer {
  const { direction, transport, address } = endpoint
  if (transport === 'unix')
    return { direction, transport, address, remoteIp: null, local: true, certificateName }
  const { remoteAddress: remoteIp, remotePort, localAddress } = socket
  const caller = `${transport}:${remoteIp.includes(':') ? `[${remoteIp}]` : remoteIp}:${remotePort}`
  const local = isLocal(localAddress, remoteIp)
  return {
    direction,
    transport,
    address: direction === 'dialled' ? address : caller,
    remoteIp,
    local,
    certificateName,
  }
}
