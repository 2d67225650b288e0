/** Answers as tables for people. */

type Item = Readonly<Record<string, unknown>>

const noise = new Set([
  'id',
  'deleted_at',
  'is_deleted',
  'created_at',
  'updated_at',
  'enable_legacy_filtering',
])
/** Ids of rows mean nothing to people where there is a uuid; what is nested has its own command. */
const isShown = (name: string, value: unknown) =>
  !noise.has(name) && !name.endsWith('_id') && (typeof value !== 'object' || value === null)

const text = (value: unknown) => (value === null || value === undefined || value === '' ? '-' : String(value))

function columnsOf(items: readonly Item[]): string[] {
  const names = new Set(
    items.flatMap((item) => Object.keys(item).filter((name) => isShown(name, item[name]))),
  )
  // A datapath's node id is a name, not a row's id.
  if (items.some((item) => 'node_id' in item)) names.add('node_id')
  const shown = [...names].filter((name) => items.some((item) => text(item[name]) !== '-'))
  return shown.length > 0 ? shown : [...new Set(items.flatMap((item) => Object.keys(item)))]
}

const isObject = (value: unknown): value is Item =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Rows under a header, in columns. */
export function table(items: readonly Item[]): string {
  const columns = columnsOf(items)
  const rows = [
    columns.map((name) => name.toUpperCase()),
    ...items.map((item) => columns.map((name) => text(item[name]))),
  ]
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]!.length)))
  return rows
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** One object: a line for each of its values. */
function card(item: Item): string {
  const names = columnsOf([item])
  const width = Math.max(...names.map((name) => name.length), 0)
  return names.map((name) => `${name.padEnd(width)}  ${text(item[name])}`).join('\n')
}

/** Any answer of the API. */
export function tabular(answer: unknown): string {
  if (isObject(answer) && Array.isArray(answer['items'])) {
    const {
      items,
      total_count: total,
      offset,
    } = answer as { items: Item[]; total_count: number; offset: number }
    if (items.length === 0) return total === 0 ? 'none' : `none from ${offset} on, of ${total}`
    const rest =
      items.length < total
        ? `\n${offset + 1} to ${offset + items.length} of ${total} (--limit, --offset)`
        : ''
    return `${table(items)}${rest}`
  }
  if (Array.isArray(answer)) {
    if (answer.length === 0) return 'none'
    return answer.every(isObject) ? table(answer) : answer.map(text).join('\n')
  }
  if (isObject(answer)) return Object.keys(answer).length === 0 ? 'nothing changed' : card(answer)
  return text(answer)
}
