/** Edits by key: what is to be done to a switch, merged until it is done. */
import type { Piece } from '../canonical/piece.ts'
import { unitKey } from '../canonical/piece.ts'
import type { Delta, PieceDelta } from '../engine/delta.ts'
import {
  type EditOf,
  type FlowEdit,
  type GroupEdit,
  type MeterEdit,
  putFlow,
  putObject,
  removeFlow,
  removeObject,
} from './edit.ts'

/** Edits by key: a later one of the same key takes the place of an earlier one. */
export class Edits {
  readonly flows = new Map<string, FlowEdit>()
  readonly groups = new Map<string, GroupEdit>()
  readonly meters = new Map<string, MeterEdit>()

  get size(): number {
    return this.flows.size + this.groups.size + this.meters.size
  }

  /** Whose they are. */
  get owners(): ReadonlySet<string> {
    const owners = new Set<string>()
    for (const edits of this.#kinds)
      for (const { owner } of edits.values()) if (owner !== undefined) owners.add(owner)
    return owners
  }

  /** Takes out what `others` say something about too. */
  forget(others: Edits): void {
    for (const key of others.flows.keys()) this.flows.delete(key)
    for (const key of others.groups.keys()) this.groups.delete(key)
    for (const key of others.meters.keys()) this.meters.delete(key)
  }

  /** What `owner` wants to put there. */
  putsOf(owner: string): Edits {
    const puts = new Edits()
    for (const edit of this.flows.values())
      if (edit.owner === owner && edit.piece) puts.flows.set(edit.key, edit)
    for (const edit of this.groups.values())
      if (edit.owner === owner && edit.piece) puts.groups.set(edit.key, edit)
    for (const edit of this.meters.values())
      if (edit.owner === owner && edit.piece) puts.meters.set(edit.key, edit)
    return puts
  }

  /** Puts what `later` has over what is here. */
  merge(later: Edits): void {
    for (const [key, edit] of later.flows) this.flows.set(key, edit)
    for (const [key, edit] of later.groups) this.groups.set(key, edit)
    for (const [key, edit] of later.meters) this.meters.set(key, edit)
  }

  get #kinds(): readonly ReadonlyMap<string, EditOf<Piece>>[] {
    return [this.flows, this.groups, this.meters]
  }
}

/** What a delta of the engine means for the switch. Tunnel ports are not the switch's: OVSDB makes them. */
export function editsOf(delta: Delta): Edits {
  const edits = new Edits()
  for (const piece of put(delta.flows)) edits.flows.set(piece.key, putFlow(piece))
  for (const piece of delta.flows.removed) edits.flows.set(piece.key, removeFlow(piece))
  for (const piece of put(delta.groups)) edits.groups.set(piece.key, putObject(piece))
  for (const piece of delta.groups.removed)
    edits.groups.set(piece.key, removeObject(piece.key, unitKey(piece.unit)))
  for (const piece of put(delta.meters)) edits.meters.set(piece.key, putObject(piece))
  for (const piece of delta.meters.removed)
    edits.meters.set(piece.key, removeObject(piece.key, unitKey(piece.unit)))
  return edits
}

function* put<P extends Piece>(delta: PieceDelta<P>): Iterable<P> {
  yield* delta.added
  yield* delta.changed
}
