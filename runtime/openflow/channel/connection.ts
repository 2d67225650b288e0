/** One socket that carries OpenFlow: framing, one write per event, back-pressure, echo, and every reason to cut it. */
import type { Logger } from '../../log.ts'
import type { Problem } from '../../problem.ts'
import { badRequest, errorCodes } from './errors.ts'
import { Framer } from './framer.ts'
import { messageTypes, rawMessage, typeAt, version13, versionAt } from './header.ts'
import type { ChannelLimits } from './limits.ts'
import { reportFault, safely } from './listeners.ts'
import { Liveness } from './liveness.ts'
import { Output } from './output.ts'
import type { Peer } from './peer.ts'
import { newStatistics } from './statistics.ts'

/** The part of a Bun socket that a connection uses. */
export interface SocketLike {
  write(bytes: Uint8Array, offset: number, length: number): number
  pause(): void
  resume(): void
  shutdown(): void
  terminate(): void
}

/** Who deals with the messages; another one in each phase of the connection's life. */
export interface ConnectionListener {
  /** One message; echo never comes here. The bytes are valid until `batchEnd` returns: copy what must outlive it. */
  message(bytes: Uint8Array, offset: number, end: number): void
  /** The messages of one socket event have been handed on; what was written meanwhile leaves after this. */
  batchEnd(): void
  /** Once, at the end. */
  closed(problem: Problem): void
}

export const nobody: ConnectionListener = { message() {}, batchEnd() {}, closed() {} }

export class Connection {
  readonly peer: Peer
  readonly statistics = newStatistics()
  readonly output: Output
  readonly log: Logger
  listener: ConnectionListener
  /** After HELLO every message must be of version 1.3. */
  negotiated = false
  /** What ended the connection; null while it lives. */
  closedBy: Problem | null = null
  readonly #socket: SocketLike
  readonly #limits: ChannelLimits
  readonly #framer: Framer
  readonly #liveness: Liveness
  #pauseBytes: number
  #paused = false
  #inEvent = false
  #flushPlanned = false
  #waitingForRoom: (() => void)[] = []

  constructor(
    socket: SocketLike,
    peer: Peer,
    limits: ChannelLimits,
    log: Logger,
    listener: ConnectionListener = nobody,
  ) {
    this.#socket = socket
    this.peer = peer
    this.listener = listener
    this.#limits = limits
    this.#pauseBytes = limits.outputPauseIdleBytes
    this.log = log.with({ peer: peer.address })
    this.output = new Output(
      (bytes, offset, length) => socket.write(bytes, offset, length),
      limits.outputMaxBytes,
    )
    this.#framer = new Framer({
      message: (bytes, offset, end) => this.#message(bytes, offset, end),
      batchEnd: () => safely(this.log, () => this.listener.batchEnd()),
    })
    this.#liveness = new Liveness(limits)
  }

  get closed() {
    return this.closedBy !== null
  }

  /** A connection that serves may owe more than one that only answers echo. */
  set serving(serving: boolean) {
    this.#pauseBytes = serving ? this.#limits.outputPauseBytes : this.#limits.outputPauseIdleBytes
  }

  // What the socket tells.

  data(chunk: Uint8Array) {
    if (this.closed) return
    this.#liveness.heard()
    this.statistics.receivedBytes += chunk.length
    this.#inEvent = true
    const result = this.#framer.push(chunk)
    this.#inEvent = false
    if (!result.ok) this.close(result.problem, badRequest(errorCodes.badLength, this.#framer.badHeader!))
    else if (!this.closed) this.#flush()
  }

  drain() {
    if (!this.closed) this.#flush()
  }

  /** The socket is gone. */
  ended(problem: Problem) {
    this.#finish(problem)
  }

  /** `elapsedMs` have passed in which we would have noticed what the peer does. */
  tick(elapsedMs: number) {
    if (this.closed) return
    const verdict = this.#liveness.tick(elapsedMs, this.output.pending, this.output.sentBytes, this.#paused)
    if (verdict === 'ask') this.send(rawMessage(messageTypes.echoRequest, 0))
    else if (verdict !== 'fine') this.close(verdict)
  }

  /** The peer has this long to say something, else it is cut. */
  probe(timeoutMs: number) {
    this.#liveness.probe(timeoutMs)
    this.send(rawMessage(messageTypes.echoRequest, 0))
  }

  // What the layers above do.

  /** Sends the message bytes[offset, end). Returns false when the peer reads too slowly or is gone. */
  send(bytes: Uint8Array, offset = 0, end = bytes.length): boolean {
    const at = this.reserve(end - offset)
    if (at >= 0) this.output.bytes.set(bytes.subarray(offset, end), at)
    return at >= 0
  }

  /**
   * Room for a message of `length` bytes in `output.bytes`, to be filled before control returns to the event loop. Returns its
   * offset, or -1 when the peer reads too slowly or is gone.
   */
  reserve(length: number): number {
    const at = this.closed ? -1 : this.output.reserve(length)
    if (at < 0) {
      this.statistics.droppedMessages++
    } else {
      this.statistics.sentMessages++
      this.planFlush()
    }
    return at
  }

  /** Sees to it that what was put into `output` leaves: at the end of the socket's event, or of this turn of the event loop. */
  planFlush() {
    if (this.#inEvent || this.#flushPlanned) return
    this.#flushPlanned = true
    queueMicrotask(() => {
      this.#flushPlanned = false
      if (!this.closed) this.#flush()
    })
  }

  /** Whether bulk may be written now, without waiting: so that much of it leaves in one write. */
  get hasRoom() {
    return !this.closed && this.output.pending <= this.#limits.outputBulkBytes
  }

  /** Resolves when bulk may be written: true, or false when the connection is gone. */
  async room(): Promise<boolean> {
    while (!this.closed && !this.hasRoom) {
      await new Promise<void>((resolve) => this.#waitingForRoom.push(resolve))
    }
    return !this.closed
  }

  /** Ends the connection; `lastWords` reach a peer that reads. */
  close(problem: Problem, lastWords?: Uint8Array) {
    if (this.closed) return
    if (lastWords !== undefined) this.output.append(lastWords)
    this.output.flush()
    const politely = this.output.pending === 0
    this.#finish(problem)
    // A close with unread bytes would reset the connection and with it what the peer has not read yet.
    if (politely) this.#socket.shutdown()
    if (this.#paused) this.#socket.resume()
    const timer = setTimeout(() => this.#socket.terminate(), politely ? this.#limits.lingerMs : 0)
    timer.unref()
  }

  #message(bytes: Uint8Array, offset: number, end: number) {
    this.statistics.receivedMessages++
    if (this.negotiated && versionAt(bytes, offset) !== version13)
      return this.#refuseVersion(bytes, offset, end)
    const type = typeAt(bytes, offset)
    if (type === messageTypes.echoRequest) return this.#answerEcho(bytes, offset, end)
    if (type === messageTypes.echoReply) return
    // A fault in our own code above must not cost the other messages of the event, nor the host.
    try {
      this.listener.message(bytes, offset, end)
    } catch (error) {
      reportFault(this.log, error)
    }
  }

  #answerEcho(bytes: Uint8Array, offset: number, end: number) {
    const at = this.reserve(end - offset)
    if (at < 0) return
    this.output.bytes.set(bytes.subarray(offset, end), at)
    this.output.bytes[at + 1] = messageTypes.echoReply
  }

  #refuseVersion(bytes: Uint8Array, offset: number, end: number) {
    this.statistics.malformedMessages++
    if (typeAt(bytes, offset) === messageTypes.error) return
    this.send(badRequest(errorCodes.badVersion, bytes.subarray(offset, end)))
  }

  #flush() {
    this.output.flush()
    this.statistics.sentBytes = this.output.sentBytes
    const pending = this.output.pending
    if (!this.#paused && pending > this.#pauseBytes) {
      this.#paused = true
      this.statistics.pauses++
      this.#socket.pause()
    } else if (this.#paused && pending <= this.#pauseBytes / 2) {
      this.#paused = false
      this.#socket.resume()
    }
    if (pending <= this.#limits.outputBulkBytes / 2) this.#wakeWriters()
  }

  #finish(problem: Problem) {
    if (this.closed) return
    this.closedBy = problem
    this.#framer.stop()
    this.statistics.sentBytes = this.output.sentBytes
    this.output.clear()
    this.#wakeWriters()
    safely(this.log, () => this.listener.closed(problem))
  }

  #wakeWriters() {
    const waiting = this.#waitingForRoom
    if (waiting.length === 0) return
    this.#waitingForRoom = []
    for (const resolve of waiting) resolve()
  }
}
