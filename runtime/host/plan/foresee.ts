/** What would change on every datapath, computed in slices between other work. */
import type { Overlay } from '../../../db/state/overlay.ts'
import type { State } from '../../../db/state/types.ts'
import type { PlannedDatapath } from '../../http/answers/plan.ts'
import { FlowPiece } from '../../pipeline/canonical/flow-piece.ts'
import type { Piece } from '../../pipeline/canonical/piece.ts'
import type { PieceDelta } from '../../pipeline/engine/delta.ts'
import type { Engine } from '../../pipeline/engine/engine.ts'
import type { WhatIf } from '../../pipeline/engine/what-if.ts'
import type { FlowNames } from '../../pipeline/names.ts'
import { planLimits } from './limits.ts'

/** The state has changed meanwhile: what was computed does not belong together. */
export class StateHasChanged extends Error {}

export interface Foreseeing {
  readonly engine: Pick<Engine, 'whatIf' | 'generation'>
  readonly view: State
  readonly overlay: Overlay
  /** For what there is, and for what there would be. */
  readonly names: readonly [now: FlowNames, then: FlowNames]
  /** In ms of `performance.now()`. */
  readonly deadlineMs: number
}

const pause = () => new Promise<void>((resolve) => void setImmediate(resolve))

/** Undefined: there was no time for it. Throws `StateHasChanged`. */
async function inSlices(
  { engine, view, deadlineMs }: Foreseeing,
  steps: Generator<undefined, WhatIf>,
): Promise<WhatIf | undefined> {
  const { generation } = engine
  const { revision } = view
  for (;;) {
    const untilMs = performance.now() + planLimits.sliceMs
    while (performance.now() < untilMs) {
      const { done, value } = steps.next()
      if (done) return value
    }
    await pause()
    if (engine.generation !== generation || view.revision !== revision) throw new StateHasChanged()
    if (performance.now() > deadlineMs) return undefined
  }
}

const textOf = (piece: Piece, names: FlowNames) =>
  piece instanceof FlowPiece ? names.textOf(piece.flow) : piece.text

/** Pieces that come and that go; what changes does both. */
function texts<P extends Piece>(
  { added, changed, removed }: PieceDelta<P>,
  held: ReadonlyMap<string, P>,
  [now, then]: Foreseeing['names'],
) {
  const before = changed.flatMap(({ key }) => held.get(key) ?? [])
  return {
    added: [...added, ...changed].map((piece) => () => textOf(piece, then)),
    removed: [...removed, ...before].map((piece) => () => textOf(piece, now)),
  }
}

const kinds = ['flows', 'meters', 'groups', 'tunnelPorts', 'uplinks'] as const

function told(uuid: string, { delta, held, problems }: WhatIf, names: Foreseeing['names']): PlannedDatapath {
  const all = kinds.map((kind) => texts<Piece>(delta[kind], held[kind], names))
  const added = all.flatMap((one) => one.added)
  const removed = all.flatMap((one) => one.removed)
  const first = (list: readonly (() => string)[]) =>
    list
      .slice(0, planLimits.textsMax)
      .map((text) => text())
      .sort()
  return {
    uuid,
    added: first(added),
    removed: first(removed),
    added_count: added.length,
    removed_count: removed.length,
    problems: problems.slice(0, planLimits.textsMax),
    complete: true,
  }
}

/** One whose flows were not computed. */
export const notForeseen = (uuid: string, why: string): PlannedDatapath => ({
  ...{ uuid, added: [], removed: [], added_count: 0, removed_count: 0, complete: false },
  problems: [`its flows were not computed: ${why}`],
})
const tooLong = `there is too much for ${planLimits.timeMs} ms`

/** The datapaths on which something would change, or may. Throws `StateHasChanged`. */
export async function foreseeDatapaths(foreseeing: Foreseeing): Promise<PlannedDatapath[]> {
  const { engine, overlay, names, deadlineMs } = foreseeing
  const planned: PlannedDatapath[] = []
  if (overlay.changes.length === 0) return planned
  for (const { id, uuid } of overlay.state.datapaths.all()) {
    const late = performance.now() > deadlineMs
    const whatIf = late ? undefined : await inSlices(foreseeing, engine.whatIf(id, overlay))
    const one = whatIf === undefined ? notForeseen(uuid, tooLong) : told(uuid, whatIf, names)
    if (!one.complete || one.added_count + one.removed_count + one.problems.length > 0) planned.push(one)
  }
  return planned
}
