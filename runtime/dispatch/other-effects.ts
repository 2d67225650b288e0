import type {
  Effect,
  ExchangeEffect,
  ForgetConnectionEffect,
  PacketOutEffect,
  PutFlowEffect,
  SendOnEffect,
} from '../openvnet/effects.ts'
import { parseIpv6 } from '../packet/ipv6-address.ts'
import { checkedActions, checkedPort } from './checked-output.ts'
import { copyBytes } from './copy-bytes.ts'
import {
  checkedInteger,
  checkedNumber,
  checkedText,
  InvalidEffect,
  readAlarm,
  readLog,
} from './effect-checks.ts'
import type { HostEffect } from './host-effect.ts'
import { eventLimits, memoryLimits, taskLimits } from './limits.ts'

const byteLength = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'byteLength')!
  .get as (this: Uint8Array) => number
const payloadCharactersMax = 64 << 10

type Other = Exclude<Effect, PacketOutEffect | SendOnEffect | PutFlowEffect | ForgetConnectionEffect>

/** How each kind is read. */
const readers: {
  readonly [T in Other['type']]: (effect: Other & { type: T }, ofPacket: boolean) => HostEffect
} = {
  drop: ({ reason }) => ({ type: 'drop', reason: checkedText(reason, 'drop.reason') }),
  hold({ key, timeoutMs, again }, ofPacket) {
    if (!ofPacket) throw new InvalidEffect('hold, and there is no packet')
    return {
      type: 'hold',
      key: checkedText(key, 'hold.key'),
      timeoutMs: checkedNumber(timeoutMs, 'hold.timeoutMs', 1, eventLimits.holdTimeoutMsMax),
      again: again === true,
    }
  },
  release({ key, actions, port }) {
    const release = { type: 'release', key: checkedText(key, 'release.key') } as const
    return actions == null
      ? { ...release, port: checkedPort(port), actions: null }
      : { ...release, port: 0, actions: checkedActions(actions) }
  },
  'run-again': ({ key }) => ({ type: 'run-again', key: checkedText(key, 'run-again.key') }),
  discard: ({ key }) => ({ type: 'discard', key: checkedText(key, 'discard.key') }),
  continue({ table }, ofPacket) {
    if (!ofPacket) throw new InvalidEffect('continue, and there is no packet')
    return { type: 'continue', table: table == null ? 0 : checkedNumber(table, 'continue.table', 0, 254) }
  },
  call: ({ name, payload }) => ({
    type: 'call',
    name: checkedText(name, 'call.name'),
    payload: checkedPayload(payload),
  }),
  exchange(effect, ofPacket) {
    if (ofPacket) throw new InvalidEffect('exchange, and only tasks can wait for one')
    return readExchange(effect)
  },
  remember: ({ key, bytes, ttlMs, share = '' }) => ({
    type: 'remember',
    share: share === '' ? '' : wholeText(share, 'remember.share', memoryLimits.shareCharactersMax),
    key: wholeText(key, 'remember.key', memoryLimits.keyCharactersMax),
    bytes: checkedBytes(bytes, 'remember.bytes', memoryLimits.valueBytesMax),
    ttlMs: checkedNumber(ttlMs, 'remember.ttlMs', 1, memoryLimits.ttlMsMax),
  }),
  alarm: readAlarm,
  metric: ({ name, value }) => ({
    type: 'metric',
    name: checkedText(name, 'metric.name'),
    value: checkedNumber(value, 'metric.value', -Number.MAX_VALUE, Number.MAX_VALUE),
  }),
  log: readLog,
}
Object.setPrototypeOf(readers, null)

/**
 * Reads an effect that is no packet-out, inside the guard: checked plain copies. Throws InvalidEffect.
 * @param ofPacket it is of a function that answers a packet
 */
export function readOther(effect: Other, ofPacket: boolean): HostEffect {
  const { type } = effect
  const read = typeof type === 'string' ? readers[type] : undefined
  if (read === undefined) throw new InvalidEffect('an effect of an unknown type')
  return (read as (effect: Other, ofPacket: boolean) => HostEffect)(effect, ofPacket)
}

function readExchange(effect: ExchangeEffect): HostEffect {
  const { transport } = effect
  if (transport !== 'udp' && transport !== 'tcp') throw new InvalidEffect('exchange.transport is none')
  return {
    type: 'exchange',
    transport,
    address: checkedAddress(effect.address),
    port: checkedInteger(effect.port, 'exchange.port', 1, 0xffff),
    message: checkedBytes(effect.message, 'exchange.message', taskLimits.messageBytesMax),
    expect: checkedBytes(effect.expect, 'exchange.expect', taskLimits.messageBytesMax),
    timeoutMs: checkedNumber(effect.timeoutMs, 'exchange.timeoutMs', 1, taskLimits.exchangeTimeMsMax),
    payload: checkedPayload(effect.payload),
    join:
      effect.join === undefined ? '' : wholeText(effect.join, 'exchange.join', memoryLimits.keyCharactersMax),
  }
}

/** An IPv4 address, or IPv6 as text. */
function checkedAddress(address: unknown): number | string {
  if (typeof address !== 'string') return checkedInteger(address, 'exchange.address', 0, 0xffff_ffff)
  if (parseIpv6(address) === null) throw new InvalidEffect('exchange.address is no IPv6 address')
  return address
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
