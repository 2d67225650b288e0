/** What has changed since a revision, from the change feed: exactly that, or the word that the feed does not say any more. */

import { sqlName, tableOfSqlName } from '../../../db/state/relations.ts'
import type { Change, State } from '../../../db/state/types.ts'
import type { Store } from '../../../db/store/store.ts'
import { describeChange, type UuidOf } from './describe-change.ts'
import { GoneUuids, uuidIn } from './event-hub.ts'
import { eventLimits } from './limits.ts'
import { isWanted, type Notice, type NoticeFilter } from './notice.ts'

export type FeedReader = Pick<Store, 'query'>

const pageSql =
  'SELECT revision, table_name, row_id, before, after FROM changes WHERE revision > ? AND revision <= ? ORDER BY revision LIMIT ?'
const pageBackSql =
  'SELECT revision, table_name, row_id, before, after FROM changes WHERE revision > ? AND revision < ? ORDER BY revision DESC LIMIT ?'
const deletedSql = `SELECT table_name, row_id, json_extract(before, '$.uuid') FROM changes
  WHERE revision > ? AND revision <= ? AND after IS NULL AND json_extract(before, '$.uuid') IS NOT NULL`

/** Whether every change after `since`, up to `upTo`, is still in the feed. */
export async function isKept(store: FeedReader, since: number, upTo: number): Promise<boolean> {
  if (since === upTo) return true
  if (since > upTo) return false
  const [row] = await store.query('SELECT count(*) FROM changes WHERE revision > ? AND revision <= ?', [
    since,
    upTo,
  ])
  // Revisions have no gaps but where the database was put back to an older copy.
  return Number(row?.[0]) === upTo - since
}

const parsed = (text: unknown): Change['before'] => (typeof text === 'string' ? JSON.parse(text) : null)

/** The uuids of what is there, and of what was deleted meanwhile. */
async function uuidsBetween(store: FeedReader, state: State, since: number, upTo: number): Promise<UuidOf> {
  const gone = new GoneUuids()
  for (const [table, id, uuid] of await store.query(deletedSql, [since, upTo]))
    gone.add(String(table), Number(id), uuid)
  return (table, id) => uuidIn(state, table, id) ?? gone.get(sqlName(table), id) ?? null
}

type Rows = Awaited<ReturnType<FeedReader['query']>>

const wantedOf = (rows: Rows, uuidOf: UuidOf, filter: NoticeFilter): Notice[] =>
  rows
    .flatMap(([revision, name, id, before, newer]) => {
      const table = tableOfSqlName(String(name))
      if (table === undefined) return []
      const change = { revision: Number(revision), table, id: Number(id) }
      return describeChange({ ...change, before: parsed(before), after: parsed(newer) }, uuidOf) ?? []
    })
    .filter((notice) => isWanted(filter, notice))

/** The notices of all changes after `since` up to `upTo` that are wanted, page by page. Throws what the store throws. */
export async function* replay(
  store: FeedReader,
  state: State,
  filter: NoticeFilter,
  since: number,
  upTo: number,
): AsyncIterable<readonly Notice[]> {
  const uuidOf = await uuidsBetween(store, state, since, upTo)
  for (let after = since; after < upTo; ) {
    const rows = await store.query(pageSql, [after, upTo, eventLimits.pageChanges])
    if (rows.length === 0) return
    yield wantedOf(rows, uuidOf, filter)
    after = Number(rows.at(-1)![0])
  }
}

/** The newest of them, as many as there are up to `last`, in the order in which they happened. Throws what the store throws. */
export async function newest(
  store: FeedReader,
  state: State,
  filter: NoticeFilter,
  { since, upTo, last }: { readonly since: number; readonly upTo: number; readonly last: number },
): Promise<readonly Notice[]> {
  const uuidOf = await uuidsBetween(store, state, since, upTo)
  const found: Notice[] = []
  for (let before = upTo + 1; found.length < last; ) {
    const rows = await store.query(pageBackSql, [since, before, eventLimits.pageChanges])
    if (rows.length === 0) break
    found.push(...wantedOf(rows, uuidOf, filter))
    before = Number(rows.at(-1)![0])
  }
  return found.slice(0, last).reverse()
}
