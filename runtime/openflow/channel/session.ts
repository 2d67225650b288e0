/** A session from the first message of its set-up to its end: routes what comes in, keeps what goes out in line. */
import { failure, type Problem, type Result, success } from '../../problem.ts'
import { decode, encode, type Message, type MessageOf, type PortStatus } from '../index.ts'
import { bundledMessageBytesMax, runBundle } from './bundle.ts'
import type { Connection, ConnectionListener } from './connection.ts'
import { Conversation } from './conversation.ts'
import type { DatapathSession, PacketInListener, Role } from './datapath-session.ts'
import type { Features } from './features.ts'
import { messageBytesMax, messageTypes, rawMessage, typeAt, xidAt } from './header.ts'
import { isNiciraPacketIn, problemOf } from './incoming.ts'
import type { ChannelLimits } from './limits.ts'
import { Line } from './line.ts'
import { Listeners } from './listeners.ts'
import { runOrdered } from './ordered.ts'
import { encodeAll, type Outgoing, tooMany } from './outgoing.ts'
import type { Peer } from './peer.ts'
import { type Description, Ports } from './ports.ts'
import { type ApplyResult, applied, notApplied } from './refusals.ts'

type Run = (messages: readonly Uint8Array[], timeoutMs: number) => Promise<ApplyResult>

const hungUp: Problem = { what: 'closed by us', where: 'session' }

export class Session implements DatapathSession, ConnectionListener {
  readonly dpid: string
  readonly features: Features
  readonly connection: Connection
  readonly conversation: Conversation
  readonly ports: Ports
  description: Description | null = null
  packetInFormat: 'OFPT_PACKET_IN' | 'NXT_PACKET_IN2' = 'OFPT_PACKET_IN'
  bundlesSupported = false
  endedBy: Problem | null = null
  readonly #limits: ChannelLimits
  readonly #ended: (problem: Problem) => void
  readonly #line: Line
  readonly #portStatus: Listeners<[PortStatus]>
  readonly #flowRemoved: Listeners<[MessageOf<'OFPT_FLOW_REMOVED'>]>
  readonly #errors: Listeners<[Problem, MessageOf<'OFPT_ERROR'>]>
  #packetIn: PacketInListener | null = null
  #batchEnd: (() => void) | null = null
  #batch = false
  #bundles = 0

  /** `ended` is called when the connection is gone; not by `end`. */
  constructor(
    connection: Connection,
    features: Features,
    limits: ChannelLimits,
    firstXid: number,
    ended: (problem: Problem) => void,
  ) {
    this.connection = connection
    this.features = features
    this.dpid = features.datapathId
    this.#limits = limits
    this.#ended = ended
    this.conversation = new Conversation(connection, limits, firstXid)
    this.ports = new Ports(limits.portsMax)
    this.#line = new Line(limits.bundlesMax)
    this.#portStatus = new Listeners(connection.log)
    this.#flowRemoved = new Listeners(connection.log)
    this.#errors = new Listeners(connection.log)
  }

  get peer(): Peer {
    return this.connection.peer
  }

  get statistics() {
    return this.connection.statistics
  }

  get outputBytes() {
    return this.connection.output.bytes
  }

  // Out.

  send(message: Message): Result<number> {
    return this.endedBy === null ? this.conversation.tell(encode(message)) : failure(this.endedBy)
  }

  async request(message: Message, timeoutMs = this.#limits.requestTimeoutMs): Promise<Result<Message>> {
    const answer = await this.conversation.ask(encode(message), timeoutMs)
    return answer.ok ? decode(answer.value) : answer
  }

  async multipart(
    request: Message,
    timeoutMs = this.#limits.requestTimeoutMs,
  ): Promise<Result<readonly Message[]>> {
    const answer = await this.multipartBytes(request, timeoutMs)
    if (!answer.ok) return answer
    const messages: Message[] = []
    for (const part of answer.value) {
      const message = decode(part)
      if (!message.ok) return message
      messages.push(message.value)
    }
    return success(messages)
  }

  multipartBytes(
    request: Message,
    timeoutMs = this.#limits.requestTimeoutMs,
  ): Promise<Result<readonly Uint8Array[]>> {
    return this.conversation.askForParts(encode(request), timeoutMs)
  }

  async barrier(timeoutMs = this.#limits.requestTimeoutMs): Promise<Result<void>> {
    const answer = await this.conversation.ask(rawMessage(messageTypes.barrierRequest, 0), timeoutMs)
    return answer.ok ? success(undefined) : answer
  }

  bundle(messages: readonly Outgoing[], timeoutMs = this.#limits.bundleTimeoutMs): Promise<ApplyResult> {
    if (!this.bundlesSupported) return this.ordered(messages, timeoutMs)
    return this.#apply(messages, bundledMessageBytesMax, timeoutMs, (encoded, ms) =>
      runBundle(this.conversation, ++this.#bundles, encoded, ms),
    )
  }

  ordered(messages: readonly Outgoing[], timeoutMs = this.#limits.bundleTimeoutMs): Promise<ApplyResult> {
    return this.#apply(messages, messageBytesMax, timeoutMs, (encoded, ms) =>
      runOrdered(this.conversation, encoded, ms),
    )
  }

  requestRole(role: Role, generationId: bigint, timeoutMs?: number): Promise<Result<Message>> {
    return this.request(
      { version: 4, type: 'OFPT_ROLE_REQUEST', xid: 0, role, generation_id: generationId },
      timeoutMs,
    )
  }

  packetOut(bytes: Uint8Array, offset = 0, end = bytes.length): boolean {
    const at = this.reserve(end - offset)
    if (at >= 0) this.outputBytes.set(bytes.subarray(offset, end), at)
    return at >= 0
  }

  reserve(length: number): number {
    if (this.endedBy !== null) return -1
    const at = this.connection.reserve(length)
    if (at >= 0) this.statistics.packetOuts++
    return at
  }

  close(problem: Problem = hungUp) {
    if (this.endedBy === null) this.connection.close(problem)
  }

  /** Ends the session, not the connection: nothing that waits gets an answer, nothing more is sent. */
  end(problem: Problem) {
    this.endedBy ??= problem
    this.conversation.exchanges.end(problem)
  }

  // In.

  onPacketIn(listener: PacketInListener, batchEnd: () => void = () => {}) {
    this.#packetIn = listener
    this.#batchEnd = batchEnd
  }

  onPortStatus(listener: (message: PortStatus) => void) {
    return this.#portStatus.add(listener)
  }

  onFlowRemoved(listener: (message: MessageOf<'OFPT_FLOW_REMOVED'>) => void) {
    return this.#flowRemoved.add(listener)
  }

  onError(listener: (problem: Problem, message: MessageOf<'OFPT_ERROR'>) => void) {
    return this.#errors.add(listener)
  }

  message(bytes: Uint8Array, offset: number, end: number) {
    switch (typeAt(bytes, offset)) {
      case messageTypes.packetIn:
        return this.#handOn(bytes, offset, end)
      case messageTypes.experimenter:
        if (isNiciraPacketIn(bytes, offset, end)) return this.#handOn(bytes, offset, end)
        return this.#reply(bytes, offset, end)
      case messageTypes.error:
      case messageTypes.flowRemoved:
      case messageTypes.portStatus:
        return this.#notice(bytes, offset, end)
      default:
        return this.#reply(bytes, offset, end)
    }
  }

  batchEnd() {
    if (!this.#batch) return
    this.#batch = false
    this.#batchEnd?.()
  }

  closed(problem: Problem) {
    this.end(problem)
    this.#ended(problem)
  }

  #handOn(bytes: Uint8Array, offset: number, end: number) {
    this.statistics.packetIns++
    if (this.#packetIn === null) return void this.statistics.droppedPacketIns++
    this.#batch = true
    this.#packetIn(bytes, offset, end)
  }

  #reply(bytes: Uint8Array, offset: number, end: number) {
    if (!this.conversation.exchanges.reply(xidAt(bytes, offset), bytes, offset, end)) {
      this.statistics.unexpectedMessages++
    }
  }

  /** What comes unasked, and errors. */
  #notice(bytes: Uint8Array, offset: number, end: number) {
    const decoded = decode(bytes, offset, end)
    if (!decoded.ok) {
      this.statistics.malformedMessages++
      // An error that cannot be read still says that the message was refused.
      if (typeAt(bytes, offset) === messageTypes.error) {
        this.conversation.exchanges.fail(xidAt(bytes, offset), decoded.problem)
      }
      return
    }
    const message = decoded.value
    if (message.type === 'OFPT_FLOW_REMOVED') return this.#flowRemoved.call(message)
    if (message.type === 'OFPT_PORT_STATUS') {
      this.ports.follow(message)
      return this.#portStatus.call(message)
    }
    if (message.type !== 'OFPT_ERROR') return
    const problem = problemOf(message)
    if (!this.conversation.exchanges.fail(message.xid, problem)) this.#errors.call(problem, message)
  }

  /** Encodes, checks the limits, and waits for those before. */
  #apply(messages: readonly Outgoing[], bytesMax: number, timeoutMs: number, run: Run): Promise<ApplyResult> {
    const { bundlesMax, bundleMessagesMax } = this.#limits
    if (messages.length === 0) return Promise.resolve(applied)
    if (this.#line.full) return Promise.resolve(tooMany('bundles wait', bundlesMax))
    if (messages.length > bundleMessagesMax) return Promise.resolve(tooMany('messages', bundleMessagesMax))
    const encoded = encodeAll(messages, bytesMax)
    if (!encoded.ok) return Promise.resolve(encoded)
    return this.#line.run(() =>
      this.endedBy === null ? run(encoded.value, timeoutMs) : Promise.resolve(notApplied(this.endedBy)),
    )
  }
}
