/**
 * Nanoseconds to decode and encode a PACKET_IN and a FLOW_MOD, beside the same written by hand over a DataView.
 * `bun bench/codec.ts`
 */
import { decode, encodeInto, type FlowMod, type Message } from '../runtime/openflow/index.ts'
import {
  flowModBytes,
  handDecodeFlowMod,
  handDecodePacketIn,
  handEncodeFlowMod,
  packetInBytes,
} from './codec/hand.ts'

/** Many short runs in turns, of which the quickest counts: others work on this machine too. */
const runs = 60
const repetitions = 20_000

const time = (call: () => unknown): number => {
  const start = Bun.nanoseconds()
  for (let i = 0; i < repetitions; i++) call()
  return (Bun.nanoseconds() - start) / repetitions
}

/** Nanoseconds a call of each. */
function measure(calls: readonly (() => unknown)[]): number[] {
  const best = calls.map(() => Number.POSITIVE_INFINITY)
  for (let run = 0; run < runs; run++)
    for (const [i, call] of calls.entries()) best[i] = Math.min(best[i]!, time(call))
  return best
}

function decoded(bytes: Uint8Array): Message {
  const result = decode(bytes)
  if (!result.ok) throw new Error(JSON.stringify(result.problem))
  return result.value
}

const buffer = new Uint8Array(65536)
const view = new DataView(buffer.buffer)
const flowMod = decoded(flowModBytes) as FlowMod
const packetIn = decoded(packetInBytes)

const rows: [string, () => unknown, (() => unknown) | undefined][] = [
  ['decode PACKET_IN', () => decode(packetInBytes), () => handDecodePacketIn(packetInBytes)],
  ['encode PACKET_IN', () => encodeInto(packetIn, buffer, 0), undefined],
  ['decode FLOW_MOD', () => decode(flowModBytes), () => handDecodeFlowMod(flowModBytes)],
  ['encode FLOW_MOD', () => encodeInto(flowMod, buffer, 0), () => handEncodeFlowMod(flowMod, buffer, view)],
]

console.log(`message            bytes  declared ns  by hand ns  ratio`)
for (const [name, declared, hand] of rows) {
  const [ours = 0, theirs] = measure(hand ? [declared, hand] : [declared])
  const bytes = name.includes('PACKET_IN') ? packetInBytes.length : flowModBytes.length
  const ratio = theirs === undefined ? '' : (ours / theirs).toFixed(2)
  console.log(
    name.padEnd(17),
    String(bytes).padStart(6),
    ours.toFixed(0).padStart(12),
    (theirs?.toFixed(0) ?? '').padStart(11),
    ratio.padStart(6),
  )
}
