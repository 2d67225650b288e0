/** UDP over IPv6: whole frames. */
import { fold } from './checksum.ts'
import { ethernetHeaderLength, etherType, writeEthernet } from './ethernet.ts'
import { ipProtocol } from './ipv4.ts'
import { ipv6HeaderLength, ipv6PayloadSum, writeIpv6 } from './ipv6.ts'
import { udpHeaderLength } from './udp.ts'

export interface UdpIpv6Frame {
  readonly ethernet: { readonly source: number; readonly destination: number }
  /** Addresses as text. */
  readonly ip: { readonly source: string; readonly destination: string; readonly hopLimit: number }
  readonly sourcePort: number
  readonly destinationPort: number
}

/** A whole frame: Ethernet, IPv6, UDP with its checksum, payload. */
export function buildUdpIpv6Frame(headers: UdpIpv6Frame, payload: Uint8Array): Uint8Array {
  const length = udpHeaderLength + payload.length
  const frame = new Uint8Array(ethernetHeaderLength + ipv6HeaderLength + length)
  const view = new DataView(frame.buffer)
  const ipAt = writeEthernet(view, { ...headers.ethernet, type: etherType.ipv6 })
  const at = writeIpv6(view, ipAt, { ...headers.ip, protocol: ipProtocol.udp, payloadLength: length })
  view.setUint16(at, headers.sourcePort)
  view.setUint16(at + 2, headers.destinationPort)
  view.setUint16(at + 4, length)
  frame.set(payload, at + udpHeaderLength)
  const checksum = fold(ipv6PayloadSum(view, ipAt, ipProtocol.udp, length))
  view.setUint16(at + 6, checksum === 0 ? 0xffff : checksum)
  return frame
}
