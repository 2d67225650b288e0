/** TCP over IPv4 (RFC 9293), and whole frames of it. */
import { fold, sum } from './checksum.ts'
import { ethernetHeaderLength, etherType, writeEthernet } from './ethernet.ts'
import { type Ipv4, ipProtocol, ipv4HeaderLength, writeIpv4 } from './ipv4.ts'

const tcpHeaderLength = 20

export const tcpFlag = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const

export interface Tcp {
  readonly sourcePort: number
  readonly destinationPort: number
  readonly sequence: number
  readonly acknowledgement: number
  readonly flags: number
  /** As it is on the wire, without the scale that both ends may have agreed on. */
  readonly window: number
  readonly payload: number
  readonly end: number
}

/** Reads the header inside an IPv4 datagram; null when it is short or its length does not fit. */
export function parseTcp(view: DataView, ip: Ipv4): Tcp | null {
  if (ip.protocol !== ipProtocol.tcp || ip.fragmentOffset !== 0) return null
  if (ip.end - ip.payload < tcpHeaderLength) return null
  const at = ip.payload
  const headerLength = (view.getUint8(at + 12) >> 4) * 4
  if (headerLength < tcpHeaderLength || at + headerLength > ip.end) return null
  return {
    sourcePort: view.getUint16(at),
    destinationPort: view.getUint16(at + 2),
    sequence: view.getUint32(at + 4),
    acknowledgement: view.getUint32(at + 8),
    flags: view.getUint8(at + 13) & 0x3f,
    window: view.getUint16(at + 14),
    payload: at + headerLength,
    end: ip.end,
  }
}

export interface TcpFrame {
  readonly ethernet: { readonly source: number; readonly destination: number }
  readonly ip: { readonly source: number; readonly destination: number; readonly ttl: number }
  readonly sourcePort: number
  readonly destinationPort: number
  readonly sequence: number
  readonly acknowledgement: number
  readonly flags: number
  readonly window: number
  /** The longest payload that the other end may send; for SYN only. */
  readonly segmentLengthMax?: number
}

/** A whole frame: Ethernet, IPv4, TCP with its checksum, payload. */
export function buildTcpFrame(headers: TcpFrame, payload: Uint8Array): Uint8Array {
  const { segmentLengthMax } = headers
  const headerLength = tcpHeaderLength + (segmentLengthMax === undefined ? 0 : 4)
  const length = headerLength + payload.length
  const frame = new Uint8Array(ethernetHeaderLength + ipv4HeaderLength + length)
  const view = new DataView(frame.buffer)
  const ipAt = writeEthernet(view, { ...headers.ethernet, type: etherType.ipv4 })
  const at = writeIpv4(view, ipAt, { ...headers.ip, protocol: ipProtocol.tcp, payloadLength: length })
  view.setUint16(at, headers.sourcePort)
  view.setUint16(at + 2, headers.destinationPort)
  view.setUint32(at + 4, headers.sequence)
  view.setUint32(at + 8, headers.acknowledgement)
  view.setUint8(at + 12, (headerLength / 4) << 4)
  view.setUint8(at + 13, headers.flags)
  view.setUint16(at + 14, headers.window)
  if (segmentLengthMax !== undefined) view.setUint32(at + 20, 0x0204_0000 | segmentLengthMax)
  frame.set(payload, at + headerLength)
  // The pseudo header: both addresses stand right before the TCP header, then protocol and length.
  view.setUint16(at + 16, fold(sum(view, ipAt + 12, 8) + ipProtocol.tcp + length + sum(view, at, length)))
  return frame
}
