/** What there is, read from the API in batches: each of them at one moment. */
import type { Rows } from '../../../runtime/http/answers/rows.ts'
import { formatIpv4, formatMac } from '../../../runtime/packet/address.ts'
import { RequestError, refusalOf, send, targetOf } from '../client.ts'
import type { Settings } from '../settings.ts'
import type { Kind, Relation } from './kinds.ts'
import { fieldNameOf, kindNamed } from './kinds.ts'
import { type Item, isValue, type Value } from './values.ts'

/** Of one batch: its answers have a limit. */
const readsPerBatch = 500
const pageLimit = 10_000

/** Some answers have addresses as integers. */
function asText(name: string, value: number): Value {
  if (/ipv4_(address|network)$/.test(name)) return formatIpv4(value)
  return /mac_address$/.test(name) ? formatMac(value) : value
}

type Ids = ReadonlyMap<number, string>

function refuseMore(what: string, count: number, answered: number): void {
  if (count > answered)
    throw new RequestError(`${what}: there are ${count}, more than ${pageLimit} at a time`)
}

/** Objects by kind and uuid, with the entries of the relations that were asked for. */
export class Current {
  readonly #objects = new Map<string, ReadonlyMap<string, Item>>()
  readonly #entries = new Map<string, readonly Item[]>()
  readonly #ids = new Map<string, Ids>()
  readonly #found = new Set<string>()
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Reads the objects of these kinds, and of those that fields refer to by number. */
  async readObjects(kinds: Iterable<Kind>): Promise<void> {
    const referred = ['interfaces', 'segments', 'topologies'].flatMap((name) => kindNamed(name) ?? [])
    const wanted = [...new Set([...referred, ...kinds])]
    const lists = await this.#lists(wanted.map(({ path }) => path))
    for (const items of lists) this.#learnFound(items)
    for (const [index, { name }] of wanted.entries()) {
      const items = lists[index]!.filter((item) => !this.#isFound(item))
      this.#objects.set(name, new Map(items.map((item) => [String(item['uuid']), item])))
      this.#ids.set(name, new Map(items.map((item) => [Number(item['id']), String(item['uuid'])])))
    }
  }

  /** Reads the entries of relations of objects that there are. */
  async readRelations(wanted: readonly (readonly [Relation, uuid: string])[]): Promise<void> {
    const listed = wanted.filter(([{ rows }]) => rows === undefined)
    const lists = await this.#lists(listed.map(([{ path }, uuid]) => path.replace(':uuid', uuid)))
    for (const [index, [relation, uuid]] of listed.entries())
      this.#entries.set(
        `${relation.path} ${uuid}`,
        lists[index]!.filter((item) => !this.#isFound(item)),
      )
    const inRows = new Set(wanted.flatMap(([relation]) => (relation.rows === undefined ? [] : [relation])))
    for (const relation of inRows) await this.#readRows(relation, relation.rows!)
  }

  async #readRows({ path, by }: Relation, { resource, owner }: NonNullable<Relation['rows']>): Promise<void> {
    for (const entry of await this.#rows(resource)) {
      // What follows from a topology is not anybody's to describe.
      if (isValue(entry['topology_uuid']) && owner !== 'topology_uuid') continue
      if (this.#isFound(entry)) continue
      // Nor what leases and routes make so.
      if (by === 'flag' && entry['static'] !== true) continue
      const key = `${path} ${entry[owner]}`
      this.#entries.set(key, [...(this.#entries.get(key) ?? []), entry])
    }
  }

  /** All of them, page by page. */
  async #rows(resource: string): Promise<Item[]> {
    const entries: Item[] = []
    let first: number | undefined
    for (;;) {
      const page = { limit: String(pageLimit), offset: String(entries.length) }
      const answer = await send(this.#settings, {
        method: 'GET',
        target: targetOf(this.#settings, `/rows/${resource}`, page),
      })
      if (answer.status >= 400) throw refusalOf(answer, this.#settings)
      const { items, names, revision, total_count } = answer.json as Rows
      if ((first ??= revision) !== revision)
        throw new RequestError(`${resource}: the state changed while it was read; try again`)
      const none = Object.fromEntries(names.map((name) => [name, null]))
      for (const { fields } of items)
        entries.push({ ...none, ...Object.fromEntries(fields.map(({ name, value }) => [name, value])) })
      if (items.length === 0 || entries.length >= total_count) return entries
    }
  }

  /** What a lease policy has made of machines that it found is not anybody's to describe: interfaces, and leases of theirs. */
  #learnFound(items: readonly Item[]): void {
    for (const item of items)
      if (isValue(item['lease_policy_uuid']) || this.#isFound(item)) this.#found.add(String(item['uuid']))
  }

  /** It is such, or about such. */
  #isFound(item: Item): boolean {
    return Object.values(item).some((value) => typeof value === 'string' && this.#found.has(value))
  }

  objects(kind: Kind): ReadonlyMap<string, Item> {
    return this.#objects.get(kind.name) ?? new Map()
  }

  entries(relation: Relation, uuid: string): readonly Item[] {
    return this.#entries.get(`${relation.path} ${uuid}`) ?? []
  }

  /** The value of a parameter as it is; null: none; undefined: the API does not tell. */
  valueOf(owner: string, item: Item, parameter: string): Value | null | undefined {
    const name = fieldNameOf(owner, parameter)
    const value = item[name]
    const prefix = /^(ipv6_)?(src|dst)_address$/.test(name)
      ? item[name.replace('address', 'prefix')]
      : undefined
    if (typeof prefix === 'number' && isValue(value)) return `${value}/${prefix}`
    if (typeof value === 'number') return asText(name, value)
    if (isValue(value) || value === null) return value
    if (Array.isArray(value) && value.every(isValue)) return value.join(',')
    if (!name.endsWith('_uuid')) return undefined
    const idName = name.replace(/_uuid$/, '_id')
    return item[idName] === null ? null : this.#uuidBy(item, idName)
  }

  /** Uuids of objects that an object names, by uuid or by number. */
  namedBy(item: Item): string[] {
    return Object.entries(item).flatMap(([name, value]) => {
      const uuid = name.endsWith('_uuid')
        ? value
        : name.endsWith('_id')
          ? this.#uuidBy(item, name)
          : undefined
      return typeof uuid === 'string' ? [uuid] : []
    })
  }

  #uuidBy(item: Item, idName: string): string | undefined {
    const id = item[idName]
    return typeof id === 'number' ? this.#ids.get(idName.replace(/_id$/, 's'))?.get(id) : undefined
  }

  async #lists(paths: readonly string[]): Promise<Item[][]> {
    const lists: Item[][] = []
    for (let from = 0; from < paths.length; from += readsPerBatch)
      lists.push(...(await this.#batch(paths.slice(from, from + readsPerBatch))))
    return lists
  }

  async #batch(paths: readonly string[]): Promise<Item[][]> {
    const items = paths.map((path) => ({ method: 'GET', path: `${path}?limit=${pageLimit}` }))
    const target = targetOf(this.#settings, '/batch')
    const answer = await send(this.#settings, { method: 'POST', target, body: JSON.stringify(items) })
    if (answer.status >= 400) throw refusalOf(answer, this.#settings)
    const answers = answer.json as { body: { items: Item[]; total_count: number } }[]
    return answers.map(({ body }, index) => {
      refuseMore(paths[index]!, body.total_count, body.items.length)
      return body.items
    })
  }
}
