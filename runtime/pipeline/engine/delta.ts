/** The difference between what a datapath had and what it is to have. */
import type { FlowPiece } from '../canonical/flow-piece.ts'
import type { GroupPiece } from '../canonical/group-piece.ts'
import type { MeterPiece } from '../canonical/meter-piece.ts'
import type { Piece, TunnelPortPiece, UplinkPiece } from '../canonical/piece.ts'

export interface PieceDelta<P extends Piece> {
  readonly added: P[]
  /** The new pieces, under keys that were there with another body. */
  readonly changed: P[]
  /** The pieces as they were. */
  readonly removed: P[]
}

export interface Delta {
  readonly flows: PieceDelta<FlowPiece>
  readonly meters: PieceDelta<MeterPiece>
  readonly groups: PieceDelta<GroupPiece>
  readonly tunnelPorts: PieceDelta<TunnelPortPiece>
  readonly uplinks: PieceDelta<UplinkPiece>
}

const noPieces = () => ({ added: [], changed: [], removed: [] })
/** Nothing changes. */
export const noDelta = (): Delta => ({
  flows: noPieces(),
  meters: noPieces(),
  groups: noPieces(),
  tunnelPorts: noPieces(),
  uplinks: noPieces(),
})

/** All that a datapath is to have, by key. */
export interface Desired {
  readonly flows: ReadonlyMap<string, FlowPiece>
  readonly meters: ReadonlyMap<string, MeterPiece>
  readonly groups: ReadonlyMap<string, GroupPiece>
  readonly tunnelPorts: ReadonlyMap<string, TunnelPortPiece>
  /** At most one. */
  readonly uplinks: ReadonlyMap<string, UplinkPiece>
}

/** How many pieces are in it. */
const pieceDeltaSize = (delta: PieceDelta<Piece>): number =>
  delta.added.length + delta.changed.length + delta.removed.length

/** How many pieces change. */
export const deltaSize = (delta: Delta): number =>
  pieceDeltaSize(delta.flows) +
  pieceDeltaSize(delta.meters) +
  pieceDeltaSize(delta.groups) +
  pieceDeltaSize(delta.tunnelPorts) +
  pieceDeltaSize(delta.uplinks)
