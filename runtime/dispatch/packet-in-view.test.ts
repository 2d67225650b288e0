import { describe, expect, test } from 'bun:test'
import { encode, type Message } from '../openflow/index.ts'
import { noBuffer } from '../openvnet/packet.ts'
import { openView, PacketInView } from './packet-in-view.ts'

const frame = Uint8Array.from({ length: 64 }, (_, at) => at + 1)
const cookie = 0x0007_0000_1234_5678n
const fields = [
  { field: 'in_port', value: 9 },
  { field: 'tunnel_id', value: 0xffff_ffff_ffff_fffen },
  { field: 'metadata', value: 5n },
  { field: 'reg0', value: 0xdead_beef },
  { field: 'reg15', value: 15 },
]

const packetIn = (match: readonly object[]) =>
  encode({
    version: 4,
    type: 'OFPT_PACKET_IN',
    xid: 1,
    buffer_id: 'OFP_NO_BUFFER',
    total_len: 64,
    reason: 'OFPR_ACTION',
    table_id: 3,
    cookie,
    match,
    data: frame,
  } as unknown as Message)

const packetIn2 = (metadata: readonly object[], more: readonly object[] = []) =>
  encode({
    version: 4,
    type: 'NXT_PACKET_IN2',
    xid: 1,
    properties: [
      { type: 'NXPINT_PACKET', packet: frame },
      { type: 'NXPINT_FULL_LEN', full_len: 64 },
      { type: 'NXPINT_TABLE_ID', table_id: 3 },
      { type: 'NXPINT_COOKIE', cookie },
      { type: 'NXPINT_REASON', reason: 'OFPR_ACTION' },
      { type: 'NXPINT_METADATA', metadata },
      ...more,
    ],
  } as unknown as Message)

const open = (bytes: Uint8Array, offset = 0, end = bytes.length) => {
  const view = new PacketInView()
  return openView(view, '0x1', bytes, offset, end) ? view : undefined
}

describe.each([
  ['OFPT_PACKET_IN', packetIn],
  ['NXT_PACKET_IN2', packetIn2],
])('%s', (_, make) => {
  test('gives the connection that tracking has found, if it has', () => {
    const tracked = [
      { field: 'in_port', value: 9 },
      { field: 'ct_zone', value: 70 },
      { field: 'ct_nw_proto', value: 17 },
      { field: 'ct_nw_src', value: '10.1.0.11' },
      { field: 'ct_nw_dst', value: '10.2.0.12' },
      { field: 'ct_tp_src', value: 4_000 },
      { field: 'ct_tp_dst', value: 53 },
    ]
    expect(open(make(tracked))!.connection()).toEqual({
      ...{ zone: 70, protocol: 17, source: 0x0a01_000b, destination: 0x0a02_000c },
      ...{ sourcePort: 4_000, destinationPort: 53 },
    })
    expect(open(make(fields))!.connection()).toBeNull()
  })

  test('gives what the codec encoded', () => {
    const view = open(make(fields))!
    expect(view).toMatchObject({
      dpid: '0x1',
      puntCode: 7,
      objectId: 0x1234_5678,
      inPort: 9,
      bufferId: noBuffer,
      reason: 1,
      tableId: 3,
      tunnelId: 0xffff_ffff_ffff_fffen,
      metadata: 5n,
      length: 64,
    })
    expect([0, 1, 15, 16, -1].map((number) => view.register(number))).toEqual([0xdead_beef, 0, 15, 0, 0])
    expect(view.frame()).toEqual(frame)
    expect([view.u8(0), view.u16(1), view.u32(2), view.u48(4)]).toEqual([
      1, 0x0203, 0x0304_0506, 0x0506_0708_090a,
    ])
  })

  test('with nothing but a port, and anywhere in a chunk', () => {
    const message = make([{ field: 'in_port', value: 0xffff_fffe }])
    const chunk = new Uint8Array(message.length + 20).fill(0xff)
    chunk.set(message, 7)
    const view = open(chunk, 7, 7 + message.length)!
    expect(view.inPort).toBe(0xffff_fffe)
    expect(view.tunnelId).toBe(0n)
    expect(view.frame()).toEqual(frame)
  })

  test('what lies beyond the frame reads as 0', () => {
    const view = open(make(fields))!
    expect([view.u8(64), view.u16(63), view.u32(61), view.u48(59), view.u8(-1), view.u32(2 ** 40)]).toEqual([
      0, 0, 0, 0, 0, 0,
    ])
    expect([view.u8(63), view.u16(62), view.u32(60), view.u48(58)]).not.toContain(0)
  })

  test('cut anywhere: a frame that ends earlier, or nothing; never a byte of the neighbour', () => {
    const message = make(fields)
    for (let end = 0; end < message.length; end++) {
      const chunk = message.slice(0)
      chunk.fill(0xee, end)
      const view = open(chunk, 0, end)
      if (view === undefined) continue
      expect(view.frameEnd).toBeLessThanOrEqual(end)
      expect(view.length).toBeGreaterThanOrEqual(0)
      expect(view.frame()).not.toContain(0xee)
    }
  })

  test('any byte changed to any extreme: it opens or not, and every getter returns', () => {
    const message = make(fields)
    for (let at = 0; at < message.length; at++)
      for (const value of [0, 1, 3, 4, 0x7f, 0x80, 0xff]) {
        const chunk = message.slice()
        chunk[at] = value
        const view = open(chunk)
        if (view === undefined) continue
        expect(view.frameOffset).toBeGreaterThan(0)
        expect(view.frameEnd).toBeLessThanOrEqual(chunk.length)
        expect(view.tunnelId + view.metadata).toBeGreaterThanOrEqual(0n)
        expect(view.register(3) + view.u48(0) + view.frame().length).toBeGreaterThanOrEqual(0)
      }
  })
})

test('a switch that pauses a packet says where it goes on', () => {
  const more = [{ type: 'NXPINT_CONTINUATION', continuation: new Uint8Array(8) }]
  expect(open(packetIn2(fields))!.continuation).toBe(0)
  expect(open(packetIn2(fields, more))!.continuation).toBeGreaterThan(0)
})

test('userdata of 8 bytes names the punt point in the place of the cookie, wherever it stands', () => {
  const userdata = Uint8Array.from([0, 9, 0, 0, 0, 0, 0, 5])
  expect(open(packetIn2(fields, [{ type: 'NXPINT_USERDATA', userdata }]))).toMatchObject({
    puntCode: 9,
    objectId: 5,
  })
  const short = [{ type: 'NXPINT_USERDATA', userdata: userdata.subarray(0, 4) }]
  expect(open(packetIn2(fields, short))).toMatchObject({ puntCode: 7, objectId: 0x1234_5678 })
})

test('other messages are none', () => {
  expect(open(encode({ version: 4, type: 'OFPT_BARRIER_REPLY', xid: 1 } as Message))).toBeUndefined()
  expect(open(new Uint8Array(64))).toBeUndefined()
  expect(open(new Uint8Array(0))).toBeUndefined()
})
