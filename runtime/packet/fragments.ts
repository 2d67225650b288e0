/** IPv4 datagrams cut into pieces (RFC 791, 3.2). */
import { fold, sum } from './checksum.ts'
import type { Ipv4 } from './ipv4.ts'

const dontFragment = 0x4000
const moreFragments = 0x2000
/** Offsets count in units of so many bytes. */
const unit = 8

/** Whether the sender forbids to cut the datagram whose header is at `offset`. */
export const mayNotBeCut = (view: DataView, offset: number): boolean =>
  (view.getUint16(offset + 6) & dontFragment) !== 0

function pieceOf(view: DataView, at: number, ip: Ipv4, from: number, to: number): Uint8Array {
  const headerLength = ip.payload - at
  const piece = new Uint8Array(headerLength + to - from)
  piece.set(new Uint8Array(view.buffer, view.byteOffset + at, headerLength))
  piece.set(new Uint8Array(view.buffer, view.byteOffset + from, to - from), headerLength)
  const header = new DataView(piece.buffer)
  const isLast = to === ip.end && !ip.moreFragments
  header.setUint16(2, piece.length)
  header.setUint16(6, (ip.fragmentOffset + from - ip.payload) / unit + (isLast ? 0 : moreFragments))
  header.setUint16(10, 0)
  header.setUint16(10, fold(sum(header, 0, headerLength)))
  return piece
}

/** The datagram with its header at `offset` in pieces of at most `mtu` bytes, each with the whole header. */
export function cutDatagram(view: DataView, offset: number, ip: Ipv4, mtu: number): Uint8Array[] {
  const room = Math.floor((mtu - (ip.payload - offset)) / unit) * unit
  if (room <= 0) throw new RangeError(`no piece fits in ${mtu} bytes`)
  const pieces: Uint8Array[] = []
  for (let from = ip.payload; from < ip.end; from += room)
    pieces.push(pieceOf(view, offset, ip, from, Math.min(from + room, ip.end)))
  return pieces
}
