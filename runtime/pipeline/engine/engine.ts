/**
 * Flows follow from state: keeps, for every attached datapath, what its flow functions give, and computes again only
 * what a change touched. `recompute` is the oracle that needs none of that bookkeeping.
 */
import type { State } from '../../../db/state/types.ts'
import type { Problem } from '../../problem.ts'
import type { Unit } from '../flow.ts'
import { DatapathTree, type Track, type TreeEnvironment } from './datapath-tree.ts'
import { type Delta, type Desired, deltaSize, noDelta } from './delta.ts'
import { compareDesired, type Difference } from './difference.ts'
import type { FlowFunctions } from './evaluate.ts'
import { ReaderIndex } from './reader-index.ts'
import type { UnitNode } from './unit-node.ts'
import { Imagination, type WhatIf } from './what-if.ts'

export interface EngineOptions {
  /** By feature; `datapath` is the root's. */
  readonly functions: FlowFunctions
  /** The state that functions read, which tells what they read. */
  readonly state: State & { track: Track }
  /** Hears of flow functions that fail and of units that want the same flow. */
  readonly onProblem: (problem: Problem, unit: Unit) => void
}

/** What a datapath would have if computed from nothing, and what went wrong on the way. */
export interface Recomputed extends Desired {
  readonly problems: readonly Problem[]
}

export interface Engine {
  /** Computes a datapath for the first time; everything is in `added`. Attaching twice gives an empty delta. */
  attach(datapathId: number): Delta
  /** Forgets a datapath. Its switch keeps what it has. */
  detach(datapathId: number): void
  readonly attached: Iterable<number>
  /** A key of the state was affected by a change: who read it is computed again by `settle`. */
  invalidate(key: string): void
  /** What all that was invalidated means for each datapath that it means something for. */
  settle(): ReadonlyMap<number, Delta>
  /** Both at once. After the state changed: what that means for each datapath it means something for. Keys as `StateView.apply` returns them. */
  change(affectedKeys: Iterable<string>): ReadonlyMap<number, Delta>
  /** Swaps the flow functions: everything is computed again, only differences come out. */
  replaceFunctions(functions: FlowFunctions): ReadonlyMap<number, Delta>
  /** What a datapath is to have now; live maps. Undefined if it is not attached. */
  desired(datapathId: number): Desired | undefined
  /** From scratch, remembering nothing: the oracle. */
  recompute(datapathId: number): Recomputed
  /** The differences between what is held and `recompute`; none if the engine is right and no unit fails or conflicts. */
  compare(datapathId: number): readonly Difference[]
  /** Computes what is held once more, a unit for each step; what is not right is computed again by `settle`. */
  recheck(datapathId: number): Iterable<{ readonly unit: Unit; readonly isRight: boolean }>
  unitCount(datapathId: number): number
  /**
   * What would change on a datapath in another state, in which the reads of these keys are answered otherwise; step by
   * step, on the side. As long as `generation` stays as it is, the steps belong together.
   */
  whatIf(datapathId: number, imagined: ImaginedState): Generator<undefined, WhatIf>
  /** Grows whenever something that is held may have changed. */
  readonly generation: number
}

export interface ImaginedState {
  readonly state: State
  readonly affected: Iterable<string>
}

export function createEngine({ functions, state, onProblem }: EngineOptions): Engine {
  const trees = new Map<number, DatapathTree>()
  const environment: TreeEnvironment = {
    functions,
    state,
    track: (run) => state.track(run),
    readers: new ReaderIndex(),
    report: onProblem,
  }

  const invalidate = (key: string): void => {
    for (const node of environment.readers.of(key)) node.tree.invalidate(node)
  }
  let generation = 0
  const settle = () => {
    const dirty = [...trees].filter(([, tree]) => tree.isDirty)
    if (dirty.length > 0) generation++
    return settleAll(dirty)
  }

  const recompute = (datapathId: number) => fromNothing(environment, datapathId)
  return {
    attach(datapathId) {
      // What was invalidated of one that is known is told by the next `settle`.
      if (trees.has(datapathId)) return noDelta()
      generation++
      const tree = new DatapathTree(environment, datapathId)
      trees.set(datapathId, tree)
      return tree.settle()
    },
    detach(datapathId) {
      generation++
      trees.get(datapathId)?.detach()
      trees.delete(datapathId)
    },
    get attached() {
      return trees.keys()
    },
    invalidate,
    settle,
    change(affectedKeys) {
      for (const key of affectedKeys) invalidate(key)
      return settle()
    },
    replaceFunctions(next) {
      generation++
      environment.functions = next
      for (const tree of trees.values()) tree.invalidateAll()
      return settleAll(trees)
    },
    desired: (datapathId) => trees.get(datapathId)?.desired,
    recompute,
    compare(datapathId) {
      const held = trees.get(datapathId)?.desired ?? nothingDesired
      return compareDesired(held, recompute(datapathId))
    },
    recheck: (datapathId) => trees.get(datapathId)?.recheck() ?? [],
    unitCount: (datapathId) => trees.get(datapathId)?.unitCount ?? 0,
    whatIf: (datapathId, imagined) => imagine(environment, trees.get(datapathId), datapathId, imagined),
    get generation() {
      return generation
    },
  }
}

function fromNothing(environment: TreeEnvironment, datapathId: number): Recomputed {
  const problems: Problem[] = []
  const readers = new ReaderIndex()
  const track: Track = (run) => ({ value: run(), reads: noReads })
  const report = (problem: Problem) => void problems.push(problem)
  const tree = new DatapathTree({ ...environment, readers, track, report }, datapathId)
  tree.settle()
  return { ...tree.desired, problems }
}

/** Of a datapath that is not attached, everything is computed first, and thrown away afterwards. */
function* imagine(
  environment: TreeEnvironment,
  attached: DatapathTree | undefined,
  datapathId: number,
  { state, affected }: ImaginedState,
): Generator<undefined, WhatIf> {
  let tree = attached
  let { readers } = environment
  if (tree === undefined) {
    readers = new ReaderIndex()
    tree = new DatapathTree({ ...environment, readers, report: () => {} }, datapathId)
    yield* tree.steps()
    tree.settle()
  }
  const dirty = new Set<UnitNode>()
  for (const key of affected) for (const node of readers.of(key)) if (node.tree === tree) dirty.add(node)
  return yield* new Imagination(tree, environment.functions, state).run(dirty)
}

function settleAll(dirty: Iterable<readonly [number, DatapathTree]>): ReadonlyMap<number, Delta> {
  const deltas = new Map<number, Delta>()
  for (const [datapathId, tree] of dirty) {
    const delta = tree.settle()
    if (deltaSize(delta) > 0) deltas.set(datapathId, delta)
  }
  return deltas
}

const noReads: ReadonlySet<string> = new Set()
const nothingDesired: Desired = {
  flows: new Map(),
  meters: new Map(),
  groups: new Map(),
  tunnelPorts: new Map(),
  uplinks: new Map(),
}
