/** Tells the other hosts how far the switches of this one are: soon while one of them waits, else with the heartbeat. */
import type { HostReport, HostTable } from './host-table.ts'
import { hostSilentMs, reportIntervalMs, reportIntervalPerHostMs } from './limits.ts'

export class Reports {
  readonly #table: HostTable
  readonly #report: () => HostReport
  /** Ids of the datapaths that the last report named. */
  #named = ''
  #written: Promise<void> = Promise.resolve()
  #progress = false
  #busy = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #lastMs = 0
  #awaitedUntilMs = 0
  #hosts = 1
  #closed = false

  constructor(table: HostTable, report: () => HostReport) {
    this.#table = table
    this.#report = report
  }

  /** Something is further than it was: costs nothing but a timer. */
  progress(): void {
    this.#progress = true
    if (this.#closed || this.#busy || this.#timer !== undefined) return
    const intervalMs = Math.max(reportIntervalMs, this.#hosts * reportIntervalPerHostMs)
    const delayMs = Math.max(0, this.#lastMs + intervalMs - performance.now())
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.#tell()
    }, delayMs)
  }

  /**
   * Writes the report, whoever wants it; one after the other, so that an older one never takes the place of a newer.
   * Throws what the store throws.
   */
  write(): Promise<void> {
    const written = this.#written.then(() => this.#write())
    this.#written = written.catch(() => {})
    return written
  }

  /** Resolves when nothing is written any more. */
  close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    return this.#written
  }

  async #write(): Promise<void> {
    if (this.#closed) return
    const report = this.#report()
    await this.#table.write(report)
    this.#named = namesOf(report)
  }

  async #tell(): Promise<void> {
    this.#busy = true
    this.#progress = false
    this.#lastMs = performance.now()
    try {
      // Who has come or gone is told at once: nobody is to wait for a switch that is away.
      if (namesOf(this.#report()) !== this.#named || (await this.#isAwaited())) await this.write()
    } catch {
      // The database is away; the next heartbeat tells it.
    } finally {
      this.#busy = false
      if (this.#progress) this.progress()
    }
  }

  /** Asked after the flows were acknowledged: who said before its commit that it waits is never missed. */
  async #isAwaited(): Promise<boolean> {
    if (performance.now() < this.#awaitedUntilMs) return true
    const { hosts, forMs } = await this.#table.awaited(hostSilentMs)
    this.#hosts = hosts
    this.#awaitedUntilMs = performance.now() + forMs
    return forMs > 0
  }
}

const namesOf = ({ applied }: HostReport) => [...applied.keys()].sort((a, b) => a - b).join()
