/** What the rest of the host talks to a served switch through. */
import type { Problem, Result } from '../../problem.ts'
import type { Message, MessageOf, Port, PortStatus } from '../index.ts'
import type { Features } from './features.ts'
import type { Outgoing } from './outgoing.ts'
import type { Peer } from './peer.ts'
import type { Description, PortNumber } from './ports.ts'
import type { ApplyResult } from './refusals.ts'
import type { Statistics } from './statistics.ts'

/** One PACKET_IN, OFPT_PACKET_IN or NXT_PACKET_IN2, undecoded: bytes[offset, end). */
export type PacketInListener = (bytes: Uint8Array, offset: number, end: number) => void

export interface DatapathSession {
  /** `0x` and 16 hexadecimal digits. */
  readonly dpid: string
  readonly peer: Peer
  readonly features: Features
  /** What the switch says that it is; null where it says nothing. */
  readonly description: Description | null
  /** By number; kept up to date by port status messages. */
  readonly ports: ReadonlyMap<PortNumber, Port>
  /** How PACKET_INs come, as far as the switch admits it; the listener gets both kinds. */
  readonly packetInFormat: 'OFPT_PACKET_IN' | 'NXT_PACKET_IN2'
  /** Whether `bundle` is all or nothing. */
  readonly bundlesSupported: boolean
  readonly statistics: Readonly<Statistics>
  /** Why the session ended; null while it lives. */
  readonly endedBy: Problem | null

  /**
   * Sends one message, under a new transaction id that takes the place of `message.xid` and is returned. Fails when the switch reads
   * too slowly or is gone. An error from the switch comes to `onError`.
   */
  send(message: Message): Result<number>
  /** Sends a message and waits for its reply. Fails with the switch's error, after `timeoutMs`, or when the session ends. */
  request(message: Message, timeoutMs?: number): Promise<Result<Message>>
  /** Sends a multipart request and collects all parts of its reply. */
  multipart(request: Message, timeoutMs?: number): Promise<Result<readonly Message[]>>
  /** The same undecoded: the whole messages of the reply, for who reads thousands of entries in place. */
  multipartBytes(request: Message, timeoutMs?: number): Promise<Result<readonly Uint8Array[]>>
  /** Waits until the switch has dealt with everything sent before (OFPT_BARRIER_REQUEST). */
  barrier(timeoutMs?: number): Promise<Result<void>>
  /**
   * Applies all messages, in order, or none (ONF extension 230); bundles of one session run one after the other. May hold flow, group and
   * port modifications and packet-outs. A switch without bundles gets them in order, with a barrier: there some may stand when others
   * are refused. The result says which were. A message may be whole bytes; its transaction id is written over.
   */
  bundle(messages: readonly Outgoing[], timeoutMs?: number): Promise<ApplyResult>
  /** Sends the messages in order, then waits for a barrier. For what cannot go in a bundle: meters. In line with bundles. */
  ordered(messages: readonly Outgoing[], timeoutMs?: number): Promise<ApplyResult>
  /**
   * Asks for a role (OFPT_ROLE_REQUEST). Nothing is asked for by default: a new connection is EQUAL. `generationId` must grow over all
   * controllers and restarts; the switch remembers it.
   */
  requestRole(role: Role, generationId: bigint, timeoutMs?: number): Promise<Result<Message>>

  /**
   * Sends a message that is encoded already, with its transaction id: bytes[offset, end). For PACKET_OUTs on the hot path; what is
   * written during one socket event, or one turn of the event loop, leaves in one write. Returns false when the switch reads too slowly.
   */
  packetOut(bytes: Uint8Array, offset?: number, end?: number): boolean
  /**
   * The same without a copy: room for `length` bytes in `outputBytes`, to be filled at once. Returns the offset, or -1. `outputBytes` must
   * be read again after each call.
   */
  reserve(length: number): number
  readonly outputBytes: Uint8Array

  /**
   * Who gets PACKET_INs; there is one listener, and none at first: what comes then is counted and dropped. `batchEnd` is called when all
   * messages of one socket event have been handed on; until it returns, the bytes are valid.
   */
  onPacketIn(listener: PacketInListener, batchEnd?: () => void): void
  onPortStatus(listener: (message: PortStatus) => void): () => void
  onFlowRemoved(listener: (message: MessageOf<'OFPT_FLOW_REMOVED'>) => void): () => void
  /** Errors about messages that nobody waits for. */
  onError(listener: (problem: Problem, message: MessageOf<'OFPT_ERROR'>) => void): () => void

  /** Ends the connection; a dialled switch is dialled again. */
  close(problem?: Problem): void
}

export type Role = 'OFPCR_ROLE_NOCHANGE' | 'OFPCR_ROLE_EQUAL' | 'OFPCR_ROLE_MASTER' | 'OFPCR_ROLE_SLAVE'
