import type { Effect, ExchangeEffect, HandlerResult, PacketOutEffect } from '../openvnet/effects.ts'
import { noBuffer } from '../openvnet/packet.ts'
import { describe } from '../problem.ts'
import { copyBytes } from './copy-bytes.ts'
import { checkedNumber, checkedText, InvalidEffect, readLog } from './effect-checks.ts'
import { encodeActions } from './encode-actions.ts'
import type { HostEffect } from './host-effect.ts'
import { eventLimits, memoryLimits, taskLimits } from './limits.ts'
import { bytesOf, type PacketInView } from './packet-in-view.ts'
import { controllerPort, type PacketOutBuffer, portNumber } from './packet-out-buffer.ts'

const byteLength = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'byteLength')!
  .get as (this: Uint8Array) => number
const payloadCharactersMax = 64 << 10

/**
 * Reads what a handler returned, and checks it. Runs inside the guard, since a value of a function can be code (a
 * getter, a proxy); what leaves it are bytes and plain copies. Packet-outs go to `out`, all else to `others`.
 * Throws InvalidEffect; the caller takes back what had been added.
 */
export function readEffects(
  result: HandlerResult,
  view: PacketInView | null,
  out: PacketOutBuffer,
  others: HostEffect[],
) {
  if (!Array.isArray(result)) return readEffect(result as Effect, view, out, others)
  const count = result.length
  if (!(count <= eventLimits.effectsMax))
    throw new InvalidEffect(`${count} effects, of at most ${eventLimits.effectsMax}`)
  for (let at = 0; at < count; at++) readEffect(result[at] as Effect, view, out, others)
}

function readEffect(effect: Effect, view: PacketInView | null, out: PacketOutBuffer, others: HostEffect[]) {
  if (typeof effect !== 'object' || effect === null) throw new InvalidEffect(`${typeof effect} is no effect`)
  if (effect.type === 'packet-out') return readPacketOut(effect, view, out)
  others.push(readOther(effect, view))
}

function readPacketOut(effect: PacketOutEffect, view: PacketInView | null, out: PacketOutBuffer) {
  const { port, actions, frame, inPort } = effect
  const from = inPort == null ? (view === null ? controllerPort : view.inPort) : checkedPort(inPort)
  if (frame == null) {
    if (view === null)
      throw new InvalidEffect('packet-out without a frame, and there is no packet to send on')
    addPacketOut(out, view.bufferId, from, port, actions, bytesOf(view), view.frameOffset, view.frameEnd)
  } else if (frame instanceof Uint8Array)
    addPacketOut(out, noBuffer, from, port, actions, frame, 0, byteLength.call(frame))
  else throw new InvalidEffect('packet-out.frame is not a Uint8Array')
}

function addPacketOut(
  out: PacketOutBuffer,
  bufferId: number,
  inPort: number,
  port: PacketOutEffect['port'],
  actions: PacketOutEffect['actions'],
  bytes: Uint8Array,
  from: number,
  to: number,
) {
  const added =
    actions == null
      ? out.addOutput(bufferId, inPort, checkedPort(port), bytes, from, to)
      : out.addActions(bufferId, inPort, checkedActions(actions), bytes, from, to)
  if (!added)
    throw new InvalidEffect(
      `packet-out of ${to - from} bytes does not fit into a message or the event's limit`,
    )
}

function checkedPort(port: unknown): number {
  const number = portNumber(port as number)
  if (number === -1)
    throw new InvalidEffect(`${typeof port === 'symbol' ? 'symbol' : `${port}`} is no port to send to`)
  return number
}

function checkedActions(actions: unknown): Uint8Array {
  if (!Array.isArray(actions)) throw new InvalidEffect('actions are not a list')
  if (!(actions.length <= eventLimits.effectsMax)) throw new InvalidEffect(`${actions.length} actions`)
  const encoded = encodeActions(actions)
  if (!encoded.ok) throw new InvalidEffect(describe(encoded.problem))
  return encoded.value
}

function readOther(effect: Exclude<Effect, PacketOutEffect>, view: PacketInView | null): HostEffect {
  switch (effect.type) {
    case 'drop':
      return { type: 'drop', reason: checkedText(effect.reason, 'drop.reason') }
    case 'hold':
      if (view === null) throw new InvalidEffect('hold, and there is no packet')
      return {
        type: 'hold',
        key: checkedText(effect.key, 'hold.key'),
        timeoutMs: checkedNumber(effect.timeoutMs, 'hold.timeoutMs', 1, eventLimits.holdTimeoutMsMax),
      }
    case 'release': {
      const { actions, port } = effect
      const key = checkedText(effect.key, 'release.key')
      return actions == null
        ? { type: 'release', key, port: checkedPort(port), actions: null }
        : { type: 'release', key, port: 0, actions: checkedActions(actions) }
    }
    case 'discard':
      return { type: 'discard', key: checkedText(effect.key, 'discard.key') }
    case 'continue':
      if (view === null) throw new InvalidEffect('continue, and there is no packet')
      return {
        type: 'continue',
        table: effect.table == null ? 0 : checkedNumber(effect.table, 'continue.table', 0, 254),
      }
    case 'call':
      return {
        type: 'call',
        name: checkedText(effect.name, 'call.name'),
        payload: checkedPayload(effect.payload),
      }
    case 'exchange':
      return readExchange(effect)
    case 'remember':
      return {
        type: 'remember',
        key: wholeText(effect.key, 'remember.key', memoryLimits.keyCharactersMax),
        bytes: checkedBytes(effect.bytes, 'remember.bytes', memoryLimits.valueBytesMax),
        ttlMs: checkedNumber(effect.ttlMs, 'remember.ttlMs', 1, memoryLimits.ttlMsMax),
      }
    case 'alarm':
      return {
        type: 'alarm',
        name: checkedText(effect.name, 'alarm.name'),
        message: checkedText(effect.message, 'alarm.message', eventLimits.logLineCharactersMax),
      }
    case 'metric':
      return {
        type: 'metric',
        name: checkedText(effect.name, 'metric.name'),
        value: checkedNumber(effect.value, 'metric.value', -Number.MAX_VALUE, Number.MAX_VALUE),
      }
    case 'log':
      return readLog(effect)
    default:
      throw new InvalidEffect(`an effect of an unknown type`)
  }
}

/** Whole numbers only: each is written into a header. */
function checkedInteger(value: unknown, where: string, least: number, most: number): number {
  if (!Number.isInteger(value)) throw new InvalidEffect(`${where} is no whole number`)
  return checkedNumber(value, where, least, most)
}

function readExchange(effect: ExchangeEffect): HostEffect {
  const { transport } = effect
  if (transport !== 'udp' && transport !== 'tcp') throw new InvalidEffect('exchange.transport is none')
  return {
    type: 'exchange',
    transport,
    address: checkedInteger(effect.address, 'exchange.address', 0, 0xffff_ffff),
    port: checkedInteger(effect.port, 'exchange.port', 1, 0xffff),
    message: checkedBytes(effect.message, 'exchange.message', taskLimits.messageBytesMax),
    expect: checkedBytes(effect.expect, 'exchange.expect', taskLimits.messageBytesMax),
    timeoutMs: checkedNumber(effect.timeoutMs, 'exchange.timeoutMs', 1, taskLimits.exchangeTimeMsMax),
    payload: checkedPayload(effect.payload),
  }
}

/** A copy that nobody else has. */
function checkedBytes(value: unknown, where: string, most: number): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new InvalidEffect(`${where} is not a Uint8Array`)
  const length = byteLength.call(value)
  if (length > most) throw new InvalidEffect(`${where} has ${length} bytes, of at most ${most}`)
  return copyBytes(value, 0, length)
}

/** Text that would mean something else if it were cut. */
function wholeText(value: unknown, where: string, charactersMax: number): string {
  const text = checkedText(value, where, charactersMax + 1)
  if (text.length > charactersMax)
    throw new InvalidEffect(`${where} has more than ${charactersMax} characters`)
  return text
}

function checkedPayload(payload: unknown): string {
  const text = JSON.stringify(payload ?? null)
  if (text === undefined || text.length > payloadCharactersMax)
    throw new InvalidEffect(`call.payload is not JSON of at most ${payloadCharactersMax} characters`)
  return text
}
