/** Tells the sender of a packet of either family what has become of it. */
import type { Effects, PacketIn, State } from 'openvnet'
import { isIpv6 } from './family.ts'
import { tellIpv6Sender } from './ipv6.ts'
import { type Mark, tellSender } from './tell.ts'

export const tellEither = (packet: PacketIn, state: State, mark: Mark): Effects =>
  isIpv6(packet) ? tellIpv6Sender(packet, state, mark) : tellSender(packet, state, mark)
