/** The difference between what a switch has and what it is to have, flow by flow, so that it can be made in slices. */
import type { Piece } from '../canonical/piece.ts'
import type { Desired } from '../engine/delta.ts'
import { type EditOf, type FlowEdit, putFlow, putObject, removeForeignFlow, removeObject } from './edit.ts'
import { Edits } from './edits.ts'
import type { SwitchFlow, SwitchObject, SwitchTables } from './switch-tables.ts'

/** Tables in which a switch learns by itself: what is there and nobody's stays. */
export type OwnTables = ReadonlySet<number>

export class FlowDiff {
  readonly #seen = new Set<string>()

  readonly #desired: Desired
  readonly #ownTables: OwnTables

  constructor(desired: Desired, ownTables: OwnTables) {
    this.#desired = desired
    this.#ownTables = ownTables
  }

  /** What is to be done about a flow of the switch. */
  see(flow: SwitchFlow): FlowEdit | undefined {
    this.#seen.add(flow.key)
    const wanted = this.#desired.flows.get(flow.key)
    if (wanted) return wanted.body === flow.body ? undefined : putFlow(wanted)
    return this.#ownTables.has(flow.table) ? undefined : removeForeignFlow(flow)
  }

  /** What no flow of the switch stood for. */
  *missing(): Iterable<FlowEdit> {
    for (const [key, piece] of this.#desired.flows) if (!this.#seen.has(key)) yield putFlow(piece)
  }
}

/** The same for groups or meters, into `edits`. */
export function diffObjects<P extends Piece>(
  have: readonly SwitchObject[],
  want: ReadonlyMap<string, P>,
  edits: Map<string, EditOf<P>>,
): void {
  const bodies = new Map(have.map(({ key, body }) => [key, body]))
  for (const [key, piece] of want) if (bodies.get(key) !== piece.body) edits.set(key, putObject(piece))
  for (const key of bodies.keys()) if (!want.has(key)) edits.set(key, removeObject(key))
}

/** All of it at once. */
export function diffTables(have: SwitchTables, want: Desired, ownTables: OwnTables): Edits {
  const edits = new Edits()
  const flows = new FlowDiff(want, ownTables)
  for (const flow of have.flows) {
    const edit = flows.see(flow)
    if (edit) edits.flows.set(edit.key, edit)
  }
  for (const edit of flows.missing()) edits.flows.set(edit.key, edit)
  diffObjects(have.groups, want.groups, edits.groups)
  diffObjects(have.meters, want.meters, edits.meters)
  return edits
}
