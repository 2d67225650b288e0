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
  /** What is called; undefined: it is set aside, and nothing serves in its place. */
  current: LoadedVersion<F> | undefined
  /** What was activated last, whether it is set aside or not. */
  latest: LoadedVersion<F> | undefined
  /** The newest other version that has served well. */
  lastGood: LoadedVersion<F> | undefined

  constructor(name: string) {
    this.name = name
  }

  activate(version: LoadedVersion<F>) {
    const previous = this.current
    if (previous !== undefined && previous !== version && previous.counts.ok > 0) this.lastGood = previous
    this.current = this.latest = version
  }

  /** Nothing is called through it any more. */
  retire() {
    this.current = this.latest = this.lastGood = undefined
  }

  /** A version that fails too often is not called any more. Gives what serves instead, if anything does. */
  setAside(version: LoadedVersion<F>): LoadedVersion<F> | undefined {
    this.current = this.lastGood === version ? undefined : this.lastGood
    this.lastGood = undefined
    return this.current
  }

  /** A version that was set aside is tried again, unless something else has been activated meanwhile. */
  tryAgain(version: LoadedVersion<F>) {
    if (this.latest === version) this.current ??= version
  }
}
