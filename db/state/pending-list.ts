/** The rows under one key of a table as a draft has them: only what it does to them, until somebody reads them. */
import type { AnyRow } from './keys.ts'
import { RowList } from './row-list.ts'

/**
 * A list of the state below may be long, and most drafts only add to it. So it is not copied before it is read; nor is
 * it handed out, after which the state itself would have to copy it at its next change.
 */
export class PendingList {
  readonly #base: () => readonly AnyRow[]
  #edits: { readonly row: AnyRow; readonly stays: boolean }[] = []
  #list: RowList | undefined

  constructor(base: () => readonly AnyRow[]) {
    this.#base = base
  }

  /** Adds the row, or puts it in the place of the row with its id. */
  put(row: AnyRow): void {
    if (this.#list === undefined) this.#edits.push({ row, stays: true })
    else this.#list.put(row)
  }

  remove(row: AnyRow): void {
    if (this.#list === undefined) this.#edits.push({ row, stays: false })
    else this.#list.remove(row.id)
  }

  get rows(): RowList {
    if (this.#list !== undefined) return this.#list
    const list = new RowList(this.#base() as AnyRow[], true)
    for (const { row, stays } of this.#edits)
      if (stays) list.put(row)
      else list.remove(row.id)
    this.#edits = []
    this.#list = list
    return list
  }
}
