/** The store thread's loop: takes what is waiting, commits it in one transaction, tells everybody what changed. */
import type { Problem } from '../../runtime/problem.ts'
import { migrations } from '../migrations.ts'
import type { Snapshot } from '../state/view.ts'
import {
  type Backend,
  type FeedRow,
  type GroupOutcome,
  type Place,
  type Position,
  Unavailable,
} from './backend.ts'
import { commitPlanned, explainRefusal, type Group, planGroup, type Waiting } from './group.ts'
import { changesAsText, Mirror, textOfChanges } from './mirror.ts'
import { raiseRevision, rowsAfter } from './position.ts'
import { probe } from './probe.ts'
import type { ChangeBatch, Job, Reply, StoreSettings } from './protocol.ts'
import type { Sequences } from './statements.ts'

/** Jobs and writes in one transaction: enough to share its cost, few enough to keep nobody waiting. */
const groupJobs = 128
const groupWrites = 2_000
/** A group that finds other writers faster this often in a row gives up. */
const staleAttempts = 20
/** Another writer's commit can be in the way a moment before it can be read: the pause before the next attempt, doubling. */
const firstUnseenPauseMs = 1
const longestUnseenPauseMs = 50
/** Pauses between attempts to reach a database that is away. */
const firstBackOffMs = 50
const longestBackOffMs = 2_000
/** The mirror follows when nothing was asked for this long. */
const idleMs = 20
/** The feed is cut when it is this much longer than it must be: one cut for many commits. */
const compactionSlack = 10_000

/** Where the engine's news goes: the host thread, in order. */
export interface Outlet {
  changes(batch: ChangeBatch): void
  availability(problem: Problem | null): void
}

export class Engine {
  private readonly queue: Waiting[] = []
  private running = false
  private idle: Timer | undefined
  private turning: Promise<void> = Promise.resolve()
  private behind = false
  private away: Problem | null = null
  private closing = false
  private oldestKept: number
  private sequences: Sequences
  private readonly stopWatching: () => void
  private readonly backend: Backend
  private readonly mirror: Mirror
  private readonly settings: StoreSettings
  private readonly outlet: Outlet
  /** The last change that is known here. */
  private place: Place

  static async start(backend: Backend, settings: StoreSettings, outlet: Outlet): Promise<Engine> {
    const raw = await backend.snapshot()
    return new Engine(backend, new Mirror(raw), raw, settings, outlet)
  }

  private constructor(
    backend: Backend,
    mirror: Mirror,
    position: Position,
    settings: StoreSettings,
    outlet: Outlet,
  ) {
    this.backend = backend
    this.mirror = mirror
    this.settings = settings
    this.outlet = outlet
    this.place = placeOf(position)
    this.oldestKept = position.oldest ?? position.revision + 1
    this.sequences = new Map(position.sequences)
    const look = () => {
      this.behind = true
      this.wake()
    }
    this.stopWatching = backend.watch(look)
    look()
  }

  commit(id: number, job: Job): void {
    if (this.away !== null) this.refuse([{ id, job }], this.away)
    else this.queue.push({ id, job })
    this.wake()
  }

  /** Answers what came in the place of a job. */
  refuseNonsense(id: number): void {
    const problem = { what: 'this is no job', where: 'the database' }
    const result = { ok: false, kind: 'constraint', problem, table: undefined, columns: [] } as const
    this.outlet.changes({ changes: '[]', revision: this.revision, replies: [{ id, result }] })
  }

  /** Everything, at the revision of the last batch that went out. */
  snapshot(): Snapshot {
    return this.mirror.snapshot()
  }

  /** Ends after the transaction that is under way. */
  async close(): Promise<void> {
    this.closing = true
    clearTimeout(this.idle)
    this.stopWatching()
    await this.turning
  }

  /** Work begins in the next turn, so that all messages that have arrived are in the first group. */
  private wake(): void {
    if (this.closing || this.running || this.away !== null) return
    this.running = true
    setImmediate(() => {
      this.turning = this.turn()
    })
  }

  private async turn(): Promise<void> {
    try {
      if (this.queue.length > 0) await this.commitGroup()
      else if (this.behind) await this.catchUp()
      await this.compact()
      this.settleWhenIdle()
    } catch (error) {
      this.goAway(problemOf(error))
    } finally {
      this.running = false
    }
    if (!this.closing && (this.queue.length > 0 || this.behind)) this.wake()
  }

  private settleWhenIdle(): void {
    clearTimeout(this.idle)
    if (!this.closing) this.idle = setTimeout(() => this.mirror.settle(), idleMs)
  }

  private takeGroup(): Waiting[] {
    const group: Waiting[] = []
    let writes = 0
    for (const waiting of this.queue) {
      writes += waiting.job.writes.length
      if (group.length > 0 && (group.length === groupJobs || writes > groupWrites)) break
      group.push(waiting)
    }
    this.queue.splice(0, group.length)
    return group
  }

  private async commitGroup(): Promise<void> {
    const waiting = this.takeGroup()
    try {
      let pauseMs = firstUnseenPauseMs
      for (let attempt = 1; ; attempt++) {
        const group = planGroup(waiting, this.mirror, this.sequences)
        const outcome = await commitPlanned(this.backend, group.planned, this.place)
        if (outcome.kind === 'done') return this.finish(group, outcome)
        if (attempt === staleAttempts) throw new Unavailable(contended)
        const { revision } = this
        await this.catchUp()
        if (this.revision > revision) continue
        await Bun.sleep(pauseMs)
        pauseMs = Math.min(pauseMs * 2, longestUnseenPauseMs)
      }
    } catch (error) {
      const problem = problemOf(error)
      this.refuse(waiting, problem)
      if (problem !== contended) throw new Unavailable(problem)
    }
  }

  private finish(group: Group, outcome: Extract<GroupOutcome, { kind: 'done' }>): void {
    const changes = this.take(outcome.rows)
    const replies = group.planned.map(({ id, resolved }, at): Reply => {
      const error = outcome.errors[at]
      if (error !== undefined) return { id, result: explainRefusal(error, resolved.writes, this.mirror.view) }
      return { id, result: { ok: true, revision: this.revision, ids: resolved.ids } }
    })
    this.outlet.changes({ changes, revision: this.revision, replies: [...replies, ...group.replies] })
  }

  /** The rows as the text that goes out; the mirror follows when there is time. */
  private take(rows: readonly FeedRow[]): string {
    const text = changesAsText(rows)
    const last = rows.at(-1)
    if (last !== undefined) {
      this.place = { revision: last[0], mark: last[5] }
      this.mirror.add(text, this.revision)
    }
    return text
  }

  /** Reads what other writers did; if the feed no longer says, compares everything. */
  private async catchUp(): Promise<void> {
    this.behind = false
    // With the last change that is known here: it shows whether the feed goes on from there.
    const found = await this.backend.catchUp(this.revision - 1)
    if (found.migrations !== migrations.length) throw new Unavailable(migratedMeanwhile)
    this.follow(found)
    const rows = rowsAfter(this.place, found)
    if (rows === undefined) return this.reload()
    if (rows.length === 0) return
    this.outlet.changes({ changes: this.take(rows), revision: this.revision, replies: [] })
  }

  private get revision(): number {
    return this.place.revision
  }

  private async reload(): Promise<void> {
    await this.backend.transaction(raiseRevision(this.revision))
    const raw = await this.backend.snapshot()
    const text = textOfChanges(this.mirror.difference(raw))
    this.follow(raw)
    this.place = placeOf(raw)
    this.mirror.add(text, raw.revision)
    this.outlet.changes({ changes: text, revision: raw.revision, replies: [] })
  }

  private follow(position: Position): void {
    this.sequences = new Map(position.sequences)
    this.oldestKept = position.oldest ?? position.revision + 1
  }

  private async compact(): Promise<void> {
    if (this.revision - this.oldestKept < this.settings.keptChanges + compactionSlack) return
    const oldest = this.revision - this.settings.keptChanges + 1
    await this.backend.transaction([{ sql: 'DELETE FROM changes WHERE revision < ?', parameters: [oldest] }])
    this.oldestKept = oldest
  }

  /** Everybody who waits learns it at once; the database is tried again until it is back. */
  private goAway(problem: Problem): void {
    this.away = problem
    const waiting = this.queue.splice(0)
    this.outlet.availability(problem)
    this.refuse(waiting, problem)
    this.tryAgain(firstBackOffMs)
  }

  private tryAgain(pauseMs: number): void {
    setTimeout(async () => {
      if (this.closing) return
      try {
        await this.catchUp()
        for (const statements of probe) await this.backend.transaction(statements)
      } catch (error) {
        this.away = problemOf(error)
        return this.tryAgain(Math.min(pauseMs * 2, longestBackOffMs))
      }
      this.away = null
      this.outlet.availability(null)
      this.wake()
    }, pauseMs)
  }

  private refuse(waiting: readonly Waiting[], problem: Problem): void {
    const replies = waiting.map(
      ({ id }): Reply => ({ id, result: { ok: false, kind: 'unavailable', problem } }),
    )
    if (replies.length > 0) this.outlet.changes({ changes: '[]', revision: this.revision, replies })
  }
}

const placeOf = ({ revision, mark }: Position): Place => ({ revision, mark })

const contended: Problem = {
  what: 'other writers were always faster',
  where: 'the database',
  hint: 'Try again in a moment.',
}
const migratedMeanwhile: Problem = {
  what: 'the database has been migrated to another version of this program meanwhile',
  where: 'the database',
  hint: 'Restart this host with that version.',
}

const problemOf = (error: unknown): Problem =>
  error instanceof Unavailable
    ? error.problem
    : { what: `the database answered an error: ${String(error)}`, where: 'the database' }
