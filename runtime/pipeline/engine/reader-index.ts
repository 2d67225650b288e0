/** Which units read which key of the state. */
import type { UnitNode } from './unit-node.ts'

const nobody: readonly UnitNode[] = []

export class ReaderIndex {
  // Most keys have one reader: a set for each would cost more than all the rest of the index.
  readonly #readers = new Map<string, UnitNode | Set<UnitNode>>()

  /** `node` reads `next` from now on, instead of `previous`. */
  update(node: UnitNode, previous: ReadonlySet<string>, next: ReadonlySet<string>): void {
    for (const key of next) if (!previous.has(key)) this.#add(key, node)
    for (const key of previous) if (!next.has(key)) this.#remove(key, node)
  }

  of(key: string): Iterable<UnitNode> {
    const readers = this.#readers.get(key)
    if (readers === undefined) return nobody
    return readers instanceof Set ? readers : [readers]
  }

  get size(): number {
    return this.#readers.size
  }

  #add(key: string, node: UnitNode): void {
    const readers = this.#readers.get(key)
    if (!readers) this.#readers.set(key, node)
    else if (readers instanceof Set) readers.add(node)
    else this.#readers.set(key, new Set([readers, node]))
  }

  #remove(key: string, node: UnitNode): void {
    const readers = this.#readers.get(key)
    if (readers instanceof Set) {
      readers.delete(node)
      if (readers.size === 0) this.#readers.delete(key)
    } else if (readers === node) this.#readers.delete(key)
  }
}
