/** UDP over IPv4 and IPv6 (RFC 768), and whole frames of it. */
import { fold, sum } from './checksum.ts'
import { ethernetHeaderLength, writeEthernet } from './ethernet.ts'
import { etherTypeOf, type IpCarrier, type IpEnds, ipHeaderLengthOf, pseudoHeaderSum, writeIp } from './ip.ts'
import { ipProtocol } from './ipv4.ts'

export const udpHeaderLength = 8

export interface Udp {
  readonly sourcePort: number
  readonly destinationPort: number
  readonly payload: number
  readonly end: number
}

/** Reads the header inside a packet; null when it is short or its length does not fit. */
export function parseUdp(view: DataView, ip: IpCarrier): Udp | null {
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
  readonly ip: IpEnds
  readonly sourcePort: number
  readonly destinationPort: number
}

/** A whole frame: Ethernet, IPv4 or IPv6, UDP with its checksum, payload. */
export function buildUdpFrame(headers: UdpFrame, payload: Uint8Array): Uint8Array {
  const { ethernet, ip } = headers
  const length = udpHeaderLength + payload.length
  const frame = new Uint8Array(ethernetHeaderLength + ipHeaderLengthOf(ip) + length)
  const view = new DataView(frame.buffer)
  const ipAt = writeEthernet(view, { ...ethernet, type: etherTypeOf(ip) })
  const at = writeIp(view, ipAt, ip, ipProtocol.udp, length)
  view.setUint16(at, headers.sourcePort)
  view.setUint16(at + 2, headers.destinationPort)
  view.setUint16(at + 4, length)
  frame.set(payload, at + udpHeaderLength)
  const checksum = fold(pseudoHeaderSum(view, ip, at, ipProtocol.udp, length) + sum(view, at, length))
  view.setUint16(at + 6, checksum === 0 ? 0xffff : checksum)
  return frame
}
