import type { State } from '../../db/state/types.ts'
import type { TaskFunction, TaskStep } from '../openvnet/define.ts'
import type { TaskEnvironment } from '../openvnet/environment.ts'
import type { LoadedVersion } from './active-function.ts'
import { InvalidEffect, outcomeOfThrown } from './effect-checks.ts'
import { readEffects } from './effect-reader.ts'
import { runGuarded } from './guard.ts'
import type { HostEffect } from './host-effect.ts'
import { eventLimits, taskLimits } from './limits.ts'
import { LineBuffer } from './line-buffer.ts'
import type { Memory } from './memory.ts'
import type { Outcome } from './outcomes.ts'
import { PacketOutBuffer } from './packet-out-buffer.ts'
import { nextRandom, randomStep } from './random.ts'
import type { Exchange } from './udp-exchange.ts'

export type TaskVersion = LoadedVersion<TaskFunction>

export type StepRun =
  | {
      readonly ok: true
      readonly out: PacketOutBuffer
      readonly effects: readonly HostEffect[]
      /** What the task waits for; undefined: it is over. */
      readonly exchange: Exchange | undefined
    }
  | { readonly ok: false; readonly outcome: Outcome; readonly error: unknown }

/** What a task gets beside its step; another one for each run. */
class TaskRunEnvironment implements TaskEnvironment {
  readonly state: State
  readonly now: number
  readonly lines = new LineBuffer()
  readonly log = this.lines.logger
  readonly #memory: Memory
  // What tasks send must not be guessed: their numbers begin anywhere.
  #seed = crypto.getRandomValues(new Int32Array(1))[0]!

  constructor(state: State, now: number, memory: Memory) {
    this.state = state
    this.now = now
    this.#memory = memory
    Object.freeze(this)
  }

  random(): number {
    this.#seed = (this.#seed + randomStep) | 0
    return nextRandom(this.#seed)
  }

  remembered(key: string) {
    return this.#memory.recall(key, this.now)
  }
}

const isExchange = (effect: HostEffect): effect is Exchange => effect.type === 'exchange'

function attempt(version: TaskVersion, step: TaskStep, environment: TaskRunEnvironment): StepRun {
  try {
    const out = new PacketOutBuffer(256, eventLimits.packetOutBytesMax)
    const effects: HostEffect[] = []
    const result = version.definition.handle(step, environment)
    if (result !== undefined) readEffects(result, null, out, effects)
    if (out.count > eventLimits.packetOutsMax) throw new InvalidEffect(`${out.count} packet-outs`)
    const [exchange, second] = effects.filter(isExchange)
    if (second !== undefined) throw new InvalidEffect('a step waits for one exchange at most')
    if (exchange !== undefined && step.exchanges >= taskLimits.exchangesMax)
      throw new InvalidEffect(`more than ${taskLimits.exchangesMax} exchanges`)
    const others = effects.filter((effect) => !isExchange(effect))
    return { ok: true, out, effects: [...environment.lines.take(), ...others], exchange }
  } catch (error) {
    return { ok: false, outcome: outcomeOfThrown(error), error }
  }
}

/** Runs one step inside the guard. A time-out is its fault only when it happens twice: the clock is the wall's. */
export function runStep(version: TaskVersion, step: TaskStep, state: State, memory: Memory): StepRun {
  const began = performance.now()
  for (let tries = 0; tries < 2; tries++) {
    let done: StepRun | undefined
    const environment = new TaskRunEnvironment(state, Date.now(), memory)
    const returned = runGuarded(() => {
      done = attempt(version, step, environment)
    }, taskLimits.stepTimeMs)
    if (!returned || done === undefined) continue
    version.durations.add((performance.now() - began) * 1_000)
    return done
  }
  return { ok: false, outcome: 'exceededTime', error: undefined }
}
