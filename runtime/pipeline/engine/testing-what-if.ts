/** For tests: what a delta does, as text, so that one that was foreseen can be held against the one that came. */
import type { Piece } from '../canonical/piece.ts'
import type { Delta, PieceDelta } from './delta.ts'
import type { Engine, ImaginedState } from './engine.ts'
import type { WhatIf } from './what-if.ts'

const linesOf = (kind: string, { added, changed, removed }: PieceDelta<Piece>): string[] => [
  ...added.map(({ key, body }) => `${kind} + ${key} ${body}`),
  ...changed.map(({ key, body }) => `${kind} = ${key} ${body}`),
  ...removed.map(({ key }) => `${kind} - ${key}`),
]

export const deltaLines = (delta: Delta | undefined): string[] =>
  Object.entries(delta ?? {})
    .flatMap(([kind, one]) => linesOf(kind, one))
    .sort()

/** All steps at once. */
export function foresee(engine: Engine, datapathId: number, imagined: ImaginedState): WhatIf {
  const steps = engine.whatIf(datapathId, imagined)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}
