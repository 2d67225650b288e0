/** What a switch refused, by unit: kept back until the unit changes, so that it stands in nobody's way. */
import type { Problem } from '../../problem.ts'
import { Edits } from './edits.ts'

/** A unit of which the switch refused something, and why. */
export interface Refusal {
  /** Key of the unit; undefined: what was refused belongs to none. */
  readonly owner: string | undefined
  readonly problem: Problem
}

export class Quarantine {
  readonly #withheld = new Map<string, { readonly problem: Problem; readonly edits: Edits }>()

  get refusals(): readonly Refusal[] {
    return [...this.#withheld].map(([owner, { problem }]) => ({ owner, problem }))
  }

  /** Everything that is kept back. */
  get withheld(): Edits {
    const all = new Edits()
    for (const { edits } of this.#withheld.values()) all.merge(edits)
    return all
  }

  /** Keeps back what `owner` wanted to put with `edits`. */
  add(owner: string, problem: Problem, edits: Edits): void {
    const kept = this.#withheld.get(owner)?.edits ?? new Edits()
    kept.merge(edits.putsOf(owner))
    this.#withheld.set(owner, { problem, edits: kept })
  }

  /** New edits, and with them what was kept back of the units that they change: it is tried again. */
  admit(edits: Edits): Edits {
    if (this.#withheld.size === 0) return edits
    const admitted = new Edits()
    for (const owner of edits.owners) {
      const again = this.#withheld.get(owner)
      if (again) admitted.merge(again.edits)
      this.#withheld.delete(owner)
    }
    // What is kept back of others is out of date where somebody else now says what is to be there.
    for (const { edits: kept } of this.#withheld.values()) kept.forget(edits)
    admitted.merge(edits)
    return admitted
  }

  /** Everything, to be tried again. */
  release(): Edits {
    const all = this.withheld
    this.#withheld.clear()
    return all
  }
}
