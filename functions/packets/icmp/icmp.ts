/**
 * ICMP errors of routers: the sender of a packet that could not be routed is told why. Each interface at its own rate, by
 * its meter.
 */
import { drop, etherType, packetIn } from 'openvnet'
import { puntPoints } from '../../flows/pipeline.ts'
import { tellIpv6Sender } from './ipv6.ts'
import { markOf, tellSender } from './tell.ts'

/** Of an untagged frame. */
const etherTypeAt = 12
const vlanTagLength = 4

export default packetIn({
  name: 'icmp',
  from: puntPoints.icmp,
  handle(packet, { state }) {
    const mark = markOf(packet)
    if (mark === undefined) return drop('no-error')
    const isTagged = packet.u16(etherTypeAt) === etherType.vlan
    const isIpv6 = packet.u16(etherTypeAt + (isTagged ? vlanTagLength : 0)) === etherType.ipv6
    return isIpv6 ? tellIpv6Sender(packet, state, mark) : tellSender(packet, state, mark)
  },
})
