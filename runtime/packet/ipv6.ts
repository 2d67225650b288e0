/** IPv6 headers (RFC 8200), with the extension headers before what they carry. */
import { sum } from './checksum.ts'
import { formatIpv6 } from './ipv6-address.ts'
import { ipv6BytesOf } from './ipv6-prefix.ts'

export const ipv6HeaderLength = 40
/** Every link carries packets of so many bytes (RFC 8200, 5). */
export const ipv6MtuLeast = 1280

export interface Ipv6 {
  /** As text. */
  readonly source: string
  readonly destination: string
  /** Of what is behind the extension headers. */
  readonly protocol: number
  readonly hopLimit: number
  /** In bytes; more than 0 in all fragments but the first. */
  readonly fragmentOffset: number
  readonly moreFragments: boolean
  /** Where the payload behind the extension headers begins, and where the packet ends, from the start of the view. */
  readonly payload: number
  readonly end: number
}

const extension = { hopByHop: 0, routing: 43, fragment: 44, destination: 60 } as const
const extensionsMax = 8

interface Upper {
  readonly protocol: number
  readonly payload: number
  readonly fragmentOffset: number
  readonly moreFragments: boolean
}

/** Walks over the extension headers; null when they do not end within the packet, or are too many. */
function upperOf(view: DataView, first: number, start: number, end: number): Upper | null {
  let protocol = first
  let at = start
  let fragment = 0
  for (let count = 0; count < extensionsMax; count++) {
    const isFragment = protocol === extension.fragment
    const isSized =
      protocol === extension.hopByHop || protocol === extension.routing || protocol === extension.destination
    if (!isFragment && !isSized)
      return { protocol, payload: at, fragmentOffset: fragment & 0xfff8, moreFragments: (fragment & 1) === 1 }
    if (at + 8 > end) return null
    if (isFragment) fragment = view.getUint16(at + 2)
    protocol = view.getUint8(at)
    at += isFragment ? 8 : (view.getUint8(at + 1) + 1) * 8
    if (at > end) return null
    // What follows in later fragments is no header.
    if ((fragment & 0xfff8) !== 0)
      return { protocol, payload: at, fragmentOffset: fragment & 0xfff8, moreFragments: (fragment & 1) === 1 }
  }
  return null
}

const addressAt = (view: DataView, at: number) =>
  formatIpv6(new Uint8Array(view.buffer, view.byteOffset + at, 16))

/** Reads the headers at `offset`; null when they are short, not version 6, or their lengths do not fit. */
export function parseIpv6Header(view: DataView, offset: number): Ipv6 | null {
  if (view.byteLength < offset + ipv6HeaderLength || view.getUint8(offset) >> 4 !== 6) return null
  const start = offset + ipv6HeaderLength
  const end = start + view.getUint16(offset + 4)
  if (end > view.byteLength) return null
  const upper = upperOf(view, view.getUint8(offset + 6), start, end)
  if (upper === null) return null
  return {
    source: addressAt(view, offset + 8),
    destination: addressAt(view, offset + 24),
    hopLimit: view.getUint8(offset + 7),
    end,
    ...upper,
  }
}

export interface Ipv6Header {
  /** As text. */
  readonly source: string
  readonly destination: string
  readonly protocol: number
  readonly hopLimit: number
  readonly payloadLength: number
}

/** Writes a header of 40 bytes; returns where the payload begins. */
export function writeIpv6(view: DataView, offset: number, header: Ipv6Header): number {
  view.setUint32(offset, 0x6000_0000)
  view.setUint16(offset + 4, header.payloadLength)
  view.setUint8(offset + 6, header.protocol)
  view.setUint8(offset + 7, header.hopLimit)
  const bytes = new Uint8Array(view.buffer, view.byteOffset)
  bytes.set(ipv6BytesOf(header.source), offset + 8)
  bytes.set(ipv6BytesOf(header.destination), offset + 24)
  return offset + ipv6HeaderLength
}

/** The sum of the pseudo header and `length` bytes behind the IPv6 header at `offset` (RFC 8200, 8.1), to be folded. */
export const ipv6PayloadSum = (view: DataView, offset: number, protocol: number, length: number): number =>
  sum(view, offset + 8, 32) + protocol + length + sum(view, offset + ipv6HeaderLength, length)
