/** Reads the switch now and then and compares: whatever changed it behind our back is found, counted and made good. */
import type { Logger } from '../../log.ts'
import { describe } from '../../problem.ts'
import type { Desired } from '../engine/delta.ts'
import { Edits } from './edits.ts'
import type { SyncLimits } from './limits.ts'
import type { SwitchPort } from './switch-port.ts'
import type { SwitchTables } from './switch-tables.ts'
import { diffObjects, FlowDiff, type OwnTables } from './table-diff.ts'

interface AuditOptions {
  readonly port: SwitchPort
  readonly desired: () => Desired | undefined
  readonly ownTables: OwnTables
  readonly limits: SyncLimits
  readonly log: Logger
  readonly random: () => number
  /** What the switch may not have yet, so that an audit says nothing about it. Undefined: no audit now. */
  readonly unsettled: () => Edits | undefined
  /** Carries out what an audit found. */
  readonly repair: (edits: Edits) => void
}

export class Audit {
  readonly #options: AuditOptions
  #timer: ReturnType<typeof setTimeout> | undefined
  /** What has changed on purpose since the audit that runs began; undefined: none runs. */
  #touched: Edits | undefined

  #running: Promise<number> | undefined

  constructor(options: AuditOptions) {
    this.#options = options
  }

  /** The next one, in about an interval. */
  plan(): void {
    const { auditIntervalMs, auditSpread } = this.#options.limits
    const delayMs = auditIntervalMs * (1 + auditSpread * (2 * this.#options.random() - 1))
    this.#timer = setTimeout(() => void this.run().finally(() => this.#timer && this.plan()), delayMs)
    this.#timer.unref()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.cancel()
  }

  /** Whatever an audit that runs finds is out of date. */
  cancel(): void {
    this.#touched = undefined
  }

  /** These change on purpose while an audit runs: it says nothing about them. */
  touch(edits: Edits): void {
    this.#touched?.merge(edits)
  }

  /** Resolves to how much was different; 0 when an audit cannot run now. Never rejects. One runs at a time. */
  run(): Promise<number> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #run(): Promise<number> {
    const touched = this.#options.unsettled()
    if (!touched) return 0
    this.#touched = touched
    try {
      const edits = await this.#find()
      // Cancelled meanwhile.
      if (!edits || this.#touched !== touched) return 0
      if (edits.size > 0)
        this.#options.log.warn('the switch had drifted; repairing', { differences: edits.size })
      this.#options.repair(edits)
      return edits.size
    } catch (error) {
      this.#options.log.error('the audit failed', { error: String(error) })
      return 0
    } finally {
      if (this.#touched === touched) this.#touched = undefined
    }
  }

  async #find(): Promise<Edits | undefined> {
    const { port, limits, log } = this.#options
    const read = await port.read(limits.readTimeoutMs)
    if (read.ok) return this.#differences(read.value)
    log.warn('audit could not read the switch', { problem: describe(read.problem) })
    return undefined
  }

  /** In slices, so that packets are not kept waiting. Undefined: nothing is to be touched any more. */
  async #differences(have: SwitchTables): Promise<Edits | undefined> {
    const { desired, ownTables, limits } = this.#options
    const wanted = desired()
    if (!wanted) return undefined
    const edits = new Edits()
    const diff = new FlowDiff(wanted, ownTables)
    let count = 0
    for (const flow of have.flows) {
      const edit = diff.see(flow)
      if (edit) edits.flows.set(edit.key, edit)
      if (++count % limits.auditSliceFlowsMax === 0) await Bun.sleep(0)
    }
    for (const edit of diff.missing()) edits.flows.set(edit.key, edit)
    diffObjects(have.groups, wanted.groups, edits.groups)
    diffObjects(have.meters, wanted.meters, edits.meters)
    if (this.#touched) edits.forget(this.#touched)
    return edits
  }
}
