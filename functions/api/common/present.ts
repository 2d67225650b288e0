/** Pieces of answers that every object shares. */
import type { Row, TableName, TableView } from 'openvnet'

let latest = { time: Number.NaN, text: '' }

/** `2026-11-22 10:37:25 UTC`: times are answered as OpenVNet does. */
export function timeText(time: number): string {
  // Answers have few different times, and formatting one costs more than all the rest of a small object.
  if (latest.time !== time)
    latest = { time, text: `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC` }
  return latest.text
}

/** Deleted rows are gone, so no answer has any; clients still look at the two fields. */
export const times = (row: { readonly created_at: number; readonly updated_at: number }) => ({
  created_at: timeText(row.created_at),
  updated_at: timeText(row.updated_at),
  deleted_at: null,
  is_deleted: 0,
})

interface Page {
  readonly limit: number
  readonly offset: number
}

/** One page of rows in the envelope of every list. */
export const page = <R>(
  rows: Iterable<R>,
  total: number,
  { limit, offset }: Page,
  present: (row: R) => object,
) => {
  const items: object[] = []
  let index = 0
  for (const row of rows) {
    if (index >= offset + limit) break
    if (index++ >= offset) items.push(present(row))
  }
  return { total_count: total, offset, limit, items }
}

export const pageOfTable = <T extends TableName>(
  table: TableView<T>,
  input: Page,
  present: (row: Row<T>) => object,
) => page(table.all(), table.size, input, present)

export const pageOfList = <R>(rows: readonly R[], input: Page, present: (row: R) => object) =>
  page(rows, rows.length, input, present)
