/** Rows under one key, in the order of ids. A list that was handed out is never changed: the next change copies it. */

import type { AnyRow } from './keys.ts'
import { firstPlaceholder } from './types.ts'

/** Placeholder ids count down and stand for ids to come, so they come after every id, in the order of their making. */
const rank = (id: number): number => (id <= firstPlaceholder ? -id : id)

export class RowList {
  #rows: AnyRow[]
  #shared: boolean
  /** The read key of this list, made when it is first wanted. */
  readKey: string | undefined = undefined

  constructor(rows: AnyRow[] = [], shared = false) {
    this.#rows = rows
    this.#shared = shared
  }

  get first(): AnyRow | undefined {
    return this.#rows[0]
  }

  get length(): number {
    return this.#rows.length
  }

  /** The rows as they are now; this array will not change. */
  share(): readonly AnyRow[] {
    this.#shared = true
    return this.#rows
  }

  /** Adds the row, or puts it in the place of the row with its id. */
  put(row: AnyRow): void {
    const at = this.#position(row.id)
    this.#own()
    if (this.#rows[at]?.id === row.id) this.#rows[at] = row
    else if (at === this.#rows.length) this.#rows.push(row)
    else this.#rows.splice(at, 0, row)
  }

  remove(id: number): void {
    const at = this.#position(id)
    if (this.#rows[at]?.id !== id) return
    this.#own()
    this.#rows.splice(at, 1)
  }

  #own(): void {
    if (!this.#shared) return
    this.#rows = this.#rows.slice()
    this.#shared = false
  }

  /** Where the id is or belongs. New rows have the greatest ids, so the end is looked at first. */
  #position(id: number): number {
    const wanted = rank(id)
    let low = 0
    let high = this.#rows.length
    if (high === 0 || rank(this.#rows[high - 1]!.id) < wanted) return high
    while (low < high) {
      const middle = (low + high) >>> 1
      if (rank(this.#rows[middle]!.id) < wanted) low = middle + 1
      else high = middle
    }
    return low
  }
}
