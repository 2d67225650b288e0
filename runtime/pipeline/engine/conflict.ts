/** Two units that want the same thing on a datapath: the first stays, and both are named. */

import type { Problem } from '../../problem.ts'
import { describeUnit } from '../canonical/piece.ts'
import type { Conflict } from './claims.ts'

export function describeConflict({ holder, refused }: Conflict): Problem {
  const what =
    holder.unit === refused.unit ? 'the unit gives the same thing twice' : 'two units give the same thing'
  return {
    what: `${what}: ${refused.text}`,
    where: describeUnit(refused.unit),
    expected: `one unit for it; ${describeUnit(holder.unit)} came first and stays`,
    received: holder.text,
  }
}
