/** What ICMP errors quote: the head of the packet that they are about (RFC 792). */
import { fold, sum } from './checksum.ts'
import { type Ipv4, ipProtocol, ipv4HeaderLength } from './ipv4.ts'
import type { Rewritable } from './rewrite.ts'

/** Type, code, checksum, and four bytes that mean something else for each type. */
const icmpHeaderLength = 8

/** A packet as far as it is quoted. */
export interface IcmpQuote extends Rewritable {
  readonly source: number
  readonly destination: number
}

/** What an ICMP error quotes; null where that is no IPv4 header. */
export function readIcmpQuote(view: DataView, error: Ipv4): IcmpQuote | null {
  const at = error.payload + icmpHeaderLength
  if (error.protocol !== ipProtocol.icmp || error.fragmentOffset !== 0 || at + ipv4HeaderLength > error.end)
    return null
  const headerLength = (view.getUint8(at) & 15) * 4
  if (view.getUint8(at) >> 4 !== 4 || headerLength < ipv4HeaderLength || at + headerLength > error.end)
    return null
  return {
    at,
    source: view.getUint32(at + 12),
    destination: view.getUint32(at + 16),
    protocol: view.getUint8(at + 9),
    payload: at + headerLength,
    end: error.end,
    isFirst: (view.getUint16(at + 6) & 0x1fff) === 0,
  }
}

/** Puts the checksum of an ICMP message right, after something in it has changed. */
export function writeIcmpChecksum(view: DataView, icmp: Ipv4): void {
  view.setUint16(icmp.payload + 2, 0)
  view.setUint16(icmp.payload + 2, fold(sum(view, icmp.payload, icmp.end - icmp.payload)))
}
