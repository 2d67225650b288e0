import type { State } from '../../db/state/types.ts'
import type { TaskFunction, TaskStep } from '../openvnet/define.ts'
import type { LoadedVersion } from './active-function.ts'
import { InvalidEffect } from './effect-checks.ts'
import { type CollectedEffects, collectEffects, type FailedRun, runTwice } from './guarded-run.ts'
import type { HostEffect } from './host-effect.ts'
import { taskLimits } from './limits.ts'
import type { Memory } from './memory.ts'
import { RememberingEnvironment } from './run-environment.ts'
import type { Exchange } from './udp-exchange.ts'

export type TaskVersion = LoadedVersion<TaskFunction>

export interface StepRun extends CollectedEffects {
  readonly ok: true
  /** What the task waits for; undefined: it is over. */
  readonly exchange: Exchange | undefined
}

const isExchange = (effect: HostEffect): effect is Exchange => effect.type === 'exchange'

/** Runs one step inside the guard. */
export const runStep = (
  version: TaskVersion,
  step: TaskStep,
  state: State,
  memory: Memory,
): StepRun | FailedRun =>
  runTwice(version, taskLimits.stepTimeMs, () => {
    const environment = new RememberingEnvironment(state, Date.now(), memory)
    const { out, effects } = collectEffects(version.definition.handle(step, environment), { mayWait: true })
    const [exchange, second] = effects.filter(isExchange)
    if (second !== undefined) throw new InvalidEffect('a step waits for one exchange at most')
    if (exchange !== undefined && step.exchanges >= taskLimits.exchangesMax)
      throw new InvalidEffect(`more than ${taskLimits.exchangesMax} exchanges`)
    const others = effects.filter((effect) => !isExchange(effect))
    return { ok: true, out, effects: [...environment.lines.take(), ...others], exchange }
  })
