/** UDP over IPv4 (RFC 768), and whole frames of it. */
import { fold, sum } from './checksum.ts'
import { ethernetHeaderLength, etherType, writeEthernet } from './ethernet.ts'
import { type Ipv4, ipProtocol, ipv4HeaderLength, writeIpv4 } from './ipv4.ts'

export const udpHeaderLength = 8

export interface Udp {
  readonly sourcePort: number
  readonly destinationPort: number
  readonly payload: number
  readonly end: number
}

/** What carries it: an IPv4 or IPv6 packet. */
type Carrier = Pick<Ipv4, 'protocol' | 'fragmentOffset' | 'payload' | 'end'>

/** Reads the header inside a packet; null when it is short or its length does not fit. */
export function parseUdp(view: DataView, ip: Carrier): Udp | null {
  if (ip.protocol !== ipProtocol.udp || ip.fragmentOffset !== 0) return null
  if (ip.end - ip.payload < udpHeaderLength) return null
  const length = view.getUint16(ip.payload + 4)
  if (length < udpHeaderLength || ip.payload + length > ip.end) return null
  return {
    sourcePort: view.getUint16(ip.payload),
    destinationPort: view.getUint16(ip.payload + 2),
    payload: ip.payload + udpHeaderLength,
    end: ip.payload + length,
  }
}

export interface UdpFrame {
  readonly ethernet: { readonly source: number; readonly destination: number }
  readonly ip: { readonly source: number; readonly destination: number; readonly ttl: number }
  readonly sourcePort: number
  readonly destinationPort: number
}

/** A whole frame: Ethernet, IPv4, UDP with its checksum, payload. */
export function buildUdpFrame(headers: UdpFrame, payload: Uint8Array): Uint8Array {
  const length = udpHeaderLength + payload.length
  const frame = new Uint8Array(ethernetHeaderLength + ipv4HeaderLength + length)
  const view = new DataView(frame.buffer)
  const ipAt = writeEthernet(view, { ...headers.ethernet, type: etherType.ipv4 })
  const at = writeIpv4(view, ipAt, { ...headers.ip, protocol: ipProtocol.udp, payloadLength: length })
  view.setUint16(at, headers.sourcePort)
  view.setUint16(at + 2, headers.destinationPort)
  view.setUint16(at + 4, length)
  frame.set(payload, at + udpHeaderLength)
  // The pseudo header: both addresses stand right before the UDP header, then protocol and length.
  const checksum = fold(sum(view, ipAt + 12, 8) + ipProtocol.udp + length + sum(view, at, length))
  view.setUint16(at + 6, checksum === 0 ? 0xffff : checksum)
  return frame
}
