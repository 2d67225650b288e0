import { createDraft, type PendingDraft } from '../../db/state/draft.ts'
import type { Draft, State } from '../../db/state/types.ts'
import type { ScheduleFunction } from '../openvnet/define.ts'
import type { ScheduleEnvironment } from '../openvnet/environment.ts'
import type { LoadedVersion } from './active-function.ts'
import { InvalidEffect, outcomeOfThrown } from './effect-checks.ts'
import { readEffects } from './effect-reader.ts'
import { runGuarded } from './guard.ts'
import type { HostEffect } from './host-effect.ts'
import { eventLimits } from './limits.ts'
import { LineBuffer } from './line-buffer.ts'
import type { Outcome } from './outcomes.ts'
import { PacketOutBuffer } from './packet-out-buffer.ts'
import { nextRandom, randomStep } from './random.ts'

export type ScheduleVersion = LoadedVersion<ScheduleFunction>

export type ScheduleRun =
  | {
      readonly ok: true
      /** undefined: it wrote nothing. */
      readonly pending: PendingDraft | undefined
      readonly effects: readonly HostEffect[]
    }
  | { readonly ok: false; readonly outcome: Outcome; readonly error: unknown }

/** What a schedule gets; another one for each run. */
class ScheduleRunEnvironment implements ScheduleEnvironment {
  readonly state: State
  readonly now: number
  readonly lines = new LineBuffer()
  readonly log = this.lines.logger
  #pending: PendingDraft | undefined
  #seed = (Math.random() * 0x1_0000_0000) | 0

  constructor(state: State, now: number) {
    this.state = state
    this.now = now
    Object.freeze(this)
  }

  draft(): Draft {
    this.#pending ??= createDraft(this.state, this.now)
    return this.#pending.draft
  }

  random(): number {
    this.#seed = (this.#seed + randomStep) | 0
    return nextRandom(this.#seed)
  }

  /** What it wrote, if anything. Throws InvalidEffect where that is too much. */
  written(): PendingDraft | undefined {
    const count = this.#pending?.writes.length ?? 0
    if (count > eventLimits.eventWritesMax)
      throw new InvalidEffect(`${count} writes, of at most ${eventLimits.eventWritesMax}`)
    return count > 0 ? this.#pending : undefined
  }
}

/** What the guarded code made, and nothing else reads before it is complete. */
interface Attempt {
  done: ScheduleRun | undefined
}

function attempt(version: ScheduleVersion, state: State, now: number, into: Attempt) {
  try {
    const environment = new ScheduleRunEnvironment(state, now)
    const out = new PacketOutBuffer(256, eventLimits.packetOutBytesMax)
    const effects: HostEffect[] = []
    const result = version.definition.handle(environment)
    if (result !== undefined) readEffects(result, null, out, effects)
    if (out.count > 0) throw new InvalidEffect('packet-outs, and no switch that they are for')
    const pending = environment.written()
    into.done = { ok: true, pending, effects: [...environment.lines.take(), ...effects] }
  } catch (error) {
    into.done = { ok: false, outcome: outcomeOfThrown(error), error }
  }
}

/**
 * Runs a schedule inside the guard. A time-out is its fault only when it happens twice: the clock is the wall's.
 * @param now milliseconds since 1970
 */
export function runSchedule(version: ScheduleVersion, state: State, now: number): ScheduleRun {
  const began = performance.now()
  for (let tries = 0; tries < 2; tries++) {
    const into: Attempt = { done: undefined }
    const returned = runGuarded(() => attempt(version, state, now, into), eventLimits.eventTimeMs)
    if (returned && into.done !== undefined) {
      version.durations.add((performance.now() - began) * 1_000)
      return into.done
    }
  }
  return { ok: false, outcome: 'exceededTime', error: undefined }
}
