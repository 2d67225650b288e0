import type { PendingDraft } from '../../db/state/draft.ts'
import type { State } from '../../db/state/types.ts'
import type { ScheduleFunction } from '../openvnet/define.ts'
import type { HandlerResult } from '../openvnet/effects.ts'
import type { SwitchReports } from '../openvnet/environment.ts'
import type { LoadedVersion } from './active-function.ts'
import { InvalidEffect } from './effect-checks.ts'
import { readEachEffect } from './effect-reader.ts'
import { type FailedRun, runTwice } from './guarded-run.ts'
import type { HostEffect } from './host-effect.ts'
import { eventLimits } from './limits.ts'
import type { Memory } from './memory.ts'
import { PacketOutBuffer } from './packet-out-buffer.ts'
import { SchedulingEnvironment } from './run-environment.ts'

export type ScheduleVersion = LoadedVersion<ScheduleFunction>

export interface ScheduleRun {
  readonly ok: true
  /** undefined: it wrote nothing. */
  readonly pending: PendingDraft | undefined
  readonly effects: readonly HostEffect[]
  /** What was wrong with the first effect that was left out. */
  readonly refused: InvalidEffect | undefined
}

/** Reads what a run returned; inside the guard. Throws InvalidEffect, where it is not about several rows. */
function collect(result: HandlerResult) {
  const out = new PacketOutBuffer(256, eventLimits.packetOutBytesMax)
  const effects: HostEffect[] = []
  const refused = result === undefined ? undefined : readEachEffect(result, out, effects)
  if (out.count > 0)
    throw new InvalidEffect('packet-outs of a schedule that do not say on which datapath (sendOn)')
  if (effects.some(({ type }) => type === 'exchange'))
    throw new InvalidEffect('exchange, and only tasks can wait for one')
  return { effects, refused }
}

/**
 * Runs a schedule inside the guard. Where it writes, its effects are one with that: all of them, or none.
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
    const { effects, refused } = collect(version.definition.handle(environment))
    const pending = environment.written()
    if (refused !== undefined && pending !== undefined) throw refused
    return { ok: true, pending, effects: [...environment.lines.take(), ...effects], refused }
  })
