/**
 * TCP for one question, without anything to remember: what a segment says is enough to answer it. Our numbers begin
 * where the client's do, so its first data is that whose own number is the one that it acknowledges. Who could guess
 * numbers cannot send under another's address. The network between is one switch: what we send is not sent again, and a
 * client that misses it asks again.
 */
import { buildTcpFrame, type Tcp, tcpFlag } from 'openvnet'
import type { Client } from './client.ts'

const ttl = 64
/** Of our segments, and of the client's: crosses every tunnel. */
const segmentLengthMax = 1_200
/** Room for one question. */
const window = 4_096
const lengthBytes = 2

/** What is to be done about a segment. */
export type Heard =
  | { readonly kind: 'frame'; readonly frame: Uint8Array }
  /** A whole question, which lies there; nothing is acknowledged yet. */
  | { readonly kind: 'question'; readonly start: number; readonly end: number; readonly client: Client }
  | { readonly kind: 'nothing'; readonly reason: string }

type Numbers = Pick<Tcp, 'sequence' | 'acknowledgement' | 'flags'>

function frameTo(client: Client, numbers: Numbers, payload = new Uint8Array(0), mss?: number): Uint8Array {
  const headers = {
    ethernet: { source: client.serverMac, destination: client.mac },
    ip: { source: client.serverAddress, destination: client.address, ttl },
    sourcePort: client.serverPort,
    destinationPort: client.port,
    window,
    ...numbers,
  }
  return buildTcpFrame(mss === undefined ? headers : { ...headers, segmentLengthMax: mss }, payload)
}

const add = (sequence: number, count: number) => (sequence + count) >>> 0
const { ack, fin, psh, rst, syn } = tcpFlag

function accept(client: Client, segment: Tcp): Heard {
  const { sequence } = segment
  const numbers = { sequence, acknowledgement: add(sequence, 1), flags: syn | ack }
  return { kind: 'frame', frame: frameTo(client, numbers, undefined, segmentLengthMax) }
}

/** The client has closed its side; where it has asked nothing, we close ours, too. */
function farewell(client: Client, { sequence, acknowledgement }: Tcp, length: number): Heard {
  const flags = sequence === acknowledgement ? ack | fin : ack
  const numbers = { sequence: acknowledgement, acknowledgement: add(sequence, length + 1), flags }
  return { kind: 'frame', frame: frameTo(client, numbers) }
}

function readData(view: DataView, client: Client, segment: Tcp): Heard {
  const { sequence, acknowledgement, payload, end } = segment
  const ahead = (sequence - acknowledgement) | 0
  // The rest of a question whose first part was not acknowledged: both come again as one.
  if (ahead > 0) return { kind: 'nothing', reason: 'partial' }
  // One question a connection: it has had its answer.
  if (ahead < 0) return reset(client, segment)
  const length = end - payload < lengthBytes ? Number.POSITIVE_INFINITY : view.getUint16(payload)
  if (payload + lengthBytes + length > end) return { kind: 'nothing', reason: 'partial' }
  const start = payload + lengthBytes
  // A client that asks and closes its side at once is answered all the same.
  const taken = end - payload + ((segment.flags & fin) === 0 ? 0 : 1)
  const tcp = { sequence: acknowledgement, acknowledgement: add(sequence, taken), window: segment.window }
  return { kind: 'question', start, end: start + length, client: { ...client, tcp } }
}

const reset = (client: Client, { acknowledgement }: Tcp): Heard => ({
  kind: 'frame',
  frame: frameTo(client, { sequence: acknowledgement, acknowledgement: 0, flags: rst }),
})

/** What a client's segment asks of us. */
export function hear(view: DataView, client: Client, segment: Tcp): Heard {
  const { flags, payload, end } = segment
  if ((flags & rst) !== 0) return { kind: 'nothing', reason: 'reset' }
  if ((flags & syn) !== 0) return accept(client, segment)
  if ((flags & ack) === 0) return { kind: 'nothing', reason: 'malformed' }
  const isFirst = segment.sequence === segment.acknowledgement
  if (end > payload && (isFirst || (flags & fin) === 0)) return readData(view, client, segment)
  if ((flags & fin) !== 0) return farewell(client, segment, end - payload)
  return { kind: 'nothing', reason: 'acknowledgement' }
}

/** Says that the question has come, where the answer takes longer. */
export const acknowledge = (client: Client): Uint8Array => frameTo(client, { ...client.tcp!, flags: ack })

/** A message with its length before it, in as many segments as it needs; the last one closes our side. */
export function segmentsOf(client: Client, message: Uint8Array): Uint8Array[] {
  const all = new Uint8Array(lengthBytes + message.length)
  new DataView(all.buffer).setUint16(0, message.length)
  all.set(message, lengthBytes)
  const { sequence, acknowledgement } = client.tcp!
  const frames: Uint8Array[] = []
  for (let at = 0; at < all.length; at += segmentLengthMax) {
    const part = all.subarray(at, at + segmentLengthMax)
    const isLast = at + segmentLengthMax >= all.length
    const numbers = { sequence: add(sequence, at), acknowledgement, flags: isLast ? ack | psh | fin : ack }
    frames.push(frameTo(client, numbers, part))
  }
  return frames
}
