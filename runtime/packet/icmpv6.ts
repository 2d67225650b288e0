/** ICMPv6 (RFC 4443): whole frames of any message, and of errors. */
import { fold } from './checksum.ts'
import { ethernetHeaderLength, etherType, writeEthernet } from './ethernet.ts'
import { type Ipv6, ipv6HeaderLength, ipv6MtuLeast, ipv6PayloadSum, writeIpv6 } from './ipv6.ts'

export const icmpv6Protocol = 58
export const icmpv6Type = {
  unreachable: 1,
  packetTooBig: 2,
  timeExceeded: 3,
  parameterProblem: 4,
  echoRequest: 128,
  echoReply: 129,
  routerSolicitation: 133,
  routerAdvertisement: 134,
  neighbourSolicitation: 135,
  neighbourAdvertisement: 136,
  redirect: 137,
} as const

/** Type and code of the errors that routers send; the MTU of the next hop beside `packetTooBig`. */
export const icmpv6Errors = {
  noRoute: { type: 1, code: 0 },
  addressUnreachable: { type: 1, code: 3 },
  portUnreachable: { type: 1, code: 4 },
  packetTooBig: { type: 2, code: 0 },
  timeExceeded: { type: 3, code: 0 },
  unknownNextHeader: { type: 4, code: 1 },
} as const
export type Icmpv6Error = keyof typeof icmpv6Errors

const headerLength = 8
/** Errors have types up to this (RFC 4443, 2.1). */
const lastErrorType = 127

/** Whether a packet is an ICMPv6 error, or so short that it could be one: no error answers those (RFC 4443, 2.4). */
export const isIcmpv6Error = (view: DataView, ip: Ipv6): boolean =>
  ip.protocol === icmpv6Protocol && (ip.payload >= ip.end || view.getUint8(ip.payload) <= lastErrorType)

export interface Icmpv6Frame {
  readonly ethernet: { readonly source: number; readonly destination: number }
  /** Addresses as text. */
  readonly ip: { readonly source: string; readonly destination: string; readonly hopLimit: number }
  readonly type: number
  readonly code?: number
}

/** A whole frame of a message; `body` is what comes behind type, code and checksum. */
export function buildIcmpv6Frame(
  { ethernet, ip, type, code = 0 }: Icmpv6Frame,
  body: Uint8Array,
): Uint8Array {
  const length = 4 + body.length
  const frame = new Uint8Array(ethernetHeaderLength + ipv6HeaderLength + length)
  const view = new DataView(frame.buffer)
  const ipAt = writeEthernet(view, { ...ethernet, type: etherType.ipv6 })
  const at = writeIpv6(view, ipAt, { ...ip, protocol: icmpv6Protocol, payloadLength: length })
  view.setUint8(at, type)
  view.setUint8(at + 1, code)
  frame.set(body, at + 4)
  view.setUint16(at + 2, fold(ipv6PayloadSum(view, ipAt, icmpv6Protocol, length)))
  return frame
}

export interface Icmpv6ErrorFrame extends Omit<Icmpv6Frame, 'type' | 'code'> {
  readonly error: Icmpv6Error
  /** Bytes of the largest packet that would pass, for `packetTooBig`; what it points to, for `unknownNextHeader`. */
  readonly value?: number
}

/** A whole frame that tells of an error with the packet in `view[start, end)`: as much of it as fits (RFC 4443, 2.4 c). */
export function buildIcmpv6Error(
  { ethernet, ip, error, value = 0 }: Icmpv6ErrorFrame,
  view: DataView,
  start: number,
  end: number,
): Uint8Array {
  const quoted = Math.min(end - start, ipv6MtuLeast - ipv6HeaderLength - headerLength)
  const body = new Uint8Array(4 + quoted)
  new DataView(body.buffer).setUint32(0, value)
  body.set(new Uint8Array(view.buffer, view.byteOffset + start, quoted), 4)
  return buildIcmpv6Frame({ ethernet, ip, ...icmpv6Errors[error] }, body)
}
