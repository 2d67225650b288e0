import type {
  Effect,
  ForgetConnectionEffect,
  HandlerResult,
  PacketOutEffect,
  PutFlowEffect,
  SendOnEffect,
} from '../openvnet/effects.ts'
import { type Connection, noBuffer } from '../openvnet/packet.ts'
import { ethernetHeaderLength, etherType, withVlanTag } from '../packet/ethernet.ts'
import { describe } from '../problem.ts'
import { checkedActions, checkedPort } from './checked-output.ts'
import { copyBytes } from './copy-bytes.ts'
import {
  checkedInteger,
  checkedNumber,
  checkedText,
  InvalidEffect,
  outcomeOfThrown,
} from './effect-checks.ts'
import { encodeFlow } from './encode-flow.ts'
import { encodeForget } from './encode-forget.ts'
import type { HostEffect } from './host-effect.ts'
import { eventLimits, scheduleLimits } from './limits.ts'
import { readOther } from './other-effects.ts'
import { bytesOf, type PacketInView } from './packet-in-view.ts'
import { controllerPort, PacketOutBuffer } from './packet-out-buffer.ts'

/** Of a FLOW_MOD (OpenFlow 1.3.5, 7.3.4.1). */
const hardSecondsMax = 0xffff
/** Behind the two MAC addresses. */
const tagOffset = 12

const byteLength = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'byteLength')!
  .get as (this: Uint8Array) => number

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
  effectsMax: number = eventLimits.effectsMax,
) {
  if (!Array.isArray(result)) return readEffect(result as Effect, view, out, others)
  const count = result.length
  if (!(count <= effectsMax)) throw new InvalidEffect(`${count} effects, of at most ${effectsMax}`)
  for (let at = 0; at < count; at++) readEffect(result[at] as Effect, view, out, others)
}

/**
 * The same of a schedule, whose effects are about rows that have nothing to do with each other: of several, one that is wrong is
 * left out. Gives what was wrong with the first such.
 */
export function readEachEffect(
  result: HandlerResult,
  out: PacketOutBuffer,
  others: HostEffect[],
): InvalidEffect | undefined {
  if (!Array.isArray(result)) return void readEffect(result as Effect, null, out, others)
  const { length } = result
  const { effectsMax } = scheduleLimits
  let refused =
    length > effectsMax ? new InvalidEffect(`${length} effects, of at most ${effectsMax}`) : undefined
  for (let at = 0; at < Math.min(length, effectsMax); at++) {
    try {
      readEffect(result[at] as Effect, null, out, others)
    } catch (error) {
      if (outcomeOfThrown(error) !== 'invalidEffects') throw error
      refused ??= error as InvalidEffect
    }
  }
  return refused
}

function readEffect(effect: Effect, view: PacketInView | null, out: PacketOutBuffer, others: HostEffect[]) {
  if (typeof effect !== 'object' || effect === null) throw new InvalidEffect(`${typeof effect} is no effect`)
  if (effect.type === 'packet-out') return readPacketOut(effect, view, out)
  if (effect.type === 'send-on') others.push(readSendOn(effect))
  else if (effect.type === 'put-flow') others.push(readPutFlow(effect))
  else if (effect.type === 'forget-connection') others.push(readForget(effect))
  else others.push(readOther(effect, view !== null))
}

function readPacketOut(effect: PacketOutEffect, view: PacketInView | null, out: PacketOutBuffer) {
  const { port, actions, frame, inPort } = effect
  const from = inPort == null ? (view === null ? controllerPort : view.inPort) : checkedPort(inPort)
  if (frame == null) {
    if (view === null)
      throw new InvalidEffect('packet-out without a frame, and there is no packet to send on')
    addPacketOut(out, view.bufferId, from, port, actions, bytesOf(view), view.frameOffset, view.frameEnd)
  } else if (frame instanceof Uint8Array) {
    const own = port === 'OFPP_IN_PORT' && view !== null ? taggedAs(view, frame) : frame
    addPacketOut(out, noBuffer, from, port, actions, own, 0, byteLength.call(own))
  } else throw new InvalidEffect('packet-out.frame is not a Uint8Array')
}

/** A frame that goes back to whom it answers goes back into the VLAN that this one came from. */
function taggedAs(view: PacketInView, frame: Uint8Array): Uint8Array {
  const length = byteLength.call(frame)
  if (view.u16(tagOffset) !== etherType.vlan || length < ethernetHeaderLength) return frame
  return withVlanTag(copyBytes(frame, 0, length), view.u16(tagOffset + 2))
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

/** One that names its datapath, in a buffer of its own. */
function readSendOn({ dpid, packet }: SendOnEffect): HostEffect {
  if (typeof packet !== 'object' || packet?.type !== 'packet-out')
    throw new InvalidEffect('send-on.packet is no packet-out')
  const out = new PacketOutBuffer(256, eventLimits.packetOutBytesMax)
  readPacketOut(packet, null, out)
  return {
    type: 'send-on',
    dpid: checkedText(dpid, 'send-on.dpid'),
    bytes: copyBytes(out.bytes, 0, out.length),
  }
}

/** One that names its datapath, as a whole message. */
function readPutFlow({ dpid, flow, hardSeconds }: PutFlowEffect): HostEffect {
  if (typeof flow !== 'object' || flow === null) throw new InvalidEffect('put-flow.flow is no flow')
  const seconds = checkedNumber(hardSeconds, 'put-flow.hardSeconds', 1, hardSecondsMax)
  const encoded = encodeFlow(flow, Math.round(seconds))
  if (!encoded.ok) throw new InvalidEffect(describe(encoded.problem))
  return { type: 'send-on', dpid: checkedText(dpid, 'put-flow.dpid'), bytes: encoded.value }
}

const connectionMost = {
  zone: 0xffff,
  protocol: 0xff,
  source: 0xffff_ffff,
  destination: 0xffff_ffff,
  sourcePort: 0xffff,
  destinationPort: 0xffff,
} as const satisfies { readonly [K in keyof Connection]: number }

/** One that names its datapath, as a whole message. */
function readForget({ dpid, connection }: ForgetConnectionEffect): HostEffect {
  if (typeof connection !== 'object' || connection === null)
    throw new InvalidEffect('forget-connection.connection is none')
  const names = Object.keys(connectionMost) as (keyof Connection)[]
  const checked = Object.fromEntries(
    names.map((name) => [
      name,
      checkedInteger(connection[name], `forget-connection.${name}`, 0, connectionMost[name]),
    ]),
  ) as unknown as Connection
  return { type: 'send-on', dpid: checkedText(dpid, 'forget-connection.dpid'), bytes: encodeForget(checked) }
}
