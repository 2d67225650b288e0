/** Lists: pages of longer ones, in the envelope that every list has. */
import { list } from './field.ts'
import { type Shape, shape } from './shape.ts'
import { count } from './values.ts'

/** One page of a list of rows. */
export interface Page<Item> {
  /** How many there are on all pages. */
  readonly total_count: number
  readonly offset: number
  readonly limit: number
  readonly items: readonly Item[]
}

export interface PageShape<Source, To extends object> extends Shape<Page<Source>, Page<To>> {
  /** What is listed. */
  readonly item: Shape<Source, To>
}

export const page = <Source, To extends object>(item: Shape<Source, To>): PageShape<Source, To> => {
  const { name, schema, show } = shape(`${item.name}Page`, `A page of a list; each item is a ${item.name}.`, {
    total_count: count('how many there are, on all pages'),
    offset: count('how many were left out before'),
    limit: count('how many a page has at most'),
    items: list(item),
  })
  return { name, schema, show, item }
}

type Rows<Row> = readonly Row[] | { all(): Iterable<Row>; readonly size: number }

/** One page of rows, or of a whole table. */
export function pageOf<Row>(
  rows: Rows<Row>,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Page<Row> {
  const [all, total_count] = 'size' in rows ? [rows.all(), rows.size] : [rows, rows.length]
  const items: Row[] = []
  let index = 0
  for (const row of all) {
    if (index >= offset + limit) break
    if (index++ >= offset) items.push(row)
  }
  return { total_count, offset, limit, items }
}
