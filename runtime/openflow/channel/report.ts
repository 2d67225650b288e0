/** What is known of one connection, for people. */
import type { Connection } from './connection.ts'
import type { Peer } from './peer.ts'
import type { Statistics } from './statistics.ts'

export interface ConnectionReport {
  readonly peer: Peer
  /** Null before the handshake is done. */
  readonly dpid: string | null
  /** `idle`: not admitted. */
  readonly state: 'handshake' | 'idle' | 'serving' | 'standing by'
  readonly statistics: Readonly<Statistics>
}

export const reportOf = (
  { peer, statistics }: Connection,
  dpid: string | null,
  state: ConnectionReport['state'],
): ConnectionReport => ({ peer, dpid, state, statistics })
