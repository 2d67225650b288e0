/**
 * What a datapath would have in another state: the units that would be computed again are, on the side, and what they
 * give is compared with what is held. Nothing of the tree changes.
 */
import type { State } from '../../../db/state/types.ts'
import { describe } from '../../problem.ts'
import { describeUnit, type Piece, unitKey } from '../canonical/piece.ts'
import type { Unit } from '../flow.ts'
import type { Delta, Desired, PieceDelta } from './delta.ts'
import { type Evaluation, evaluate, type FlowFunctions } from './evaluate.ts'
import { unitsNamed } from './named-units.ts'
import { noPieces, type UnitNode, type UnitPieces } from './unit-node.ts'

/** The part of a tree that this looks at. */
export interface KnownTree {
  readonly desired: Desired
  node(unit: Unit): UnitNode | undefined
}

export interface WhatIf {
  /** Of what changes, the piece as it would be is in `changed`, and as it is in `held`. */
  readonly delta: Delta
  readonly held: Desired
  /** Units that would fail, or want what others have. */
  readonly problems: readonly string[]
}

/** A unit as it would be: known to the tree, or new. */
interface Imagined {
  readonly key: string
  readonly unit: Unit
  readonly node: UnitNode | undefined
  /** What it would give; undefined: as it does. */
  given: Evaluation | undefined
  /** Keys of those that it would name, where it is computed. */
  names: ReadonlySet<string> | undefined
  /** Keys of those that would name it, as far as they would come anew. */
  readonly adopters: Set<string>
}

export class Imagination {
  readonly #tree: KnownTree
  readonly #functions: FlowFunctions
  readonly #state: State
  readonly #units = new Map<string, Imagined>()
  readonly #problems: string[] = []

  constructor(tree: KnownTree, functions: FlowFunctions, state: State) {
    this.#tree = tree
    this.#functions = functions
    this.#state = state
  }

  /** One step for each unit that is computed; `dirty` are those that read what would change. */
  *run(dirty: Iterable<UnitNode>): Generator<undefined, WhatIf> {
    const waiting = [...dirty].map(({ unit }) => this.#of(unit))
    // A list hands out what is added while it is gone through.
    for (const one of waiting) {
      if (one.given !== undefined) continue
      waiting.push(...this.#compute(one))
      yield
    }
    const delta = this.#compare(this.#gone())
    return { delta, held: this.#tree.desired, problems: this.#problems }
  }

  /** Answers the units that it would name and that are new. */
  #compute(one: Imagined): Imagined[] {
    const result = evaluate(this.#functions, one.unit, this.#state)
    if (!result.ok) this.#problems.push(describe(result.problem))
    one.given = result.ok ? result.value : (asHeld(one.node) ?? failed)
    const named = this.#named(one)
    one.names = new Set(named.map(({ key }) => key))
    for (const child of named) child.adopters.add(one.key)
    return named.filter(({ node, given }) => node === undefined && given === undefined)
  }

  #named({ unit, given }: Imagined): Imagined[] {
    if (given === undefined) return []
    return [...unitsNamed(given, unit.datapathId)].map((child) => this.#of(child))
  }

  #of(unit: Unit): Imagined {
    const key = unitKey(unit)
    let known = this.#units.get(key)
    if (known === undefined) {
      const node = this.#tree.node(unit)
      known = { key, unit, node, given: undefined, names: undefined, adopters: new Set() }
      this.#units.set(key, known)
    }
    return known
  }

  /** The units that nobody would name any more. */
  #gone(): ReadonlySet<string> {
    const gone = new Set<string>()
    const waiting = [...this.#units.values()].flatMap((one) =>
      one.node === undefined ? [one] : this.#dropped(one),
    )
    for (const one of waiting) {
      if (gone.has(one.key) || this.#isNamed(one, gone)) continue
      gone.add(one.key)
      for (const child of one.node?.children ?? []) waiting.push(this.#of(child.unit))
      waiting.push(...this.#named(one))
    }
    return gone
  }

  /** Those that a unit names and would name no more. */
  #dropped({ node, names }: Imagined): Imagined[] {
    if (node === undefined || names === undefined) return []
    return [...node.children].flatMap(({ unit }) => (names.has(unitKey(unit)) ? [] : [this.#of(unit)]))
  }

  #isNamed({ key, node, adopters }: Imagined, gone: ReadonlySet<string>): boolean {
    if (node?.depth === 0) return true
    for (const adopter of adopters) if (!gone.has(adopter)) return true
    for (const { unit } of node?.parents ?? []) {
      const parent = unitKey(unit)
      // One that is not computed goes on naming whom it names.
      if (!gone.has(parent) && this.#units.get(parent)?.names?.has(key) !== false) return true
    }
    return false
  }

  #compare(gone: ReadonlySet<string>): Delta {
    const before: UnitPieces[] = []
    const after: UnitPieces[] = []
    for (const [key, { node, given }] of this.#units) {
      if (!gone.has(key) && given === undefined) continue
      if (node !== undefined) before.push(node.pieces)
      if (!gone.has(key)) after.push(given!)
    }
    const { desired } = this.#tree
    const kind = <P extends Piece>(held: ReadonlyMap<string, P>, of: (pieces: UnitPieces) => readonly P[]) =>
      this.#difference(held, before.flatMap(of), after.flatMap(of))
    return {
      flows: kind(desired.flows, ({ flows }) => flows),
      meters: kind(desired.meters, ({ meters }) => meters),
      groups: kind(desired.groups, ({ groups }) => groups),
      tunnelPorts: kind(desired.tunnelPorts, ({ tunnelPorts }) => tunnelPorts),
      uplinks: kind(desired.uplinks, ({ uplinks }) => uplinks),
    }
  }

  #difference<P extends Piece>(
    held: ReadonlyMap<string, P>,
    before: readonly P[],
    after: readonly P[],
  ): PieceDelta<P> {
    const delta: PieceDelta<P> = { added: [], changed: [], removed: [] }
    const given = new Map<string, P>()
    for (const piece of after) if (!given.has(piece.key)) given.set(piece.key, piece)
    // What another unit holds stays with it.
    const released = new Set<string>()
    for (const piece of before) if (held.get(piece.key) === piece) released.add(piece.key)
    for (const [key, piece] of given) {
      const holder = held.get(key)
      if (holder === undefined) delta.added.push(piece)
      else if (released.has(key)) {
        if (holder.body !== piece.body) delta.changed.push(piece)
      } else if (holder.body !== piece.body)
        this.#problems.push(
          `${piece.text}: ${describeUnit(holder.unit)} has it, ${describeUnit(piece.unit)} wants it too`,
        )
    }
    for (const key of released) if (!given.has(key)) delta.removed.push(held.get(key)!)
    return delta
  }
}

/** A unit that fails keeps what it had. */
const asHeld = (node: UnitNode | undefined): Evaluation | undefined =>
  node && { ...node.pieces, children: [...node.children].map(({ unit }) => unit), lists: [] }
const failed: Evaluation = { ...noPieces, children: [], lists: [] }
