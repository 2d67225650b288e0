import type { AnyFunction } from '../openvnet/define.ts'
import { Durations } from './durations.ts'
import { noOutcomes, type OutcomeCounts } from './outcomes.ts'

/** One version of one function, loaded and ready to be called; its identity and its figures go together. */
export class LoadedVersion<F extends AnyFunction = AnyFunction> {
  readonly name: string
  readonly version: number
  /** `packets/dhcp@3` */
  readonly id: string
  /** SHA-256 of its bundle. */
  readonly digest: string
  readonly definition: F
  readonly counts: OutcomeCounts = noOutcomes()
  /** Of sampled calls. */
  readonly durations = new Durations()
  /** Packets that the function dropped, by its own reasons. */
  readonly drops = new Map<string, number>()
  readonly metrics = new Map<string, number>()

  constructor(name: string, version: number, digest: string, definition: F) {
    this.name = name
    this.version = version
    this.id = `${name}@${version}`
    this.digest = digest
    this.definition = definition
  }
}

/** Where a function is called through: activating another version replaces one pointer, between two events. */
export class FunctionSlot<F extends AnyFunction = AnyFunction> {
  readonly name: string
  /** undefined: set aside, and nothing serves in its place. */
  current: LoadedVersion<F> | undefined
  /** The newest other version that has served without failing. */
  lastGood: LoadedVersion<F> | undefined

  constructor(name: string) {
    this.name = name
  }

  /** Returns the version that was serving; one that had served well is kept to fall back to. */
  activate(version: LoadedVersion<F>): LoadedVersion<F> | undefined {
    const previous = this.current
    if (previous !== undefined && previous !== version && previous.counts.ok > 0) this.lastGood = previous
    this.current = version
    return previous
  }
}
