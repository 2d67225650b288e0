import type { PendingDraft } from '../../db/state/draft.ts'
import type { State } from '../../db/state/types.ts'
import type { Logger } from '../log.ts'
import type { SwitchReports } from '../openvnet/environment.ts'
import { describe } from '../problem.ts'
import { EffectApplier, type EffectHooks } from './effect-applier.ts'
import type { FunctionFailures } from './function-failures.ts'
import type { FunctionRegistry } from './function-registry.ts'
import { eventLimits, scheduleLimits } from './limits.ts'
import { Memory } from './memory.ts'
import type { Commit } from './packet-commits.ts'
import { runSchedule, type ScheduleVersion } from './schedule-run.ts'

const noSwitches: SwitchReports = {
  ...{ applied: new Map(), here: new Set() },
  ...{ silentMs: new Map(), undeletedMs: 0, unheardMs: 0 },
}

export interface ScheduleRunnerOptions {
  readonly registry: FunctionRegistry
  readonly failures: FunctionFailures
  /** The newest state. */
  readonly state: () => State
  readonly commit: Commit
  /** How the switches are when a run begins. Default: none is connected. */
  readonly switches?: () => SwitchReports
  /** Shared with the dispatchers; default: its own. */
  readonly memory?: Memory
  readonly log: Logger
  readonly hooks?: EffectHooks
  /** Whether schedules are this host's to run, among those that share its database. Default: always. */
  readonly mayRun?: () => boolean
}

/**
 * Runs schedules when they are due. A function's next run begins after its last one is committed; what was due
 * meanwhile, or while other hosts ran it, is not made up for.
 */
export class ScheduleRunner {
  readonly #options: ScheduleRunnerOptions
  readonly #memory: Memory
  readonly #applier: EffectApplier
  /** When each function is to run, in ms of `performance.now()`. */
  readonly #dueMs = new Map<string, number>()
  readonly #running = new Set<string>()
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(options: ScheduleRunnerOptions) {
    this.#options = options
    this.#memory = options.memory ?? new Memory()
    this.#applier = new EffectApplier(options.log, this.#memory, options.hooks ?? {})
  }

  /** From now on there is a state. Each function's first run is one interval later. */
  start() {
    this.#timer ??= setInterval(() => this.#tick(), scheduleLimits.tickMs)
    this.#timer.unref()
  }

  close() {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #tick() {
    const nowMs = performance.now()
    for (const { name, current } of this.#options.registry.schedules) {
      const dueMs = this.#dueMs.get(name) ?? nowMs + (current?.definition.every_ms ?? 0)
      if (nowMs < dueMs || current === undefined || this.#running.has(name)) {
        this.#dueMs.set(name, dueMs)
        continue
      }
      this.#dueMs.set(name, nowMs + current.definition.every_ms)
      if (current.definition.every_host || this.#options.mayRun?.() !== false) void this.#begin(name, current)
    }
  }

  /** Never rejects: a fault of ours costs this run. */
  async #begin(name: string, version: ScheduleVersion) {
    this.#running.add(name)
    try {
      await this.run(version, Date.now())
    } catch (error) {
      version.counts.exception++
      this.#options.log.error('a run of a schedule was lost by a fault of the dispatcher', {
        function: version.id,
        error: `${error}`,
      })
    }
    this.#running.delete(name)
  }

  /**
   * Runs a function once, on newer state again where others change what it read. Resolves when its writes are durable,
   * or it has failed.
   * @param now milliseconds since 1970
   */
  async run(version: ScheduleVersion, now: number): Promise<void> {
    for (let run = 1; run <= eventLimits.conflictRunsMax; run++) {
      const result = runSchedule(
        version,
        this.#options.state(),
        now,
        this.#options.switches?.() ?? noSwitches,
        this.#memory,
      )
      if (!result.ok) return this.#options.failures.failed(version, result.outcome, result.error)
      const { pending, effects } = result
      const answer = pending && (await this.#options.commit(jobOf(pending)))
      if (answer === undefined || answer.ok) {
        version.counts.ok++
        if (result.refused !== undefined) this.#refused(version, result.refused)
        return this.#applier.apply(version, effects)
      }
      if (answer.kind === 'constraint')
        return this.#options.failures.failed(version, 'invalidEffects', describe(answer.problem))
      if (answer.kind === 'unavailable') break
    }
    // It is due again soon, and by then others are done, or the database is back.
    version.counts.loadShed++
  }

  /** It is no reason to set the function aside: the others of the run were right. */
  #refused(version: ScheduleVersion, { message }: Error) {
    version.counts.invalidEffects++
    this.#options.log.warn('an effect of a schedule was left out', { function: version.id, error: message })
  }
}

const jobOf = ({ draft, writes, reads }: PendingDraft) => ({ writes, reads, revision: draft.revision })
