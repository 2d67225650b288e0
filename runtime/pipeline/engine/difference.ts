/** What two sides of a datapath disagree on, for people and tests. */
import { describe } from '../../problem.ts'
import { describeUnit, type Piece } from '../canonical/piece.ts'
import type { Desired } from './delta.ts'
import type { Recomputed } from './engine.ts'

/** `left` and `right` say what each side has: nothing, where it is undefined. */
export interface Difference {
  readonly kind: 'flow' | 'meter' | 'group' | 'tunnel port' | 'uplink' | 'problem'
  readonly left: string | undefined
  readonly right: string | undefined
}

const textOf = (piece: Piece | undefined): string | undefined =>
  piece && `${piece.text} (${describeUnit(piece.unit)})`

function* comparePieces(
  kind: Difference['kind'],
  left: ReadonlyMap<string, Piece>,
  right: ReadonlyMap<string, Piece>,
): Iterable<Difference> {
  for (const [key, piece] of left) {
    const other = right.get(key)
    if (other?.body !== piece.body) yield { kind, left: textOf(piece), right: textOf(other) }
  }
  for (const [key, piece] of right) if (!left.has(key)) yield { kind, left: undefined, right: textOf(piece) }
}

/** Held by the engine (left) against computed from scratch (right). What went wrong in computing counts as a difference. */
export function compareDesired(held: Desired, scratch: Recomputed): readonly Difference[] {
  return [
    ...comparePieces('flow', held.flows, scratch.flows),
    ...comparePieces('meter', held.meters, scratch.meters),
    ...comparePieces('group', held.groups, scratch.groups),
    ...comparePieces('tunnel port', held.tunnelPorts, scratch.tunnelPorts),
    ...comparePieces('uplink', held.uplinks, scratch.uplinks),
    ...scratch.problems.map((problem) => ({
      kind: 'problem' as const,
      left: undefined,
      right: describe(problem),
    })),
  ]
}
