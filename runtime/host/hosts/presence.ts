/**
 * This host among those that share its database. Each has a row that says that it lives, which switches are connected
 * to it and how far they are; outside of the change feed, so that it costs nobody a turn.
 */
import { randomUUID } from 'node:crypto'
import { type HostDatabase, type HostReport, HostTable, type OtherHost } from './host-table.ts'
import {
  appliedPollMs,
  awaitsLongerMs,
  deadHostKeptMs,
  farewellTimeoutMs,
  heartbeatMs,
  hostSilentMs,
  lookTimeoutMs,
} from './limits.ts'
import { Reports } from './reports.ts'

export interface PresenceOptions {
  readonly database: HostDatabase
  readonly report: () => HostReport
  /** Hears of the other hosts that live, with every heartbeat. */
  readonly onOthers: (others: readonly OtherHost[]) => void
}

/** How far datapaths are that other hosts serve. */
export interface RemoteApplied {
  /** Those that are connected to a host that lives; undefined: the database did not say. */
  readonly connected: ReadonlySet<number> | undefined
  /** Those of them that were connected when the wait began and have not acknowledged the revision. */
  readonly pending: ReadonlySet<number>
}

export class Presence {
  readonly #options: PresenceOptions
  readonly #table: HostTable
  readonly #reports: Reports
  #others: readonly OtherHost[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #closed = false
  /** When this host last reached the database. */
  #reachedMs = performance.now()
  /** When it began to say that it lives, the last time that it was heard, and the revision of the state by then. */
  #heard = { ms: Number.NEGATIVE_INFINITY, revision: 0 }
  /** After a time without the database everybody has been silent, for as long as that. */
  #forgiven = { ms: 0, untilMs: 0 }
  #awaitsUntilMs = 0
  #awaiting: Promise<void> | undefined
  #polling: Promise<readonly OtherHost[] | undefined> | undefined
  #polledMs = 0

  constructor(options: PresenceOptions) {
    this.#options = options
    this.#table = new HostTable(options.database, randomUUID())
    this.#reports = new Reports(this.#table, options.report)
  }

  /** Resolves when the others can know of this host, or the database is away again. */
  async start(): Promise<void> {
    await this.#table.forget(deadHostKeptMs).catch(() => {})
    await this.#beat()
  }

  /** The other hosts that live, as of the last heartbeat. */
  get others(): readonly OtherHost[] {
    return this.#others
  }

  /** Of the hosts that live one is the first; for a heartbeat or two after one has died it may be none, or two. */
  get isFirst(): boolean {
    return this.#others.every(({ id }) => id > this.#table.id)
  }

  /**
   * For how long the others may not have heard of this host, in ms. One whose state is older than what they had by then
   * has not heard of them either, which is the same.
   * @param revision of its state
   */
  unheardMs(revision: number): number {
    return revision < this.#heard.revision ? Number.POSITIVE_INFINITY : performance.now() - this.#heard.ms
  }

  /** A switch of this host has come, gone, or acknowledged something. */
  progress(): void {
    this.#reports.progress()
  }

  /** To be called, and waited for, before the commit that somebody will wait for. Never rejects. */
  async announceWait(timeoutMs: number): Promise<void> {
    const isAnnounced = () => performance.now() + timeoutMs < this.#awaitsUntilMs
    if (!isAnnounced()) await this.#awaiting
    if (isAnnounced()) return
    this.#awaiting = this.#announce(timeoutMs + awaitsLongerMs)
    await this.#awaiting
  }

  /** Resolves when every datapath that is connected to another host now has acknowledged `revision`, or after `timeoutMs`. */
  async whenApplied(revision: number, timeoutMs: number): Promise<RemoteApplied> {
    const deadlineMs = performance.now() + timeoutMs
    let awaited: ReadonlySet<number> | undefined
    let result: RemoteApplied = { connected: undefined, pending: new Set() }
    for (;;) {
      const others = await this.#poll()
      if (others !== undefined) {
        const applied = leastApplied(others)
        const connected = new Set(applied.keys())
        awaited ??= connected
        const pending = [...awaited].filter((id) => (applied.get(id) ?? revision) < revision)
        result = { connected, pending: new Set(pending) }
        if (pending.length === 0) return result
      }
      if (this.#closed || performance.now() >= deadlineMs) return result
    }
  }

  /** The others know at once that this host ends. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    const gone = this.#reports.close().then(() => this.#table.remove())
    await Promise.race([gone.catch(() => {}), Bun.sleep(farewellTimeoutMs)])
  }

  async #beat(): Promise<void> {
    const beganMs = performance.now()
    try {
      await this.#reports.write()
      this.#heard = { ms: beganMs, revision: await this.#table.revision() }
      const others = await this.#table.others(this.#silentMs())
      this.#reached()
      this.#others = others
      if (!this.#closed) this.#options.onOthers(others)
    } catch {
      // The store says that the database is away, and the others will find this host silent.
    }
    if (!this.#closed) this.#timer = setTimeout(() => void this.#beat(), heartbeatMs)
  }

  #reached(): void {
    const nowMs = performance.now()
    const silenceMs = nowMs - this.#reachedMs
    if (silenceMs > 2 * heartbeatMs) this.#forgiven = { ms: silenceMs, untilMs: nowMs + hostSilentMs }
    this.#reachedMs = nowMs
  }

  #silentMs(): number {
    const nowMs = performance.now()
    const forgivenMs = nowMs < this.#forgiven.untilMs ? this.#forgiven.ms : 0
    return hostSilentMs + Math.max(forgivenMs, nowMs - this.#reachedMs - heartbeatMs, 0)
  }

  async #announce(forMs: number): Promise<void> {
    const fromMs = performance.now()
    const announced = this.#table.await(forMs).then(
      () => {
        this.#awaitsUntilMs = fromMs + forMs
      },
      // Heartbeats tell it later.
      () => {},
    )
    await Promise.race([announced, Bun.sleep(lookTimeoutMs)])
  }

  /** One look for all that wait. */
  #poll(): Promise<readonly OtherHost[] | undefined> {
    this.#polling ??= this.#look().finally(() => {
      this.#polling = undefined
    })
    return this.#polling
  }

  async #look(): Promise<readonly OtherHost[] | undefined> {
    const pauseMs = this.#polledMs + appliedPollMs - performance.now()
    if (pauseMs > 0) await Bun.sleep(pauseMs)
    this.#polledMs = performance.now()
    const others = this.#table.others(this.#silentMs()).catch(() => undefined)
    return Promise.race([others, Bun.sleep(lookTimeoutMs).then(() => undefined)])
  }
}

/** A datapath that several hosts serve is as far as the one that is furthest behind: that one may still send what is older. */
function leastApplied(hosts: readonly OtherHost[]): Map<number, number> {
  const applied = new Map<number, number>()
  for (const host of hosts)
    for (const [id, revision] of host.applied)
      applied.set(id, Math.min(revision, applied.get(id) ?? Number.POSITIVE_INFINITY))
  return applied
}
