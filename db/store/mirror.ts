/** The store thread's own copy of the state: guards, reloads and snapshots come from it. */

import { tableNames } from '../state/keys.ts'
import { sqlName } from '../state/relations.ts'
import type { Change, TableName } from '../state/types.ts'
import { type Snapshot, StateView } from '../state/view.ts'
import type { FeedRow, RawSnapshot } from './backend.ts'
import { parseChanges } from './protocol.ts'
import { RecentKeys } from './recent-keys.ts'

const parseTable = (raw: RawSnapshot, table: TableName) =>
  JSON.parse(`[${(raw.tables.get(sqlName(table)) ?? []).join(',')}]`)

const asSnapshot = (raw: RawSnapshot): Snapshot => ({
  rows: Object.fromEntries(
    tableNames.map((table) => [table, parseTable(raw, table)]),
  ) as unknown as Snapshot['rows'],
  revision: raw.revision,
})

/** Changes as the JSON text that `parseChanges` reads; before and after are JSON already. */
export const changesAsText = (rows: readonly FeedRow[]): string =>
  `[${rows.map(([revision, table, id, before, after]) => `[${revision},"${table}",${id},${before},${after}]`).join(',')}]`

/** Batches that may wait to be applied. */
const pendingBatches = 64

export class Mirror {
  private readonly state = new StateView()
  private readonly recent: RecentKeys
  /** Changes that are out already but not applied yet: most are applied when nobody waits. */
  private pending: { text: string; revision: number }[] = []

  constructor(raw: RawSnapshot) {
    this.state.load(asSnapshot(raw))
    this.recent = new RecentKeys(raw.revision)
  }

  get view(): StateView {
    this.settle()
    return this.state
  }

  add(text: string, revision: number): void {
    this.pending.push({ text, revision })
    if (this.pending.length > pendingBatches) this.settle()
  }

  /** Applies what is pending. */
  settle(): void {
    for (const { text, revision } of this.pending) {
      this.recent.record(revision, (keys) => this.state.applyInto(parseChanges(text), keys))
    }
    this.pending = []
  }

  changedSince(revision: number, keys: readonly string[]): boolean {
    if (keys.length === 0 || revision >= (this.pending.at(-1)?.revision ?? this.state.revision)) return false
    this.settle()
    return this.recent.changedSince(revision, keys)
  }

  snapshot(): Snapshot {
    return {
      rows: Object.fromEntries(
        tableNames.map((table) => [table, [...this.view[table].all()]]),
      ) as unknown as Snapshot['rows'],
      revision: this.view.revision,
    }
  }

  /** What must change here to be as the snapshot is: for when the feed no longer says. */
  difference(raw: RawSnapshot): Change[] {
    const changes: Change[] = []
    for (const table of tableNames) {
      const rows = parseTable(raw, table) as { id: number }[]
      const now = new Map(rows.map((row) => [row.id, row]))
      for (const before of this.view[table].all()) {
        if (!now.has(before.id))
          changes.push({ revision: raw.revision, table, id: before.id, before, after: null })
      }
      for (const row of rows) {
        const before = this.view[table].get(row.id) ?? null
        if (JSON.stringify(before) !== JSON.stringify(row)) {
          changes.push({
            revision: raw.revision,
            table,
            id: row.id,
            before,
            after: row as unknown as Change['after'],
          })
        }
      }
    }
    return changes
  }
}

/** The inverse of `parseChanges`. */
export const textOfChanges = (changes: readonly Change[]): string =>
  JSON.stringify(
    changes.map(({ revision, table, id, before, after }) => [revision, sqlName(table), id, before, after]),
  )
