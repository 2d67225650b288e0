import { createDraft, type PendingDraft } from '../../db/state/draft.ts'
import type { State } from '../../db/state/types.ts'
import type { EventFunction } from '../openvnet/define.ts'
import type { NetworkEvent } from '../openvnet/events.ts'
import type { LoadedVersion } from './active-function.ts'
import { type CollectedEffects, collectEffects, type FailedRun, runTwice } from './guarded-run.ts'
import { eventLimits } from './limits.ts'
import { checkedWrites, RunEnvironment } from './run-environment.ts'

export type EventVersion = LoadedVersion<EventFunction>

export interface EventRun extends CollectedEffects {
  readonly ok: true
  readonly pending: PendingDraft
}

/** Runs an event function on a draft of its own, inside the guard. */
export const runEvent = (
  version: EventVersion,
  event: NetworkEvent,
  state: State,
  now: number,
): EventRun | FailedRun =>
  runTwice(version, eventLimits.eventTimeMs, () => {
    const pending = createDraft(state, now)
    const environment = new RunEnvironment(pending.draft, now)
    const { out, effects } = collectEffects(version.definition.handle(event, environment), {
      effectsMax: eventLimits.eventEffectsMax,
    })
    checkedWrites(pending)
    return { ok: true, pending, out, effects: [...environment.lines.take(), ...effects] }
  })
