/** TCP over IPv4 and IPv6 (RFC 9293), and whole frames of it. */
import { fold, sum } from './checksum.ts'
import { ethernetHeaderLength, writeEthernet } from './ethernet.ts'
import { etherTypeOf, type IpCarrier, type IpEnds, ipHeaderLengthOf, pseudoHeaderSum, writeIp } from './ip.ts'
import { ipProtocol } from './ipv4.ts'

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

/** Reads the header inside a packet; null when it is short or its length does not fit. */
export function parseTcp(view: DataView, ip: IpCarrier): Tcp | null {
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
  readonly ip: IpEnds
  readonly sourcePort: number
  readonly destinationPort: number
  readonly sequence: number
  readonly acknowledgement: number
  readonly flags: number
  readonly window: number
  /** The longest payload that the other end may send; for SYN only. */
  readonly segmentLengthMax?: number
}

/** A whole frame: Ethernet, IPv4 or IPv6, TCP with its checksum, payload. */
export function buildTcpFrame(headers: TcpFrame, payload: Uint8Array): Uint8Array {
  const { ip, segmentLengthMax } = headers
  const headerLength = tcpHeaderLength + (segmentLengthMax === undefined ? 0 : 4)
  const length = headerLength + payload.length
  const frame = new Uint8Array(ethernetHeaderLength + ipHeaderLengthOf(ip) + length)
  const view = new DataView(frame.buffer)
  const ipAt = writeEthernet(view, { ...headers.ethernet, type: etherTypeOf(ip) })
  const at = writeIp(view, ipAt, ip, ipProtocol.tcp, length)
  view.setUint16(at, headers.sourcePort)
  view.setUint16(at + 2, headers.destinationPort)
  view.setUint32(at + 4, headers.sequence)
  view.setUint32(at + 8, headers.acknowledgement)
  view.setUint8(at + 12, (headerLength / 4) << 4)
  view.setUint8(at + 13, headers.flags)
  view.setUint16(at + 14, headers.window)
  if (segmentLengthMax !== undefined) view.setUint32(at + 20, 0x0204_0000 | segmentLengthMax)
  frame.set(payload, at + headerLength)
  view.setUint16(at + 16, fold(pseudoHeaderSum(view, ip, at, ipProtocol.tcp, length) + sum(view, at, length)))
  return frame
}
