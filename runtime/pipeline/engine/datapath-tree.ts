/**
 * The memo tree of one datapath: units from the root unit `datapath` down, each computed once and again only when
 * something that it read has changed.
 *
 * A unit may be named by several parents (references are counted); it goes when the last of them stops naming it. A unit
 * that names itself or one above it is refused. A unit that fails keeps what it had, children included.
 */
import type { State } from '../../../db/state/types.ts'
import type { Problem } from '../../problem.ts'
import type { FlowPiece } from '../canonical/flow-piece.ts'
import type { GroupPiece } from '../canonical/group-piece.ts'
import type { MeterPiece } from '../canonical/meter-piece.ts'
import { describeUnit, type TunnelPortPiece, type UplinkPiece } from '../canonical/piece.ts'
import type { Unit } from '../flow.ts'
import { Claims, type Conflict } from './claims.ts'
import type { Delta, Desired } from './delta.ts'
import { type Evaluation, evaluate, type FlowFunctions } from './evaluate.ts'
import { holdsPieces } from './holds.ts'
import { changesOf, type NamedChanges, type NamedUnits, unitsNamed } from './named-units.ts'
import type { ReaderIndex } from './reader-index.ts'
import { reportsOf, type UnitProblem } from './reports.ts'
import { UnitIndex } from './unit-index.ts'
import { noPieces, noReads, UnitNode, type UnitPieces } from './unit-node.ts'

/** Runs a function and tells what it read (`StateView.track`). */
export type Track = <T>(run: () => T) => { readonly value: T; readonly reads: ReadonlySet<string> }

/** What a tree works with. `report` hears of units that fail and of conflicts. */
export interface TreeEnvironment {
  readonly state: State
  readonly track: Track
  readonly readers: ReaderIndex
  functions: FlowFunctions
  report(problem: Problem, unit: Unit): void
}

/** Units of one datapath: a hundred networks of a thousand members have a fifth of it, in half a gigabyte. */
const unitsMax = 500_000
const tooManyUnits = 'there are too many units on this datapath: the rest is left out'

const isOf = ({ unit }: UnitNode, { feature, objectId }: Unit): boolean =>
  unit.objectId === objectId && unit.feature === feature

export class DatapathTree {
  readonly #environment: TreeEnvironment
  readonly #root: Unit
  readonly #nodes = new UnitIndex()
  readonly #flows = new Claims<FlowPiece>()
  readonly #meters = new Claims<MeterPiece>()
  readonly #groups = new Claims<GroupPiece>()
  readonly #tunnelPorts = new Claims<TunnelPortPiece>()
  readonly #uplinks = new Claims<UplinkPiece>()
  /** Dirty nodes by depth: parents first, since they decide which children there are. */
  readonly #queue: UnitNode[][] = []
  readonly #orphans = new Set<UnitNode>()
  #problems: UnitProblem[] = []

  constructor(environment: TreeEnvironment, datapathId: number) {
    this.#environment = environment
    this.#root = { feature: 'datapath', datapathId, objectId: datapathId }
    this.#create(this.#root, 0)
  }

  /** All that is wanted now. The maps are live: they change with the next `settle`. */
  get desired(): Desired {
    return {
      flows: this.#flows.held,
      meters: this.#meters.held,
      groups: this.#groups.held,
      tunnelPorts: this.#tunnelPorts.held,
      uplinks: this.#uplinks.held,
    }
  }

  get isDirty(): boolean {
    return this.#queue.some((level) => level.length > 0)
  }

  node(unit: Unit): UnitNode | undefined {
    return this.#nodes.get(unit)
  }

  get unitCount(): number {
    return this.#nodes.size
  }

  *failedUnits(): Iterable<Unit> {
    for (const node of this.#nodes.values()) if (node.failed) yield node.unit
  }

  invalidate(node: UnitNode): void {
    if (node.dirty) return
    node.dirty = true
    this.#enqueue(node)
  }

  invalidateAll(): void {
    for (const node of this.#nodes.values()) this.invalidate(node)
  }

  /**
   * Computes every unit once more, one for each step, and invalidates those that hold something else than they give: what
   * they depend on was missed. Anything may happen between two steps, but for what is dirty being left so.
   */
  *recheck(): Iterable<{ readonly unit: Unit; readonly isRight: boolean }> {
    for (const node of this.#nodes.values()) {
      const isRight = this.#isRight(node)
      if (!isRight) this.invalidate(node)
      yield { unit: node.unit, isRight }
    }
  }

  /** Computes what is dirty, a unit for each step; `settle` tells the difference, as if it had done it all. */
  *steps(): Generator<undefined, void> {
    for (let level = this.#nextLevel(); level; level = this.#nextLevel())
      for (const node of level) {
        this.#compute(node)
        yield
      }
  }

  /** Computes what is dirty and tells the difference. */
  settle(): Delta {
    for (let level = this.#nextLevel(); level; level = this.#nextLevel())
      for (const node of level) this.#compute(node)
    this.#removeOrphans()
    const delta = {
      flows: this.#flows.settle(),
      meters: this.#meters.settle(),
      groups: this.#groups.settle(),
      tunnelPorts: this.#tunnelPorts.settle(),
      uplinks: this.#uplinks.settle(),
    }
    this.#reportProblems()
    return delta
  }

  /** Forgets the tree's reads: nothing invalidates it any more. */
  detach(): void {
    for (const node of this.#nodes.values()) this.#environment.readers.update(node, node.reads, noReads)
    this.#nodes.clear()
  }

  #create(unit: Unit, depth: number): UnitNode {
    const node = new UnitNode(unit, depth, this)
    this.#nodes.add(node)
    this.#enqueue(node)
    return node
  }

  #enqueue(node: UnitNode): void {
    while (this.#queue.length <= node.depth) this.#queue.push([])
    this.#queue[node.depth]!.push(node)
  }

  #nextLevel(): readonly UnitNode[] | undefined {
    const depth = this.#queue.findIndex((level) => level.length > 0)
    return depth < 0 ? undefined : this.#queue.splice(depth, 1, [])[0]
  }

  #compute(node: UnitNode): void {
    // An orphan is computed if somebody adopts it, else it goes.
    if (!node.dirty || this.#orphans.has(node)) return
    node.dirty = false
    const { functions, state, track, readers } = this.#environment
    const { value: result, reads } = track(() => evaluate(functions, node.unit, state))
    readers.update(node, node.reads, reads)
    node.reads = reads
    node.failed = !result.ok
    if (!result.ok) {
      this.#problems.push({ problem: result.problem, node })
      return
    }
    this.#claim(node, result.value)
    this.#link(node, result.value)
  }

  #isRight(node: UnitNode): boolean {
    if (node.dirty) return true
    const { functions, state } = this.#environment
    const given = evaluate(functions, node.unit, state)
    if (!given.ok) return node.failed
    return !node.failed && holdsPieces(node, given.value) && this.#holdsChildren(node, given.value)
  }

  #holdsChildren(node: UnitNode, evaluation: Evaluation): boolean {
    const given = new Set<UnitNode | undefined>()
    for (const unit of unitsNamed(evaluation, node.unit.datapathId)) {
      const child = this.#nodes.get(unit)
      // One above it was refused, and is no child.
      if (child === undefined || node.children.has(child) || !node.descendsFrom(child)) given.add(child)
    }
    return given.size === node.children.size && given.isSubsetOf(node.children)
  }

  #claim(node: UnitNode, next: UnitPieces): void {
    const previous = node.pieces
    node.pieces = {
      flows: this.#flows.replace(previous.flows, next.flows),
      meters: this.#meters.replace(previous.meters, next.meters),
      groups: this.#groups.replace(previous.groups, next.groups),
      tunnelPorts: this.#tunnelPorts.replace(previous.tunnelPorts, next.tunnelPorts),
      uplinks: this.#uplinks.replace(previous.uplinks, next.uplinks),
    }
  }

  #link(node: UnitNode, { children, lists }: Evaluation): void {
    const named = { children, lists }
    const changes = node.named && changesOf(node.named, named, node.unit.datapathId)
    const isWhole = changes === undefined ? this.#linkAll(node, named) : this.#relink(node, changes)
    node.named = isWhole ? named : undefined
  }

  /** Answers whether all became its children. */
  #relink(node: UnitNode, { added, removed }: NamedChanges): boolean {
    let isWhole = true
    for (const unit of added) {
      const child = this.#adopt(node, unit, this.#nodes.get(unit))
      if (child === undefined) isWhole = false
      else node.children.add(child)
    }
    for (const unit of removed) {
      const child = this.#nodes.get(unit)
      if (child !== undefined && node.children.delete(child)) this.#abandon(node, child)
    }
    return isWhole
  }

  /** The same. */
  #linkAll(node: UnitNode, named: NamedUnits): boolean {
    const next = new Set<UnitNode>()
    let isWhole = true
    let kept = 0
    const before = node.children.values()
    let guess = before.next().value
    for (const unit of unitsNamed(named, node.unit.datapathId)) {
      // Mostly they are the same in the same order, but for one: then nothing has to be looked up.
      if (guess !== undefined && !isOf(guess, unit)) guess = before.next().value
      const guessed = guess !== undefined && isOf(guess, unit)
      const known = guessed ? guess : this.#nodes.get(unit)
      const isMine = guessed || (known !== undefined && node.children.has(known))
      if (guessed) guess = before.next().value
      const child = isMine ? known : this.#adopt(node, unit, known)
      if (!child) isWhole = false
      if (!child || next.has(child)) continue
      next.add(child)
      if (isMine) kept++
    }
    if (kept < node.children.size)
      for (const child of node.children) if (!next.has(child)) this.#abandon(node, child)
    node.children = next
    return isWhole
  }

  #adopt(parent: UnitNode, unit: Unit, known: UnitNode | undefined): UnitNode | undefined {
    if (known && parent.descendsFrom(known)) {
      const problem = {
        what: 'a unit cannot be its own descendant',
        where: describeUnit(parent.unit),
        received: describeUnit(unit),
      }
      this.#problems.push({ problem, node: parent })
      return undefined
    }
    if (!known && this.#nodes.size >= unitsMax) return this.#tooMany(parent)
    const child = known ?? this.#create(unit, parent.depth + 1)
    child.parents.add(parent)
    if (this.#orphans.delete(child) && child.dirty) this.#enqueue(child)
    return child
  }

  /** Said once for all that there is no room for. */
  #tooMany(parent: UnitNode): undefined {
    if (this.#problems.at(-1)?.problem.what === tooManyUnits) return
    this.#problems.push({
      problem: { what: tooManyUnits, where: describeUnit(parent.unit), expected: `${unitsMax} at most` },
      node: parent,
    })
  }

  #abandon(parent: UnitNode, child: UnitNode): void {
    child.parents.delete(parent)
    if (child.parents.size === 0) this.#orphans.add(child)
  }

  #removeOrphans(): void {
    // A set hands out what is added while it is gone through: the children of orphans follow.
    for (const orphan of this.#orphans) {
      this.#claim(orphan, noPieces)
      this.#environment.readers.update(orphan, orphan.reads, noReads)
      this.#nodes.remove(orphan)
      for (const child of orphan.children) this.#abandon(orphan, child)
    }
    this.#orphans.clear()
  }

  #reportProblems(): void {
    const problems = this.#problems.filter(({ node }) => this.#nodes.get(node.unit) === node)
    this.#problems = []
    const conflicts = [this.#flows, this.#meters, this.#groups, this.#tunnelPorts, this.#uplinks].flatMap(
      (claims): readonly Conflict[] => claims.takeConflicts(),
    )
    const { report } = this.#environment
    for (const { problem, unit } of reportsOf(problems, conflicts, this.#root)) report(problem, unit)
  }
}
