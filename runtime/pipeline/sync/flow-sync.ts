/**
 * Keeps one switch equal to what its datapath is to have, for as long as it is connected: reads it when it joins and
 * sends the difference, then every delta of the engine, one bundle at a time, what comes meanwhile in the next. Never
 * remembers over a disconnect: whatever happened then, the next join reads again.
 */
import type { Logger } from '../../log.ts'
import { describe, failure, type Problem, type Result } from '../../problem.ts'
import type { Delta, Desired } from '../engine/delta.ts'
import { applyEdits, type Installed } from './apply.ts'
import { Audit } from './audit.ts'
import { Edits, editsOf } from './edits.ts'
import type { SyncLimits } from './limits.ts'
import { Quarantine, type Refusal } from './quarantine.ts'
import { Revisions } from './revisions.ts'
import { newSyncStatistics } from './statistics.ts'
import type { SwitchPort } from './switch-port.ts'
import { diffTables, type OwnTables } from './table-diff.ts'
import { claimsIn } from './zones.ts'

export interface FlowSyncOptions {
  readonly port: SwitchPort
  /** What the datapath is to have now; undefined: it is not registered (any more), and nothing is touched. */
  readonly desired: () => Desired | undefined
  readonly ownTables: OwnTables
  readonly limits: SyncLimits
  readonly log: Logger
  /** Hears of what the switch refuses. */
  readonly onProblem: (problem: Problem) => void
  /** Whether all else that is to be there beside flows is: until then no revision counts as applied. */
  readonly isComplete?: () => boolean
  /** A later revision is acknowledged. */
  readonly onApplied?: () => void
  /** 0 to 1, for spreading audits. */
  readonly random: () => number
}

const notInStep: Problem = { what: 'the switch does not come in step', where: 'flow sync' }

export class FlowSync {
  readonly statistics = newSyncStatistics()
  readonly #options: FlowSyncOptions
  readonly #revisions: Revisions
  readonly #quarantine = new Quarantine()
  readonly #audit: Audit
  #installed: Installed = { groups: new Set(), meters: new Set(), claims: new Set() }
  #pending = new Edits()
  #inFlight = new Edits()
  /** The revision that `desired` is at. */
  #latest = -1
  /** How often `desired` has changed. */
  #deltas = 0
  #known = false
  #busy = false
  /** The last run; it has ended where nobody is busy. */
  #running: Promise<void> = Promise.resolve()
  #closed = false
  #wake: (() => void) | undefined

  constructor(options: FlowSyncOptions) {
    this.#options = options
    this.#revisions = new Revisions(options.limits.waitersMax, options.onApplied)
    this.#audit = new Audit({
      ...options,
      unsettled: () => this.#unsettled(),
      repair: (edits) => this.#repair(edits),
    })
  }

  /**
   * Begins: reads the switch and sends what differs. `desired` is at `revision`. Waits for `predecessor`, which may be
   * sending over the same connection: what it sends must be there when the switch is read.
   */
  start(revision: number, predecessor?: Promise<void>): void {
    this.#latest = revision
    this.#kick(predecessor)
    this.#audit.plan()
  }

  /** Resolves when nothing is being sent any more. */
  get idle(): Promise<void> {
    return this.#running
  }

  /** `desired` has come to `revision`, by `delta`; an empty one counts as applied as soon as what was before it is. */
  push(delta: Delta | undefined, revision: number): void {
    if (this.#closed) return
    this.#latest = revision
    if (delta) this.#deltas++
    // Before the switch is known, the difference to `desired` is made when it is; that covers this delta.
    if (delta && this.#known) this.#admit(this.#quarantine.admit(editsOf(delta)))
    this.#kick()
  }

  /** The last revision all of whose flows the switch has acknowledged, but for `refusals`; -1 before the first. */
  get appliedRevision(): number {
    return this.#revisions.applied
  }

  /** True once the switch has acknowledged `revision` or a later one; false after `timeoutMs` or when the switch is gone. */
  whenApplied(revision: number, timeoutMs: number): Promise<boolean> {
    return this.#closed ? Promise.resolve(false) : this.#revisions.when(revision, timeoutMs)
  }

  /** What the switch refuses, by unit. */
  get refusals(): readonly Refusal[] {
    return this.#quarantine.refusals
  }

  /**
   * Reads the switch: the edits that would make it as desired, refused ones included. For tests and audits on request.
   * What is desired may change while the switch is read; then it is read again, a few times at most.
   */
  async compare(): Promise<Result<Edits>> {
    const { port, limits, desired, ownTables } = this.#options
    for (let reading = 1; ; reading++) {
      if (!(await this.#settled(limits.readTimeoutMs))) return failure(notInStep)
      const deltas = this.#deltas
      const read = await port.read(limits.readTimeoutMs)
      if (!read.ok) return read
      if (deltas !== this.#deltas && reading < limits.readingsMax) continue
      const wanted = desired()
      return { ok: true, value: wanted ? diffTables(read.value, wanted, ownTables) : new Edits() }
    }
  }

  /** False: something is still being sent, or tried again, after `timeoutMs`. */
  async #settled(timeoutMs: number): Promise<boolean> {
    let late = false
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(() => {
      late = true
      resolve()
    }, timeoutMs)
    while (this.#busy && !this.#closed && !late) await Promise.race([this.#running, promise])
    clearTimeout(timer)
    return !late
  }

  /** Audits now: reads, compares, repairs. Resolves to the number of repairs; 0 too when it cannot be done now. */
  audit(): Promise<number> {
    return this.#audit.run()
  }

  /** The switch is gone, or no longer ours. Nothing is sent any more. */
  close(): void {
    this.#closed = true
    this.#audit.stop()
    this.#revisions.end()
    this.#wake?.()
  }

  #kick(predecessor?: Promise<void>): void {
    if (this.#busy || this.#closed) return
    this.#busy = true
    this.#running = this.#run(predecessor)
  }

  /** Until there is nothing to do, or the end. */
  async #run(predecessor?: Promise<void>): Promise<void> {
    if (predecessor) await predecessor
    for (let failures = 0; !this.#closed; ) {
      const revision = this.#latest
      if (this.#known && this.#pending.size === 0) {
        // Who pushes from now on begins another run: with an `await` in between, a push would find nobody.
        this.#busy = false
        return this.#acknowledged(revision)
      }
      const step = this.#known ? this.#flush(revision) : this.#read()
      const problem = await step.catch((error: unknown) => this.#fault(error))
      if (!problem) failures = 0
      else if (!this.#closed) await this.#failed(problem, failures++)
    }
  }

  /** A fault of our own must not cost the host, nor leave the switch as it is. */
  #fault(error: unknown): Problem {
    this.#known = false
    this.#audit.cancel()
    const problem = { what: `the synchroniser failed: ${error}`, where: 'flow sync' }
    this.#options.onProblem(problem)
    return problem
  }

  #acknowledged(revision: number): void {
    if (this.#options.isComplete?.() ?? true) this.#revisions.advance(revision)
  }

  /** Sends what is pending. Answers a problem if it is unknown what became of it. */
  async #flush(revision: number): Promise<Problem | undefined> {
    const { port, limits, onProblem } = this.#options
    const edits = this.#pending
    this.#inFlight = edits
    this.#pending = new Edits()
    const { refusals, unknown } = await applyEdits(port, edits, this.#installed, limits)
    this.#inFlight = new Edits()
    if (this.#closed) return undefined
    for (const { owner, problem } of refusals) {
      if (owner !== undefined) this.#quarantine.add(owner, problem, edits)
      onProblem(problem)
    }
    // What came meanwhile may change a unit that was refused: it is tried again together with that.
    if (refusals.length > 0) this.#pending = this.#quarantine.admit(this.#pending)
    this.statistics.flushes++
    this.statistics.edits += edits.size
    this.statistics.refusals += refusals.length
    if (unknown) {
      this.#known = false
      this.#audit.cancel()
      return unknown
    }
    this.#acknowledged(revision)
    return undefined
  }

  /** Reads the switch and plans the difference. */
  async #read(): Promise<Problem | undefined> {
    const { port, limits, desired, ownTables, log } = this.#options
    const startedMs = performance.now()
    const read = await port.read(limits.readTimeoutMs)
    if (!read.ok) return read.problem
    const wanted = desired()
    if (!wanted) {
      log.warn('the datapath is not registered: its switch is left alone')
      this.close()
    }
    if (this.#closed || !wanted) return undefined
    const { groups, meters } = read.value
    this.#installed = {
      groups: new Set(groups.map(({ key }) => key)),
      meters: new Set(meters.map(({ key }) => key)),
      // Whoever had them: what is put now may be in the place of another's.
      claims: new Set(claimsIn(wanted.flows.values())),
    }
    this.#quarantine.release()
    this.#pending = diffTables(read.value, wanted, ownTables)
    this.#known = true
    this.statistics.resyncs++
    log.info('switch read', {
      flows: wanted.flows.size,
      differences: this.#pending.size,
      ms: Math.round(performance.now() - startedMs),
    })
    return undefined
  }

  async #failed(problem: Problem, failures: number): Promise<void> {
    const { resyncDelayMinMs, resyncDelayMaxMs } = this.#options.limits
    const delayMs = Math.min(resyncDelayMinMs * 2 ** failures, resyncDelayMaxMs)
    this.#options.log.warn('switch not in step, reads it again', { problem: describe(problem), delayMs })
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delayMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #admit(edits: Edits): void {
    this.#audit.touch(edits)
    this.#pending.merge(edits)
  }

  /** What was drawn up to make good a drift; what was refused is tried again with it. */
  #repair(edits: Edits): void {
    if (this.#closed || !this.#known) return
    const again = this.#quarantine.release()
    again.merge(edits)
    this.statistics.drifts += edits.size
    this.#pending.merge(again)
    this.#kick()
  }

  /** Everything that the switch may not have yet; undefined while it is not known anyway. */
  #unsettled(): Edits | undefined {
    if (!this.#known || this.#closed) return undefined
    this.statistics.audits++
    const edits = new Edits()
    for (const some of [this.#inFlight, this.#pending, this.#quarantine.withheld]) edits.merge(some)
    return edits
  }
}
