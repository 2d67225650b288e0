import type { Problem } from '../problem.ts'
import { FairQueue } from './fair-queue.ts'
import { HeldPackets } from './held-packets.ts'

/** What the dispatcher needs of a switch's connection. */
export interface PacketSession {
  /** `0x` and 16 hexadecimal digits. */
  readonly dpid: string
  /** Why the switch is gone; null while it is there. */
  readonly endedBy: Problem | null
  /** Who gets PACKET_INs; `batchEnd` ends what one socket event brought, until then the bytes are valid. */
  onPacketIn(listener: (bytes: Uint8Array, offset: number, end: number) => void, batchEnd: () => void): void
  /** Sends bytes[offset, end), whole messages; they are copied. False: the switch is gone, or reads too slowly. */
  packetOut(bytes: Uint8Array, offset: number, end: number): boolean
}

/** What has become of a packet-out that a switch did not take. */
export const unsentOutcome = (session: Pick<PacketSession, 'endedBy'> | null): 'switchGone' | 'loadShed' =>
  session === null || session.endedBy !== null ? 'switchGone' : 'loadShed'

/** One datapath's PACKET_INs: what waits, what is held, and whether its turn is over. */
export class PacketLane {
  readonly session: PacketSession
  readonly backlog = new FairQueue()
  readonly held = new HeldPackets()
  /** In ms of `performance.now()`; 0: no turn is on. */
  turnEnds = 0
  /** The turn's time is over: what still comes waits. */
  turnOver = false
  /** How many of the backlog are run at once, as their functions are quick or slow. */
  serviceBatch = 16
  /** Packets whose event's writes are being committed. */
  committing = 0
  closed = false

  constructor(session: PacketSession) {
    this.session = session
  }
}
