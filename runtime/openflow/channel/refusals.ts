/** What a switch refused of a run of messages, and what that means for the rest of them. */
import type { Problem } from '../../problem.ts'

export interface Refusal {
  /** Position in the list that was given. */
  readonly index: number
  readonly problem: Problem
}

export interface NotApplied {
  readonly ok: false
  /** The first refusal, or what went wrong with the whole. */
  readonly problem: Problem
  /** In the order in which the switch named them; the first thousand. */
  readonly refused: readonly Refusal[]
  /** What became of the messages: `unknown` when no answer came, so that only reading the switch tells. */
  readonly applied: 'none' | 'some' | 'unknown'
}

export type ApplyResult = { readonly ok: true; readonly value: undefined } | NotApplied

export const applied: ApplyResult = { ok: true, value: undefined }

export const notApplied = (
  problem: Problem,
  refused: readonly Refusal[] = [],
  what: 'none' | 'some' | 'unknown' = 'none',
): NotApplied => ({ ok: false, problem, refused, applied: what })

const refusalsMax = 1_000

/** Collects refusals; a switch that refuses everything costs no more than a thousand of them. */
export class Refusals {
  readonly list: Refusal[] = []

  readonly add = (index: number, problem: Problem) => {
    if (this.list.length < refusalsMax) this.list.push({ index, problem })
  }

  get first(): Problem | undefined {
    const refusal = this.list[0]
    return refusal && { ...refusal.problem, where: `messages[${refusal.index}]: ${refusal.problem.where}` }
  }
}
