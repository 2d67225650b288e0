/** Whether what a unit holds is what its function gives now. */
import type { Piece } from '../canonical/piece.ts'
import type { Evaluation } from './evaluate.ts'
import type { UnitNode } from './unit-node.ts'

/** A unit that wants one thing twice gets it once: the first of a key counts. */
function samePieces(held: readonly Piece[], given: readonly Piece[]): boolean {
  const bodies = new Map<string, string>()
  for (const { key, body } of given) if (!bodies.has(key)) bodies.set(key, body)
  return held.length === bodies.size && held.every(({ key, body }) => bodies.get(key) === body)
}

export const holdsPieces = ({ pieces }: UnitNode, given: Evaluation): boolean =>
  samePieces(pieces.flows, given.flows) &&
  samePieces(pieces.meters, given.meters) &&
  samePieces(pieces.groups, given.groups) &&
  samePieces(pieces.tunnelPorts, given.tunnelPorts) &&
  samePieces(pieces.uplinks, given.uplinks)
