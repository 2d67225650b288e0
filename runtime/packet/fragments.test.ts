import { expect, test } from 'bun:test'
import { ipv4 } from '../../tests/support/frames.ts'
import { cutDatagram, mayNotBeCut } from './fragments.ts'
import { parseIpv4Header } from './ipv4.ts'

const payload = Array.from({ length: 1001 }, (_, n) => (n & 255).toString(16).padStart(2, '0')).join('')
const datagram = Uint8Array.fromHex(ipv4('10.0.0.1', '10.0.0.2', 17, payload))

/** The pieces of a datagram, read. */
function piecesOf(bytes: Uint8Array, mtu: number) {
  const view = new DataView(bytes.buffer)
  return cutDatagram(view, 0, parseIpv4Header(view, 0)!, mtu).map((piece) => {
    const header = parseIpv4Header(new DataView(piece.buffer), 0)!
    return { piece, header, payload: piece.subarray(header.payload, header.end).toHex() }
  })
}

test('pieces fit, follow each other, and are the whole', () => {
  const pieces = piecesOf(datagram, 300)
  expect(pieces.map(({ piece }) => piece.length)).toEqual([300, 300, 300, 20 + 161])
  expect(pieces.map(({ header }) => [header.fragmentOffset, header.moreFragments])).toEqual([
    [0, true],
    [280, true],
    [560, true],
    [840, false],
  ])
  expect(pieces.map((one) => one.payload).join('')).toBe(payload)
})

test('each has a header with a right checksum', () => {
  for (const { piece } of piecesOf(datagram, 300)) {
    const header = new DataView(piece.buffer)
    let sum = 0
    for (let at = 0; at < 20; at += 2) sum += header.getUint16(at)
    expect((sum & 0xffff) + (sum >>> 16)).toBe(0xffff)
  }
})

test('a piece is cut again', () => {
  const [, second] = piecesOf(datagram, 600)
  const again = piecesOf(second!.piece, 300)
  expect(again.map(({ header }) => [header.fragmentOffset, header.moreFragments])).toEqual([
    [576, true],
    [856, false],
  ])
})

test('a datagram says whether it may be cut', () => {
  const view = new DataView(datagram.slice().buffer)
  expect(mayNotBeCut(view, 0)).toBe(false)
  view.setUint16(6, 0x4000)
  expect(mayNotBeCut(view, 0)).toBe(true)
})
