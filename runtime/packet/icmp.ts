/** ICMP for IPv4 (RFC 792): which messages may not be answered by errors, and whole frames of errors. */
import { fold, sum } from './checksum.ts'
import { ethernetHeaderLength, etherType, frameLengthMin, writeEthernet } from './ethernet.ts'
import { type Ipv4, ipProtocol, ipv4HeaderLength, writeIpv4 } from './ipv4.ts'

/** Type and code of the errors that routers send; next hop MTU beside `fragmentationNeeded` (RFC 1191). */
export const icmpErrors = {
  networkUnreachable: { type: 3, code: 0 },
  hostUnreachable: { type: 3, code: 1 },
  protocolUnreachable: { type: 3, code: 2 },
  portUnreachable: { type: 3, code: 3 },
  fragmentationNeeded: { type: 3, code: 4 },
  timeExceeded: { type: 11, code: 0 },
} as const
export type IcmpError = keyof typeof icmpErrors

const headerLength = 8
/** An error says this much of the packet that caused it: it stays within 576 bytes in all (RFC 1812, 4.3.2.3). */
const datagramLengthMax = 576
/** Destination unreachable, source quench, redirect, time exceeded, parameter problem. */
const errorTypes: readonly number[] = [3, 4, 5, 11, 12]

/** Whether a datagram is an ICMP error, or so short that it could be one: no error answers those (RFC 1812, 4.3.2.7). */
export const isIcmpError = (view: DataView, ip: Ipv4): boolean =>
  ip.protocol === ipProtocol.icmp && (ip.payload >= ip.end || errorTypes.includes(view.getUint8(ip.payload)))

export interface IcmpErrorFrame {
  readonly ethernet: { readonly source: number; readonly destination: number }
  readonly ip: { readonly source: number; readonly destination: number; readonly ttl: number }
  readonly error: IcmpError
  /** Bytes of the largest packet that would pass; for `fragmentationNeeded`. */
  readonly mtu?: number
}

/** A whole frame that tells of an error with the datagram in `view[start, end)`. */
export function buildIcmpError(
  { ethernet, ip, error, mtu = 0 }: IcmpErrorFrame,
  view: DataView,
  start: number,
  end: number,
): Uint8Array {
  const quoted = Math.min(end - start, datagramLengthMax - ipv4HeaderLength - headerLength)
  const length = headerLength + quoted
  const frame = new Uint8Array(Math.max(ethernetHeaderLength + ipv4HeaderLength + length, frameLengthMin))
  const written = new DataView(frame.buffer)
  const ipAt = writeEthernet(written, { ...ethernet, type: etherType.ipv4 })
  const at = writeIpv4(written, ipAt, { ...ip, protocol: ipProtocol.icmp, payloadLength: length })
  const { type, code } = icmpErrors[error]
  written.setUint8(at, type)
  written.setUint8(at + 1, code)
  written.setUint16(at + 6, mtu)
  frame.set(new Uint8Array(view.buffer, view.byteOffset + start, quoted), at + headerLength)
  written.setUint16(at + 2, fold(sum(written, at, length)))
  return frame
}

export interface EchoRequest {
  readonly ethernet: { readonly source: number; readonly destination: number }
  readonly ip: { readonly source: number; readonly destination: number; readonly ttl: number }
  readonly identifier: number
  readonly sequence: number
}

/** A whole frame that asks for an echo. */
export function buildEchoRequest({ ethernet, ip, identifier, sequence }: EchoRequest): Uint8Array {
  const frame = new Uint8Array(frameLengthMin)
  const view = new DataView(frame.buffer)
  const ipAt = writeEthernet(view, { ...ethernet, type: etherType.ipv4 })
  const at = writeIpv4(view, ipAt, { ...ip, protocol: ipProtocol.icmp, payloadLength: headerLength })
  view.setUint8(at, 8)
  view.setUint16(at + 4, identifier)
  view.setUint16(at + 6, sequence)
  view.setUint16(at + 2, fold(sum(view, at, headerLength)))
  return frame
}
