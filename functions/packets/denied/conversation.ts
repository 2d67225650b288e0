/** Who wants what of whom, as far as the beginning of a frame says it: the rest may be cut off, and anything may be in it. */
import { etherType, formatIpv4, formatIpv6, ipProtocol, type PacketIn } from 'openvnet'

export interface Conversation {
  /** `tcp`, `udp`, `icmp`, `arp`, the number of another protocol of IP, or that of another kind of frame. */
  readonly protocol: string
  readonly source?: string
  readonly destination?: string
  readonly source_port?: number
  readonly destination_port?: number
}

const etherTypeAt = 12
const headerAt = 14
const ipv6HeaderLength = 40
const fragmentOffsetBits = 0x1fff
const names: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [ipProtocol.tcp, 'tcp'],
  [ipProtocol.udp, 'udp'],
  [58, 'icmp'],
])

const nameOf = (protocol: number) => names.get(protocol) ?? `${protocol}`

function ports(packet: PacketIn, protocol: number, at: number) {
  const has = (protocol === ipProtocol.tcp || protocol === ipProtocol.udp) && at + 4 <= packet.length
  return has ? { source_port: packet.u16(at), destination_port: packet.u16(at + 2) } : {}
}

function ofIpv4(packet: PacketIn): Conversation {
  const protocol = packet.u8(headerAt + 9)
  const isLaterFragment = (packet.u16(headerAt + 6) & fragmentOffsetBits) !== 0
  const payloadAt = headerAt + (packet.u8(headerAt) & 15) * 4
  return {
    protocol: nameOf(protocol),
    source: formatIpv4(packet.u32(headerAt + 12)),
    destination: formatIpv4(packet.u32(headerAt + 16)),
    ...(isLaterFragment ? {} : ports(packet, protocol, payloadAt)),
  }
}

function ofIpv6(packet: PacketIn): Conversation {
  const protocol = packet.u8(headerAt + 6)
  const address = (at: number) => formatIpv6(Uint8Array.from({ length: 16 }, (_, i) => packet.u8(at + i)))
  return {
    protocol: nameOf(protocol),
    source: address(headerAt + 8),
    destination: address(headerAt + 24),
    ...ports(packet, protocol, headerAt + ipv6HeaderLength),
  }
}

export function conversationOf(packet: PacketIn): Conversation {
  const type = packet.u16(etherTypeAt)
  if (type === etherType.ipv4) return ofIpv4(packet)
  if (type === etherType.ipv6) return ofIpv6(packet)
  return { protocol: type === etherType.arp ? 'arp' : `0x${type.toString(16).padStart(4, '0')}` }
}
