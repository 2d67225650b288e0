/** Other addresses and ports in packets that exist, with the checksums that cover them (RFC 1624). */
import { fold } from './checksum.ts'
import { ipProtocol } from './ipv4.ts'

/** An address, and a port where that changes, too. */
export interface Endpoint {
  readonly address: number
  readonly port: number | null
}

/** A packet, or as much of one as there is. */
export interface Rewritable {
  /** Where its IPv4 header begins. */
  readonly at: number
  readonly protocol: number
  /** Where what the header leads to begins, and where the bytes that are there end. */
  readonly payload: number
  readonly end: number
  /** False of a later fragment, which has no ports. */
  readonly isFirst: boolean
}

const checksumOffsets: ReadonlyMap<number, number> = new Map([
  [ipProtocol.tcp, 16],
  [ipProtocol.udp, 6],
])

/** The checksum at `at` after the 16-bit words of `before` became those of `after`. */
function update(view: DataView, at: number, before: readonly number[], after: readonly number[]): void {
  let total = ~view.getUint16(at) & 0xffff
  for (const word of before) total += ~word & 0xffff
  for (const word of after) total += word
  view.setUint16(at, fold(total))
}

const wordsOf = (address: number) => [address >>> 16, address & 0xffff]

/** Where the ports are; null where there are none. */
export const portsOf = ({ protocol, payload, end, isFirst }: Rewritable): number | null =>
  isFirst && checksumOffsets.has(protocol) && payload + 4 <= end ? payload : null

/** Changes one end of a packet. */
export function rewrite(
  view: DataView,
  packet: Rewritable,
  end: 'source' | 'destination',
  to: Endpoint,
): void {
  const addressAt = packet.at + (end === 'source' ? 12 : 16)
  const ports = portsOf(packet)
  const portAt = ports === null || to.port === null ? null : ports + (end === 'source' ? 0 : 2)
  const before = wordsOf(view.getUint32(addressAt))
  const after = wordsOf(to.address)
  view.setUint32(addressAt, to.address)
  update(view, packet.at + 10, before, after)
  if (portAt !== null && to.port !== null) {
    before.push(view.getUint16(portAt))
    after.push(to.port)
    view.setUint16(portAt, to.port)
  }
  const checksumAt = packet.payload + (checksumOffsets.get(packet.protocol) ?? 0)
  if (ports === null || checksumAt + 2 > packet.end) return
  // Of UDP 0 says that there is none.
  if (packet.protocol === ipProtocol.udp && view.getUint16(checksumAt) === 0) return
  update(view, checksumAt, before, after)
}
