import { expect, test } from 'bun:test'
import { fold, sum } from './checksum.ts'
import { parseIpv4Header, writeIpv4 } from './ipv4.ts'
import { rewrite } from './rewrite.ts'

/** A packet with right checksums, around bytes at random. */
function packetOf(protocol: 6 | 17, seed: number): DataView {
  const length = 40
  const view = new DataView(new ArrayBuffer(20 + length))
  writeIpv4(view, 0, {
    source: seed * 7919,
    destination: seed * 104_729,
    protocol,
    ttl: 64,
    payloadLength: length,
  })
  for (let at = 20; at < 60; at++) view.setUint8(at, (seed * at * 31) & 255)
  view.setUint16(20 + (protocol === 6 ? 16 : 6), 0)
  view.setUint16(20 + (protocol === 6 ? 16 : 6), fold(covered(view, protocol)))
  return view
}

/** Of what the checksum of TCP or UDP covers, the pseudo header among it. */
const covered = (view: DataView, protocol: number) =>
  sum(view, 12, 8) + protocol + (view.byteLength - 20) + sum(view, 20, view.byteLength - 20)

test.each([6, 17] as const)(
  'checksums are right after addresses and ports changed (protocol %d)',
  (protocol) => {
    for (let seed = 1; seed < 200; seed++) {
      const view = packetOf(protocol, seed)
      const packet = { at: 0, ...parseIpv4Header(view, 0)!, isFirst: true }
      rewrite(view, packet, 'source', { address: 0x0a01_0203, port: 8080 })
      rewrite(view, packet, 'destination', { address: seed, port: null })
      expect([view.getUint32(12), view.getUint32(16), view.getUint16(20)]).toEqual([0x0a01_0203, seed, 8080])
      expect([fold(sum(view, 0, 20)), fold(covered(view, protocol))]).toEqual([0, 0])
    }
  },
)

test('UDP without a checksum stays without, and a later fragment has no ports', () => {
  const view = packetOf(17, 1)
  view.setUint16(26, 0)
  const packet = { at: 0, ...parseIpv4Header(view, 0)! }
  rewrite(view, { ...packet, isFirst: true }, 'source', { address: 1, port: 2 })
  expect([view.getUint16(20), view.getUint16(26)]).toEqual([2, 0])
  const before = new Uint8Array(view.buffer.slice(20))
  rewrite(view, { ...packet, isFirst: false }, 'source', { address: 3, port: 4 })
  expect([...new Uint8Array(view.buffer, 20)]).toEqual([...before])
})
