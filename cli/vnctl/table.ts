/** Answers as tables for people. */
import { formatMac } from '../../runtime/packet/address.ts'

type Item = Readonly<Record<string, unknown>>

const noise = new Set([
  'id',
  'deleted_at',
  'is_deleted',
  'created_at',
  'updated_at',
  'enable_legacy_filtering',
])
const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')

/** Ids of rows mean nothing to people where there is a uuid; what is nested has its own command. */
const isShown = (name: string, value: unknown) =>
  !noise.has(name) &&
  (name === 'node_id' || !name.endsWith('_id')) &&
  (typeof value !== 'object' || value === null || name.endsWith('_uuids'))

/** Columns that come first, in this order: what it is, its addresses, where it is plugged in. */
const leading = [
  'uuid',
  'mode',
  'network_uuid',
  'segment_uuid',
  'ipv4_network',
  'ipv4_prefix',
  'ipv4_address',
  'mac_address',
  'port_name',
  'datapath_uuid',
  'active_datapath_uuids',
]
const rank = (name: string) => (leading.includes(name) ? leading.indexOf(name) : leading.length)

/** Columns that stay where every row leaves them empty, by a field that only these rows have. */
const staying: Readonly<Record<string, readonly string[]>> = {
  mac_leases: ['network_uuid', 'ipv4_address', 'mac_address', 'port_name', 'active_datapath_uuids'],
  ipv4_prefix: ['mode'],
  singular: ['port_name', 'datapath_uuid'],
}

const text = (value: unknown): string => {
  if (isTexts(value)) return value.length === 0 ? '-' : value.join(' ')
  return value === null || value === undefined || value === '' ? '-' : String(value)
}

/** Addresses of datapaths are numbers in the API. */
const cell = (name: string, value: unknown) =>
  name === 'mac_address' && typeof value === 'number' ? formatMac(value) : text(value)

function columnsOf(items: readonly Item[]): string[] {
  const names = new Set(
    items.flatMap((item) => Object.keys(item).filter((name) => isShown(name, item[name]))),
  )
  const always = Object.entries(staying).flatMap(([field, columns]) =>
    items.some((item) => field in item) ? columns : [],
  )
  const shown = [...new Set([...names, ...always])]
    .filter((name) => always.includes(name) || items.some((item) => text(item[name]) !== '-'))
    .sort((a, b) => rank(a) - rank(b))
  return shown.length > 0 ? shown : [...new Set(items.flatMap((item) => Object.keys(item)))]
}

const isObject = (value: unknown): value is Item =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Rows under a header, in columns. */
export function table(items: readonly Item[]): string {
  const columns = columnsOf(items)
  const rows = [
    columns.map((name) => name.toUpperCase()),
    ...items.map((item) => columns.map((name) => cell(name, item[name]))),
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
  return names.map((name) => `${name.padEnd(width)}  ${cell(name, item[name])}`).join('\n')
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
