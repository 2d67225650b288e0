/** Runs functions of no packet as a host does: inside the guard, with what they return read, checked and limited. */
import { LoadedVersion } from '../../runtime/dispatch/active-function.ts'
import { runEvent } from '../../runtime/dispatch/event-run.ts'
import type { FailedRun } from '../../runtime/dispatch/guarded-run.ts'
import type { HostEffect } from '../../runtime/dispatch/host-effect.ts'
import { Memory } from '../../runtime/dispatch/memory.ts'
import { runSchedule } from '../../runtime/dispatch/schedule-run.ts'
import type { EventName, EventOf } from '../../runtime/openvnet/events.ts'
import type { EventFunction, ScheduleFunction, State, SwitchReports } from '../../runtime/openvnet.ts'

const failed = ({ outcome, error }: FailedRun) => new Error(`${outcome}: ${error}`)

/** The clock is the wall's, and others run here, too: only what never gets through in its time is too slow. */
const attemptsMax = 8

function inTime<R extends { readonly ok: true }>(attempt: () => R | FailedRun): R | FailedRun {
  let run = attempt()
  for (let n = 1; n < attemptsMax && !run.ok && run.outcome === 'exceededTime'; n++) run = attempt()
  return run
}

/** A host with a state of its own, and what its functions remember. */
export class RealHost {
  readonly memory = new Memory()
  readonly state: State
  readonly #switches: SwitchReports
  readonly #now: number

  /** @param now milliseconds since 1970 */
  constructor(state: State, switches: SwitchReports, now: number) {
    this.state = state
    this.#switches = switches
    this.#now = now
  }

  /** What a run leaves to be done. Throws where it fails, or where anything of it is left out. */
  schedule(definition: ScheduleFunction, now = this.#now): readonly HostEffect[] {
    const version = new LoadedVersion(`schedules/${definition.name}`, 1, '', definition)
    const attempt = () => runSchedule(version, this.state, now, this.#switches, this.memory)
    const run = inTime(attempt)
    if (!run.ok) throw failed(run)
    if (run.refused !== undefined) throw run.refused
    return this.#apply(run.effects, now)
  }

  /** The same of an event; what it sends to the event's switch is not among that. */
  event<N extends EventName>(definition: EventFunction<N>, event: EventOf<N>): readonly HostEffect[] {
    const one = definition as unknown as EventFunction
    const version = new LoadedVersion(`events/${one.name}`, 1, '', one)
    const run = inTime(() => runEvent(version, event, this.state, this.#now))
    if (!run.ok) throw failed(run)
    return this.#apply(run.effects, this.#now)
  }

  #apply(effects: readonly HostEffect[], now: number) {
    for (const effect of effects) if (effect.type === 'remember') this.memory.remember(effect, now)
    return effects
  }
}
