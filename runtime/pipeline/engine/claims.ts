/** Who holds which key of a datapath: at most one piece a key, the first that asked; what lost waits for its turn. */
import type { Piece } from '../canonical/piece.ts'
import type { PieceDelta } from './delta.ts'

/** `holder` has the key that `refused` wanted too. */
export interface Conflict {
  readonly holder: Piece
  readonly refused: Piece
}

/**
 * The pieces of one kind on one datapath. `replace` is called for each unit that was computed again; `settle` tells
 * the net difference since the last call, so that what moves from one unit to another, or goes and comes back, costs the switch nothing.
 */
export class Claims<P extends Piece> {
  readonly #held = new Map<string, P>()
  readonly #waiting = new Map<string, P[]>()
  readonly #before = new Map<string, P | undefined>()
  #refused: P[] = []

  get held(): ReadonlyMap<string, P> {
    return this.#held
  }

  /**
   * Puts a unit's `next` pieces in place of its `previous` ones. Returns what the unit holds or waits for from now on: a
   * piece that did not change stays the same object.
   */
  replace(previous: readonly P[], next: readonly P[]): readonly P[] {
    if (previous.length === 0 && next.length === 0) return previous
    const mine = new Map<string, P>()
    for (const piece of next) {
      const twice = mine.get(piece.key)
      if (twice) this.#refused.push(piece)
      else mine.set(piece.key, this.#claim(piece))
    }
    for (const piece of previous) if (!mine.has(piece.key)) this.#release(piece)
    return [...mine.values()]
  }

  /** What changed since the last call, by key. */
  settle(): PieceDelta<P> {
    const delta: PieceDelta<P> = { added: [], changed: [], removed: [] }
    for (const [key, before] of this.#before) {
      const after = this.#held.get(key)
      if (after === before) continue
      if (!before) delta.added.push(after!)
      else if (!after) delta.removed.push(before)
      else if (before.body !== after.body) delta.changed.push(after)
    }
    this.#before.clear()
    return delta
  }

  /** What was refused since the last call and still is: what only changes hands within one change is no conflict. */
  takeConflicts(): readonly Conflict[] {
    const refused = this.#refused
    if (refused.length === 0) return []
    this.#refused = []
    return refused.flatMap((piece) => {
      const holder = this.#held.get(piece.key)
      return holder && holder !== piece ? [{ holder, refused: piece }] : []
    })
  }

  #claim(piece: P): P {
    const holder = this.#held.get(piece.key)
    if (!holder) {
      this.#set(piece)
      return piece
    }
    if (holder.unit === piece.unit) {
      if (holder.body === piece.body) return holder
      this.#set(piece)
      return piece
    }
    const waiting = this.#waiting.get(piece.key) ?? []
    const place = waiting.findIndex((other) => other.unit === piece.unit)
    if (place >= 0) waiting[place] = piece
    else waiting.push(piece)
    this.#waiting.set(piece.key, waiting)
    this.#refused.push(piece)
    return piece
  }

  #release(piece: P): void {
    const waiting = this.#waiting.get(piece.key)
    if (this.#held.get(piece.key) !== piece) {
      const others = waiting?.filter((other) => other !== piece) ?? []
      if (others.length > 0) this.#waiting.set(piece.key, others)
      else this.#waiting.delete(piece.key)
      return
    }
    const heir = waiting?.shift()
    if (waiting?.length === 0) this.#waiting.delete(piece.key)
    if (heir) this.#set(heir)
    else this.#unset(piece.key)
  }

  #set(piece: P): void {
    if (!this.#before.has(piece.key)) this.#before.set(piece.key, this.#held.get(piece.key))
    this.#held.set(piece.key, piece)
  }

  #unset(key: string): void {
    if (!this.#before.has(key)) this.#before.set(key, this.#held.get(key))
    this.#held.delete(key)
  }
}
