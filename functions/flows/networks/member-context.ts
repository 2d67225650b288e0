/** What the flows of a member are made from. */
import type { Row, State } from 'openvnet'
import type { Network } from '../../state/networks.ts'
import type { Address } from '../places.ts'

export interface MemberContext {
  readonly state: State
  readonly datapathId: number
  readonly network: Network
  readonly iface: Row<'interfaces'>
  readonly cookie: bigint
  /** False: the network is only routed to from this datapath, so nobody in it asks here. */
  readonly isAsked: boolean
  /** Read on demand, since what is read is what the flows depend on. */
  readonly addresses: () => readonly Address[]
}
