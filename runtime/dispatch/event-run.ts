import { createDraft, type PendingDraft } from '../../db/state/draft.ts'
import type { State } from '../../db/state/types.ts'
import type { EventFunction } from '../openvnet/define.ts'
import type { NetworkEvent } from '../openvnet/events.ts'
import type { LoadedVersion } from './active-function.ts'
import { InvalidEffect, outcomeOfThrown } from './effect-checks.ts'
import { readEffects } from './effect-reader.ts'
import { EventRunEnvironment } from './event-environment.ts'
import { runGuarded } from './guard.ts'
import type { HostEffect } from './host-effect.ts'
import { eventLimits } from './limits.ts'
import type { Outcome } from './outcomes.ts'
import { PacketOutBuffer } from './packet-out-buffer.ts'

export type EventVersion = LoadedVersion<EventFunction>

export type EventRun =
  | {
      readonly ok: true
      readonly pending: PendingDraft
      readonly out: PacketOutBuffer
      readonly effects: readonly HostEffect[]
    }
  | { readonly ok: false; readonly outcome: Outcome; readonly error: unknown }

/** What the guarded code made, and nothing else reads before it is complete. */
interface Attempt {
  done: EventRun | undefined
}

function attempt(version: EventVersion, event: NetworkEvent, state: State, now: number, into: Attempt) {
  try {
    const pending = createDraft(state, now)
    const environment = new EventRunEnvironment(pending, now, (Math.random() * 0x1_0000_0000) | 0)
    const out = new PacketOutBuffer(256, eventLimits.packetOutBytesMax)
    const effects: HostEffect[] = []
    const result = version.definition.handle(event, environment)
    if (result !== undefined) readEffects(result, null, out, effects)
    if (out.count > eventLimits.packetOutsMax) throw new InvalidEffect(`${out.count} packet-outs`)
    if (pending.writes.length > eventLimits.eventWritesMax)
      throw new InvalidEffect(`${pending.writes.length} writes, of at most ${eventLimits.eventWritesMax}`)
    into.done = { ok: true, pending, out, effects: [...environment.lines.take(), ...effects] }
  } catch (error) {
    into.done = { ok: false, outcome: outcomeOfThrown(error), error }
  }
}

/**
 * Runs an event function on a draft of its own, inside the guard. A time-out is its fault only when it happens twice:
 * the clock is the wall's.
 */
export function runEvent(version: EventVersion, event: NetworkEvent, state: State, now: number): EventRun {
  const began = performance.now()
  for (let tries = 0; tries < 2; tries++) {
    const into: Attempt = { done: undefined }
    const returned = runGuarded(() => attempt(version, event, state, now, into), eventLimits.eventTimeMs)
    if (returned && into.done !== undefined) {
      version.durations.add((performance.now() - began) * 1_000)
      return into.done
    }
  }
  return { ok: false, outcome: 'exceededTime', error: undefined }
}
