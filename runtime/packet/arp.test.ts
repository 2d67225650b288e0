import { expect, test } from 'bun:test'
import { broadcastMac } from './address.ts'
import { arpOperation, buildArp, buildRarpAnnouncement, parseArp } from './arp.ts'
import { etherType, parseEthernet } from './ethernet.ts'

const request = {
  operation: arpOperation.request,
  senderMac: 0x0200_0000_0001,
  senderIpv4: 0x0a00_0001,
  targetMac: 0,
  targetIpv4: 0xc0a8_ff02,
}
const viewOf = (frame: Uint8Array) => new DataView(frame.buffer, frame.byteOffset, frame.length)

test('a request is a frame of 60 bytes that says the same when it is read', () => {
  const frame = buildArp({ source: request.senderMac, destination: broadcastMac }, request)
  const view = viewOf(frame)
  const ethernet = parseEthernet(view)!
  expect(frame).toHaveLength(60)
  expect(ethernet).toEqual({
    source: request.senderMac,
    destination: broadcastMac,
    type: etherType.arp,
    vlan: null,
    payload: 14,
  })
  expect(parseArp(view, ethernet.payload)).toEqual(request)
})

test('what is cut off, or not for IPv4 over Ethernet, is none', () => {
  const frame = buildArp({ source: 1, destination: 2 }, request)
  for (let length = 0; length < 14 + 28; length++)
    expect(parseArp(viewOf(frame.subarray(0, length)), 14)).toBeNull()
  for (const at of [14, 16, 18, 19]) {
    const other = frame.slice()
    other[at]! ^= 1
    expect(parseArp(viewOf(other), 14)).toBeNull()
  }
})

test('a RARP announcement names its MAC to every switch, and no address', () => {
  const view = viewOf(buildRarpAnnouncement(0x5254_0000_0001))
  const { type, source, destination } = parseEthernet(view)!
  expect([type, source, destination]).toEqual([etherType.rarp, 0x5254_0000_0001, broadcastMac])
  expect(parseArp(view, 14)).toEqual({
    operation: arpOperation.rarpRequest,
    senderMac: 0x5254_0000_0001,
    senderIpv4: 0,
    targetMac: 0x5254_0000_0001,
    targetIpv4: 0,
  })
})
