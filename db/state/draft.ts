/** Pending writes on top of a state: what a function writes and what it read, to be committed together or not at all. */

import { type BaseTable, type DraftLog, isPlaceholder, PendingTable } from './draft-table.ts'
import { tableNames } from './keys.ts'
import { type Draft, firstPlaceholder, type State, type TableName, type Write } from './types.ts'

export interface PendingDraft {
  readonly draft: Draft
  /** The writes so far, in order. What the database does by itself (cascades) is not among them. */
  readonly writes: readonly Write[]
  /** What was read so far, as read keys, each once: the guard of the commit. Grows with the draft, as `writes` does. */
  readonly reads: readonly string[]
}

/** Tables come to be when they are first named: most drafts touch few. */
export class DraftTables {
  readonly revision: number
  readonly #log: DraftLog
  readonly #tables = new Map<TableName, PendingTable>()

  constructor(state: State, log: Omit<DraftLog, 'table'>) {
    this.revision = state.revision
    this.#log = Object.assign(log, {
      table: (name: TableName) => {
        let table = this.#tables.get(name)
        if (table === undefined)
          this.#tables.set(
            name,
            (table = new PendingTable(name, state[name] as unknown as BaseTable, this.#log)),
          )
        return table
      },
    })
  }

  table(name: TableName): PendingTable {
    return this.#log.table(name)
  }

  /** Those that were named. */
  get touched(): Iterable<readonly [TableName, PendingTable]> {
    return this.#tables
  }
}

for (const name of tableNames) {
  Object.defineProperty(DraftTables.prototype, name, {
    get(this: DraftTables) {
      return this.table(name)
    },
  })
}

/**
 * A draft over a state. Inserted rows have placeholder ids until the commit; unique look-ups see pending rows; deletes
 * take along what the schema's foreign keys say.
 * @param now milliseconds since 1970, for `created_at` and `updated_at`
 */
export function createDraft(state: State, now: number): PendingDraft {
  let nextPlaceholder = firstPlaceholder
  const log = {
    now,
    writes: [] as Write[],
    reads: [] as string[],
    known: new Set<string>(),
    takeId: () => --nextPlaceholder,
    isNew: (_: TableName, id: number) => isPlaceholder(id),
  }
  const draft = new DraftTables(state, log) as unknown as Draft
  return { draft, writes: log.writes, reads: log.reads }
}
