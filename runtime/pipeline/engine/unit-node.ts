/** A unit in the memo tree of its datapath, with what it read and what it gave. */
import type { FlowPiece } from '../canonical/flow-piece.ts'
import type { GroupPiece } from '../canonical/group-piece.ts'
import type { MeterPiece } from '../canonical/meter-piece.ts'
import type { TunnelPortPiece, UplinkPiece } from '../canonical/piece.ts'
import type { Unit } from '../flow.ts'
import type { NamedUnits } from './named-units.ts'

/** What a unit gave, ready to be claimed. */
export interface UnitPieces {
  readonly flows: readonly FlowPiece[]
  readonly meters: readonly MeterPiece[]
  readonly groups: readonly GroupPiece[]
  readonly tunnelPorts: readonly TunnelPortPiece[]
  readonly uplinks: readonly UplinkPiece[]
}

export const noPieces: UnitPieces = { flows: [], meters: [], groups: [], tunnelPorts: [], uplinks: [] }
export const noReads: ReadonlySet<string> = new Set()

/** What a unit belongs to. */
export interface UnitTree {
  invalidate(node: UnitNode): void
}

export class UnitNode {
  readonly unit: Unit
  /** Steps from the root along the way by which it was found first. */
  readonly depth: number
  readonly tree: UnitTree
  /** The units that name this one: it goes when the last of them does. The root has none. */
  readonly parents = new Set<UnitNode>()
  children: Set<UnitNode> = new Set()
  /** What it named when it was last computed; undefined: not all of that became its children. */
  named: NamedUnits | undefined = undefined
  reads: ReadonlySet<string> = noReads
  pieces: UnitPieces = noPieces
  /** Has to be computed (again). */
  dirty = true
  /** Its last computation failed: what it holds is from before. */
  failed = false

  constructor(unit: Unit, depth: number, tree: UnitTree) {
    this.unit = unit
    this.depth = depth
    this.tree = tree
  }

  /** Whether this unit was reached, at any remove, from `other`. */
  descendsFrom(other: UnitNode): boolean {
    if (this === other) return true
    for (const parent of this.parents) if (parent.descendsFrom(other)) return true
    return false
  }
}
