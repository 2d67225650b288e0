/**
 * Looks after the engine in production: computes the units of one datapath after the other once more, and puts right what
 * is not as the state says. Nothing is found unless a unit depends on something that the state does not know it reads.
 */
import type { Logger } from '../../log.ts'
import { describeUnit } from '../canonical/piece.ts'
import type { Engine } from './engine.ts'

export interface RecheckLimits {
  /** From one datapath to the next; all have their turn. */
  readonly intervalMs: number
  /** For this long at a time, then everything else has its turn. */
  readonly sliceMs: number
  /** Units named in the log each time; more are a number. */
  readonly namedUnitsMax: number
}

const defaultRecheckLimits: RecheckLimits = { intervalMs: 30_000, sliceMs: 1, namedUnitsMax: 10 }

export interface RecheckOptions {
  readonly engine: Pick<Engine, 'attached' | 'recheck'>
  /** Carries out what was invalidated. */
  readonly settle: () => void
  readonly log: Logger
  readonly limits?: Partial<RecheckLimits>
}

export class Recheck {
  /** Units that were found wrong and put right since the start. */
  repaired = 0
  readonly #options: RecheckOptions
  readonly #limits: RecheckLimits
  /** Datapaths whose turn comes, the next one last. */
  #turns: number[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: RecheckOptions) {
    this.#options = options
    this.#limits = { ...defaultRecheckLimits, ...options.limits }
  }

  start(): void {
    this.#timer = setTimeout(
      () => void this.#next().finally(() => this.#timer && this.start()),
      this.#limits.intervalMs,
    )
    this.#timer.unref()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Checks one datapath. Resolves to how many of its units were wrong. Never rejects. */
  async run(datapathId: number): Promise<number> {
    const { engine, settle, log } = this.#options
    const wrong: string[] = []
    try {
      let began = performance.now()
      for (const { unit, isRight } of engine.recheck(datapathId)) {
        if (!isRight) wrong.push(describeUnit(unit))
        if (performance.now() - began < this.#limits.sliceMs) continue
        await Bun.sleep(0)
        began = performance.now()
      }
      if (wrong.length > 0) settle()
    } catch (error) {
      log.error('units could not be checked', { datapath: datapathId, error: `${error}` })
    }
    this.#tell(datapathId, wrong)
    return wrong.length
  }

  #tell(datapathId: number, wrong: readonly string[]): void {
    if (wrong.length === 0) return
    this.repaired += wrong.length
    for (const unit of wrong.slice(0, this.#limits.namedUnitsMax))
      this.#options.log.error('flows were not as the state says; put right', { unit })
    const left = wrong.length - this.#limits.namedUnitsMax
    if (left > 0)
      this.#options.log.error('more flows were not as the state says', { datapath: datapathId, units: left })
  }

  async #next(): Promise<void> {
    if (this.#turns.length === 0) this.#turns = [...this.#options.engine.attached].reverse()
    const datapathId = this.#turns.pop()
    if (datapathId !== undefined) await this.run(datapathId)
  }
}
