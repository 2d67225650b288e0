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

const isObject = (value: unknown): value is Item =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isNested = (value: unknown) => typeof value === 'object' && value !== null && !isTexts(value)

/** Names that end like those of ids of rows, and are none. */
const noIds: ReadonlySet<string> = new Set(['node_id', 'vlan_id'])

/** Ids of rows mean nothing to people where there is a uuid; what is nested has its own command. */
const isShown = (name: string, items: readonly Item[]) =>
  !noise.has(name) &&
  (noIds.has(name) || !name.endsWith('_id')) &&
  !items.some((item) => isNested(item[name]))

/** Columns that come first, in this order: what it is, its addresses, where it is plugged in. */
const leading = [
  'uuid',
  'mode',
  'network_uuid',
  'segment_uuid',
  'ipv4_network',
  'ipv4_prefix',
  'ipv6_network',
  'ipv6_prefix',
  'ipv4_address',
  'ipv6_address',
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
  differences: ['differences'],
}
/** Texts of several words need a line each. */
const areSentences = (value: unknown): value is string[] =>
  isTexts(value) && value.some((text) => text.includes(' '))

const text = (value: unknown): string => {
  if (areSentences(value)) return String(value.length)
  if (isTexts(value)) return value.length === 0 ? '-' : value.join(' ')
  return value === null || value === undefined || value === '' ? '-' : String(value)
}

/** Addresses of datapaths are numbers in the API. */
const cell = (name: string, value: unknown) =>
  name === 'mac_address' && typeof value === 'number' ? formatMac(value) : text(value)

function columnsOf(items: readonly Item[]): string[] {
  const all = [...new Set(items.flatMap((item) => Object.keys(item)))]
  const names = all.filter((name) => isShown(name, items))
  const always = Object.entries(staying).flatMap(([field, columns]) =>
    items.some((item) => field in item) ? columns : [],
  )
  const shown = [...new Set([...names, ...always])]
    .filter((name) => always.includes(name) || items.some((item) => text(item[name]) !== '-'))
    .sort((a, b) => rank(a) - rank(b))
  return shown.length > 0 ? shown : all
}

/** Lines under a row, for what has no room in a cell. */
const sentencesOf = (item: Item) =>
  Object.values(item)
    .filter(areSentences)
    .flat()
    .map((sentence) => `  ${sentence}`)

/** Rows under a header, in columns. */
export function table(items: readonly Item[]): string {
  const columns = columnsOf(items)
  const rows = [
    columns.map((name) => name.toUpperCase()),
    ...items.map((item) => columns.map((name) => cell(name, item[name]))),
  ]
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]!.length)))
  const line = (row: readonly string[]) =>
    row
      .map((text, index) => text.padEnd(widths[index]!))
      .join('  ')
      .trimEnd()
  const [header, ...others] = rows.map(line)
  return [header, ...others.flatMap((row, index) => [row, ...sentencesOf(items[index]!)])].join('\n')
}

/** Objects of the API's resources; what is nested in them has a command of its own. */
const isRecord = (item: Item) => 'uuid' in item || 'id' in item

/** The lists of objects in what is no object of a resource: each is a table of its own. */
const listsIn = (item: Item): [string, Item[]][] =>
  isRecord(item)
    ? []
    : Object.entries(item).filter((entry): entry is [string, Item[]] => {
        const [, value] = entry
        return isNested(value) && Array.isArray(value) && value.every(isObject)
      })

/** What lines and columns would not show. */
function hidesSomething(item: Item): boolean {
  if (isRecord(item)) return false
  const lists = listsIn(item)
  const nested = Object.values(item).filter(isNested)
  return nested.length > lists.length || lists.some(([, rows]) => rows.some(hidesSomething))
}

/** One object: a line for each of its values, then the lists in it. */
function card(item: Item): string {
  const names = columnsOf([item])
  const width = Math.max(...names.map((name) => name.length), 0)
  const lines = names.map((name) => `${name.padEnd(width)}  ${cell(name, item[name])}`)
  const lists = listsIn(item).map(([name, rows]) => `\n${name}:\n${table(rows)}`)
  return [...lines, ...sentencesOf(item), ...lists].join('\n')
}

/** Any answer of the API as text; undefined: it is nested so that a table would not show it all. */
export function tabular(answer: unknown): string | undefined {
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
    if (answer.some((item) => (isObject(item) ? hidesSomething(item) : isNested(item)))) return undefined
    return answer.every(isObject) ? table(answer) : answer.map(text).join('\n')
  }
  if (isObject(answer) && hidesSomething(answer)) return undefined
  if (isObject(answer)) return Object.keys(answer).length === 0 ? 'nothing changed' : card(answer)
  return text(answer)
}
