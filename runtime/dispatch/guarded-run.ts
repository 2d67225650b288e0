import type { HandlerResult } from '../openvnet/effects.ts'
import type { LoadedVersion } from './active-function.ts'
import { InvalidEffect, outcomeOfThrown } from './effect-checks.ts'
import { readEffects } from './effect-reader.ts'
import { runGuarded } from './guard.ts'
import type { HostEffect } from './host-effect.ts'
import { eventLimits } from './limits.ts'
import type { Outcome } from './outcomes.ts'
import { PacketOutBuffer } from './packet-out-buffer.ts'

/** A function that did not get through its event: the event has no effect at all. */
export interface FailedRun {
  readonly ok: false
  readonly outcome: Outcome
  readonly error: unknown
}

/**
 * Calls a function of no packet inside the guard. A time-out is its fault only when it happens twice: the clock is the
 * wall's. So each attempt makes anew what it changes, and what it gives is taken only when it is complete.
 */
export function runTwice<T>(version: LoadedVersion, timeoutMs: number, attempt: () => T): T | FailedRun {
  const began = performance.now()
  for (let tries = 0; tries < 2; tries++) {
    let done: { readonly value: T | FailedRun } | undefined
    const returned = runGuarded(() => {
      try {
        done = { value: attempt() }
      } catch (error) {
        done = { value: { ok: false, outcome: outcomeOfThrown(error), error } }
      }
    }, timeoutMs)
    if (!returned || done === undefined) continue
    version.durations.add((performance.now() - began) * 1_000)
    return done.value
  }
  return { ok: false, outcome: 'exceededTime', error: undefined }
}

/** What a handler returned, checked and copied. */
export interface CollectedEffects {
  /** For the switch that the run is about. */
  readonly out: PacketOutBuffer
  readonly effects: readonly HostEffect[]
}

interface CollectOptions {
  readonly effectsMax?: number
  /** It may end with exchanges. */
  readonly mayWait?: boolean
}

/** Reads what a handler returned; inside the guard. Throws InvalidEffect. */
export function collectEffects(
  result: HandlerResult,
  { effectsMax, mayWait = false }: CollectOptions = {},
): CollectedEffects {
  const out = new PacketOutBuffer(256, eventLimits.packetOutBytesMax)
  const effects: HostEffect[] = []
  if (result !== undefined) readEffects(result, null, out, effects, effectsMax)
  if (out.count > eventLimits.packetOutsMax)
    throw new InvalidEffect(`${out.count} packet-outs, of at most ${eventLimits.packetOutsMax}`)
  if (!mayWait && effects.some(({ type }) => type === 'exchange'))
    throw new InvalidEffect('exchange, and only tasks can wait for one')
  return { out, effects }
}
