import { describe, expect, test } from 'bun:test'
import {
  buildTcpFrame,
  parseEthernet,
  parseIpv4Header,
  parseTcp,
  type Tcp,
  tcpFlag,
} from '../../../runtime/openvnet.ts'
import { sum } from '../../../runtime/packet/checksum.ts'
import type { Client } from './client.ts'
import { acknowledge, hear, segmentsOf } from './tcp.ts'

const { ack, fin, psh, rst, syn } = tcpFlag
const client: Client = {
  networkId: 1,
  interfaceId: 1,
  portInterfaceId: 1,
  vlan: null,
  mac: 0x5254_0000_0001,
  address: 0x0a00_000b,
  port: 40_000,
  serverId: 2,
  serverMac: 0x0200_0000_0002,
  serverAddress: 0x0a00_0002,
  serverPort: 53,
  tcp: null,
}
/** The client's first number; it is near the end of all numbers. */
const initial = 0xffff_fffe
const after = (count: number) => (initial + count) >>> 0

interface Segment {
  readonly flags: number
  readonly sequence?: number
  readonly acknowledgement?: number
  readonly payload?: string
}

function readFrame(frame: Uint8Array) {
  const view = new DataView(frame.buffer)
  const ip = parseIpv4Header(view, parseEthernet(view)!.payload)!
  const tcp = parseTcp(view, ip)!
  // With its checksum a segment sums up to all ones (RFC 1071).
  const length = ip.end - ip.payload
  const total = sum(view, ip.payload - 8, 8) + 6 + length + sum(view, ip.payload, length)
  expect((total & 0xffff) + Math.floor(total / 0x1_0000)).toBe(0xffff)
  return { view, tcp, payload: frame.slice(tcp.payload, tcp.end).toHex() }
}

function listen({ flags, sequence = after(1), acknowledgement = after(1), payload = '' }: Segment) {
  const frame = buildTcpFrame(
    {
      ethernet: { source: client.mac, destination: client.serverMac },
      ip: { source: client.address, destination: client.serverAddress, ttl: 64 },
      sourcePort: client.port,
      destinationPort: 53,
      sequence,
      acknowledgement,
      flags,
      window: 64_240,
    },
    Uint8Array.fromHex(payload),
  )
  const { view, tcp } = readFrame(frame)
  return hear(view, client, tcp)
}

function answerTo(segment: Segment): Pick<Tcp, 'sequence' | 'acknowledgement' | 'flags'> {
  const heard = listen(segment)
  if (heard.kind !== 'frame') throw new Error(JSON.stringify(heard))
  const { sequence, acknowledgement, flags } = readFrame(heard.frame).tcp
  return { sequence, acknowledgement, flags }
}

describe('a connection', () => {
  test('begins with the client’s own number', () => {
    expect(answerTo({ flags: syn, sequence: initial, acknowledgement: 0 })).toEqual({
      sequence: initial,
      acknowledgement: after(1),
      flags: syn | ack,
    })
  })

  test('takes one whole question', () => {
    const heard = listen({ flags: ack | psh, payload: '0003aabbcc' })
    if (heard.kind !== 'question') throw new Error(JSON.stringify(heard))
    expect(heard.end - heard.start).toBe(3)
    expect(heard.client.tcp).toEqual({ sequence: after(1), acknowledgement: after(6), window: 64_240 })
    expect(readFrame(acknowledge(heard.client)).tcp).toMatchObject({
      sequence: after(1),
      acknowledgement: after(6),
      flags: ack,
    })
    const frames = segmentsOf(heard.client, new Uint8Array(2_000).fill(7)).map(readFrame)
    expect(frames.map(({ tcp }) => [tcp.sequence, tcp.acknowledgement, tcp.flags])).toEqual([
      [after(1), after(6), ack],
      [after(1_201), after(6), ack | psh | fin],
    ])
    expect(frames.map(({ payload }) => payload).join('')).toBe(`07d0${'07'.repeat(2_000)}`)
  })

  test('ends when the client has asked and closes at once, or has had its answer, or wants none', () => {
    const asked = listen({ flags: ack | fin, payload: '0001aa' })
    expect(asked).toMatchObject({ kind: 'question', client: { tcp: { acknowledgement: after(5) } } })
    expect(answerTo({ flags: ack | fin, sequence: after(6), acknowledgement: after(40) })).toEqual({
      sequence: after(40),
      acknowledgement: after(7),
      flags: ack,
    })
    expect(answerTo({ flags: ack | fin })).toEqual({
      sequence: after(1),
      acknowledgement: after(2),
      flags: ack | fin,
    })
  })

  test('takes no second question', () => {
    expect(
      answerTo({ flags: ack, sequence: after(6), acknowledgement: after(40), payload: '0001aa' }),
    ).toEqual({
      sequence: after(40),
      acknowledgement: 0,
      flags: rst,
    })
  })
})

test.each<[string, Segment, string]>([
  ['half a question', { flags: ack, payload: '0005aabb' }, 'partial'],
  ['half of its length', { flags: ack, payload: '00' }, 'partial'],
  ['the second half', { flags: ack, sequence: after(3), payload: 'aabbcc' }, 'partial'],
  ['an acknowledgement', { flags: ack, acknowledgement: after(40) }, 'acknowledgement'],
  ['a reset', { flags: rst }, 'reset'],
  ['no flags', { flags: 0, payload: '0001aa' }, 'malformed'],
])('%s is not answered', (_, segment, reason) => expect(listen(segment)).toEqual({ kind: 'nothing', reason }))
