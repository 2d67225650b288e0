/**
 * The order in which flows change, so that a switch is safe after every prefix of it: where a packet would go is there
 * before what sends it there, and what sends it there goes before where it went. Packets only move to later tables, and within a
 * table what refuses is above what permits.
 */
import type { FlowEdit } from './edit.ts'

/** Additions and changes from the last table to the first, high priorities first; then removals from the first table on, low priorities first. */
export function inSafeOrder(edits: Iterable<FlowEdit>): FlowEdit[] {
  const puts: FlowEdit[] = []
  const removals: FlowEdit[] = []
  for (const edit of edits) (edit.piece ? puts : removals).push(edit)
  puts.sort((a, b) => b.table - a.table || b.priority - a.priority)
  removals.sort((a, b) => a.table - b.table || a.priority - b.priority)
  return puts.concat(removals)
}

/** Pieces of at most `length`. */
export function* chunksOf<T>(items: readonly T[], length: number): Iterable<readonly T[]> {
  for (let at = 0; at < items.length; at += length) yield items.slice(at, at + length)
}
