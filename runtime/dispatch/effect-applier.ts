import type { Logger } from '../log.ts'
import type { AlarmEffect } from '../openvnet/effects.ts'
import type { LoadedVersion } from './active-function.ts'
import { continueMessage } from './continue-packet.ts'
import { copyBytes } from './copy-bytes.ts'
import { FunctionLog } from './function-log.ts'
import type { HeldPacket } from './held-packets.ts'
import type { HostEffect } from './host-effect.ts'
import { eventLimits, failureLimits } from './limits.ts'
import type { Memory } from './memory.ts'
import { openView, PacketInView } from './packet-in-view.ts'
import { type PacketLane, type PacketSession, unsentOutcome } from './packet-lane.ts'
import { PacketOutBuffer } from './packet-out-buffer.ts'
import type { CallSource } from './task-dispatcher.ts'

export interface EffectHooks {
  /** Where packets for a named datapath go. Null: its switch is not connected to this host. */
  session?(dpid: string): Pick<PacketSession, 'packetOut' | 'endedBy'> | null
  /** Starts a task. False: nobody serves the name. */
  readonly call?: (name: string, payload: string, source: CallSource) => boolean
  /** Hears of alarms; they are logged in any case. */
  readonly alarm?: ((alarm: AlarmEffect) => void) | undefined
  /** Brings packets that were held to their functions once more. */
  readonly runAgain?: (lane: PacketLane, packets: readonly HeldPacket[]) => void
}

export interface Message {
  readonly bytes: Uint8Array
  readonly offset: number
  readonly end: number
}

const countIn = (counts: Map<string, number>, name: string, value: number, namesMax: number) => {
  const known = counts.get(name)
  if (known !== undefined) counts.set(name, known + value)
  else if (counts.size < namesMax) counts.set(name, value)
}

/** Carries out effects other than packet-outs. They are the host's own copies: nothing here can fail a function. */
export class EffectApplier {
  readonly #lines: FunctionLog
  readonly #memory: Memory
  readonly #hooks: EffectHooks
  readonly #view = new PacketInView()
  readonly #out = new PacketOutBuffer(1_024, eventLimits.packetOutBytesMax)

  constructor(log: Logger, memory: Memory, hooks: EffectHooks) {
    this.#lines = new FunctionLog(log)
    this.#memory = memory
    this.#hooks = hooks
  }

  /** @param message the PACKET_IN, for the effects that are about it */
  apply(version: LoadedVersion, effects: readonly HostEffect[], lane?: PacketLane, message?: Message) {
    for (const effect of effects) this.#one(version, effect, lane, message)
  }

  #one(version: LoadedVersion, effect: HostEffect, lane?: PacketLane, message?: Message) {
    switch (effect.type) {
      case 'drop':
        return countIn(version.drops, effect.reason, 1, failureLimits.dropReasonsMax)
      case 'metric':
        return countIn(version.metrics, effect.name, effect.value, failureLimits.metricNamesMax)
      case 'log':
        return this.#lines.log(version, effect.level, effect.message, effect.fields)
      case 'alarm':
        return this.#alarm(version, effect)
      case 'call':
        if (this.#hooks.call?.(effect.name, effect.payload, this.#source(version, lane, message))) return
        version.counts.noFunction++
        return this.#lines.log(version, 'warn', 'nobody serves a call', { call: effect.name })
      case 'remember':
        return this.#memory.remember(effect, Date.now())
      case 'send-on':
        return this.#sendOn(version, effect.dpid, effect.bytes)
      case 'exchange':
        // Refused where effects are read; those of tasks are the task dispatcher's.
        return
      default:
        if (lane !== undefined) this.#onPackets(version, effect, lane, message)
    }
  }

  #alarm(version: LoadedVersion, alarm: AlarmEffect) {
    this.#lines.log(version, 'warn', alarm.message, { ...alarm.fields, alarm: alarm.name })
    this.#hooks.alarm?.(alarm)
  }

  /** The switch and port that made it run. */
  #source(version: LoadedVersion, lane?: PacketLane, message?: Message): CallSource {
    if (lane === undefined) return { dpid: null, caller: version.id }
    const { dpid } = lane.session
    if (message !== undefined) openView(this.#view, dpid, message.bytes, message.offset, message.end)
    return { dpid, caller: `${dpid} ${message === undefined ? version.id : this.#view.inPort}` }
  }

  /** Another host may serve the datapath, or none: then this one has nothing to send. */
  #sendOn(version: LoadedVersion, dpid: string, bytes: Uint8Array) {
    const session = this.#hooks.session?.(dpid) ?? null
    if (session !== null && !session.packetOut(bytes, 0, bytes.length))
      version.counts[unsentOutcome(session)]++
  }

  #onPackets(
    version: LoadedVersion,
    effect: HostEffect & { type: 'hold' | 'release' | 'run-again' | 'discard' | 'continue' },
    lane: PacketLane,
    message?: Message,
  ) {
    if (effect.type === 'release') this.#release(version, effect, lane)
    else if (effect.type === 'run-again') this.#hooks.runAgain?.(lane, lane.held.take(effect.key))
    else if (effect.type === 'discard') {
      const dropped = lane.held.take(effect.key).length
      if (dropped > 0) countIn(version.drops, 'discarded', dropped, failureLimits.dropReasonsMax)
    } else if (message !== undefined && effect.type === 'continue') {
      const bytes = continueMessage(this.#view, message, effect.table)
      if (!lane.session.packetOut(bytes, 0, bytes.length)) version.counts[unsentOutcome(lane.session)]++
    } else if (message !== undefined && effect.type === 'hold') this.#hold(version, effect, lane, message)
  }

  #hold(version: LoadedVersion, effect: HostEffect & { type: 'hold' }, lane: PacketLane, message: Message) {
    const { key, timeoutMs, again } = effect
    const copy = copyBytes(message.bytes, message.offset, message.end)
    if (!openView(this.#view, lane.session.dpid, copy, 0, copy.length)) return
    const held = { message: copy, inPort: this.#view.inPort, expires: performance.now() + timeoutMs, again }
    if (!lane.held.hold(key, held)) version.counts.loadShed++
  }

  #release(version: LoadedVersion, effect: HostEffect & { type: 'release' }, lane: PacketLane) {
    const out = this.#out
    for (const { message } of lane.held.take(effect.key)) {
      if (!openView(this.#view, lane.session.dpid, message, 0, message.length)) continue
      const { bufferId, inPort, frameOffset, frameEnd } = this.#view
      out.reset()
      if (effect.actions === null)
        out.addOutput(bufferId, inPort, effect.port, message, frameOffset, frameEnd)
      else out.addActions(bufferId, inPort, effect.actions, message, frameOffset, frameEnd)
      if (!lane.session.packetOut(out.bytes, 0, out.length)) version.counts[unsentOutcome(lane.session)]++
    }
  }
}
