import type { PendingDraft } from '../../db/state/draft.ts'
import type { State } from '../../db/state/types.ts'
import type { ScheduleFunction } from '../openvnet/define.ts'
import type { SwitchReports } from '../openvnet/environment.ts'
import type { LoadedVersion } from './active-function.ts'
import { InvalidEffect } from './effect-checks.ts'
import { collectEffects, type FailedRun, runTwice } from './guarded-run.ts'
import type { HostEffect } from './host-effect.ts'
import { eventLimits } from './limits.ts'
import type { Memory } from './memory.ts'
import { SchedulingEnvironment } from './run-environment.ts'

export type ScheduleVersion = LoadedVersion<ScheduleFunction>

export interface ScheduleRun {
  readonly ok: true
  /** undefined: it wrote nothing. */
  readonly pending: PendingDraft | undefined
  readonly effects: readonly HostEffect[]
}

/**
 * Runs a schedule inside the guard.
 * @param now milliseconds since 1970
 */
export const runSchedule = (
  version: ScheduleVersion,
  state: State,
  now: number,
  switches: SwitchReports,
  memory: Memory,
): ScheduleRun | FailedRun =>
  runTwice(version, eventLimits.eventTimeMs, () => {
    const environment = new SchedulingEnvironment(state, now, switches, memory)
    const { out, effects } = collectEffects(version.definition.handle(environment))
    if (out.count > 0)
      throw new InvalidEffect('packet-outs of a schedule that do not say on which datapath (sendOn)')
    return { ok: true, pending: environment.written(), effects: [...environment.lines.take(), ...effects] }
  })
