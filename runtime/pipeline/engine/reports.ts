/** What is told of one change of a datapath. */
import type { Problem } from '../../problem.ts'
import { describeUnit } from '../canonical/piece.ts'
import type { Unit } from '../flow.ts'
import type { Conflict } from './claims.ts'
import { describeConflict } from './conflict.ts'
import type { UnitNode } from './unit-node.ts'

/** A unit that failed, or that named what it may not. */
export interface UnitProblem {
  readonly problem: Problem
  readonly node: UnitNode
}

interface Report {
  readonly problem: Problem
  readonly unit: Unit
}

/** Problems told of one change: a broken flow function can have one for each of its flows. */
const reportsMax = 50

/** The first of them, and how many are left. */
export function reportsOf(
  problems: readonly UnitProblem[],
  conflicts: readonly Conflict[],
  root: Unit,
): Report[] {
  const left = problems.length + conflicts.length - reportsMax
  const first = problems.slice(0, reportsMax)
  return [
    ...first.map(({ problem, node }) => ({ problem, unit: node.unit })),
    ...conflicts
      .slice(0, reportsMax - first.length)
      .map((conflict) => ({ problem: describeConflict(conflict), unit: conflict.refused.unit })),
    ...(left > 0
      ? [{ problem: { what: `${left} more problems of this kind`, where: describeUnit(root) }, unit: root }]
      : []),
  ]
}
