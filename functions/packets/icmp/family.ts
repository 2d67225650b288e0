/** Which family a punted packet is of, whether its frame has a tag or not. */
import { etherType, type PacketIn } from 'openvnet'

/** Of an untagged frame. */
const etherTypeAt = 12
const vlanTagLength = 4

export function isIpv6(packet: PacketIn): boolean {
  const isTagged = packet.u16(etherTypeAt) === etherType.vlan
  return packet.u16(etherTypeAt + (isTagged ? vlanTagLength : 0)) === etherType.ipv6
}
