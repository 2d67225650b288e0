/** IPv4 headers (RFC 791). */
import { fold, sum } from './checksum.ts'

export const ipProtocol = { icmp: 1, tcp: 6, udp: 17 } as const

export interface Ipv4 {
  readonly source: number
  readonly destination: number
  readonly protocol: number
  readonly ttl: number
  /** Of the whole datagram, header included. */
  readonly totalLength: number
  readonly fragmentOffset: number
  readonly moreFragments: boolean
  /** Where the payload begins and ends, from the start of the view; what follows is padding of the frame. */
  readonly payload: number
  readonly end: number
}

export const ipv4HeaderLength = 20

/** Reads the header at `offset`; null when it is short, not version 4, or its lengths do not fit. */
export function parseIpv4Header(view: DataView, offset: number): Ipv4 | null {
  if (view.byteLength < offset + ipv4HeaderLength || view.getUint8(offset) >> 4 !== 4) return null
  const headerLength = (view.getUint8(offset) & 15) * 4
  const totalLength = view.getUint16(offset + 2)
  if (headerLength < ipv4HeaderLength || totalLength < headerLength || view.byteLength < offset + totalLength)
    return null
  const fragment = view.getUint16(offset + 6)
  return {
    source: view.getUint32(offset + 12),
    destination: view.getUint32(offset + 16),
    protocol: view.getUint8(offset + 9),
    ttl: view.getUint8(offset + 8),
    totalLength,
    fragmentOffset: (fragment & 0x1fff) * 8,
    moreFragments: (fragment & 0x2000) !== 0,
    payload: offset + headerLength,
    end: offset + totalLength,
  }
}

export interface Ipv4Header {
  readonly source: number
  readonly destination: number
  readonly protocol: number
  readonly ttl: number
  readonly payloadLength: number
}

/** Writes a header of 20 bytes with its checksum; returns where the payload begins. */
export function writeIpv4(view: DataView, offset: number, header: Ipv4Header): number {
  view.setUint16(offset, 0x4500)
  view.setUint16(offset + 2, ipv4HeaderLength + header.payloadLength)
  view.setUint32(offset + 4, 0)
  view.setUint8(offset + 8, header.ttl)
  view.setUint8(offset + 9, header.protocol)
  view.setUint16(offset + 10, 0)
  view.setUint32(offset + 12, header.source)
  view.setUint32(offset + 16, header.destination)
  view.setUint16(offset + 10, fold(sum(view, offset, ipv4HeaderLength)))
  return offset + ipv4HeaderLength
}
