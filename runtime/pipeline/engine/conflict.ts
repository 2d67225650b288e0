/** Two units that want the same thing on a datapath: the first stays, and both are named. */

import type { Problem } from '../../problem.ts'
import { FlowPiece } from '../canonical/flow-piece.ts'
import { GroupPiece } from '../canonical/group-piece.ts'
import { MeterPiece } from '../canonical/meter-piece.ts'
import { describeUnit, type Piece } from '../canonical/piece.ts'
import type { Conflict } from './claims.ts'

const describePiece = (piece: Piece): string => {
  if (piece instanceof FlowPiece) return `the flow ${piece.text}`
  if (piece instanceof MeterPiece) return `meter ${piece.meter.meter_id}`
  if (piece instanceof GroupPiece) return `group ${piece.group.group_id}`
  return `tunnel port ${piece.key}`
}

export function describeConflict({ holder, refused }: Conflict): Problem {
  const what =
    holder.unit === refused.unit ? 'the unit gives the same thing twice' : 'two units give the same thing'
  return {
    what: `${what}: ${describePiece(refused)}`,
    where: describeUnit(refused.unit),
    expected: `one unit for it; ${describeUnit(holder.unit)} came first and stays`,
    received: describePiece(holder),
  }
}
