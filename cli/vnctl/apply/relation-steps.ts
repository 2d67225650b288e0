/** What makes the relations of an object as a description says. */
import type { Current } from './current.ts'
import type { DescribedEntry, DescribedObject } from './document.ts'
import type { Relation } from './kinds.ts'
import type { FieldChange, Step } from './steps.ts'
import { type Item, isSame, isValue, meaningOf, type Value } from './values.ts'

export interface RelationOptions {
  /** What is not described goes. */
  readonly prune: boolean
  /** Objects that are deleted anyway, with their relations. */
  readonly gone: ReadonlySet<string>
}

/** What tells an entry that there is from the others. */
function uuidOf({ identity }: Relation, entry: Item): string | undefined {
  if (identity.by === 'fields') return undefined
  const uuid = (identity.by === 'other' ? entry[identity.key] : undefined) ?? entry['uuid']
  return typeof uuid === 'string' ? uuid : undefined
}

class RelationDifference {
  readonly #current: Current
  readonly #object: DescribedObject
  readonly #relation: Relation
  readonly #path: string

  constructor(current: Current, object: DescribedObject, relation: Relation) {
    this.#current = current
    this.#object = object
    this.#relation = relation
    this.#path = relation.path.replace(':uuid', object.uuid)
  }

  #what = (uuid: string | undefined) =>
    `${this.#object.where} ${this.#relation.name}${uuid === undefined ? '' : ` ${uuid}`}`

  #flagged = (isMember: boolean): Partial<Pick<Step, 'method' | 'body'>> =>
    this.#relation.by === 'flag' ? { method: 'PUT', body: { static: isMember } } : {}

  #valueOf = (entry: Item, name: string) => this.#current.valueOf(this.#relation.name, entry, name)

  addition({ uuid, values }: DescribedEntry, fields?: readonly FieldChange[]): Step {
    const inPath = this.#relation.identity.by === 'other'
    return {
      ...{ does: 'create', method: 'POST', body: values, what: this.#what(uuid) },
      ...this.#flagged(true),
      path: inPath ? `${this.#path}/${uuid}` : this.#path,
      fields:
        fields ??
        Object.entries(values).flatMap(([name, after]) => (name === 'uuid' ? [] : [{ name, after }])),
    }
  }

  removal(entry: Item): Step {
    const uuid = uuidOf(this.#relation, entry)
    const body = Object.fromEntries(
      Object.keys(this.#relation.removal).flatMap((name): [string, Value][] => {
        const value = this.#valueOf(entry, name)
        return isValue(value) ? [[name, value]] : []
      }),
    )
    const fields = Object.entries(body).map(([name, after]) => ({ name, after }))
    return {
      ...{ does: 'delete', method: 'DELETE', body, what: this.#what(uuid), fields },
      ...this.#flagged(false),
      path: uuid === undefined ? this.#path : `${this.#path}/${uuid}`,
      refersTo: [this.#object.uuid, ...(uuid === undefined ? [] : [uuid])],
    }
  }

  /** The fields of an entry that are not as described. */
  changed({ values }: DescribedEntry, entry: Item): FieldChange[] {
    return Object.entries(values).flatMap(([name, after]) => {
      const before = this.#valueOf(entry, name)
      const schema = this.#relation.parameters[name]!
      return before === undefined || isSame(schema, name, after, entry, before)
        ? []
        : [{ name, before, after }]
    })
  }

  /** Of entries that only their fields tell apart: nothing beyond what is said is there. */
  isLike(described: DescribedEntry, entry: Item): boolean {
    if (this.changed(described, entry).length > 0) return false
    return Object.entries(this.#relation.parameters).every(([name, schema]) => {
      const value = described.values[name] === undefined ? this.#valueOf(entry, name) : undefined
      return !isValue(value) || value === '' || value === false || value === 0 || isDefault(schema, value)
    })
  }
}

const isDefault = (schema: Parameters<typeof meaningOf>[0], value: Value): boolean => {
  const [none, has] = [meaningOf(schema, undefined), meaningOf(schema, value)]
  return none.ok && has.ok && none.meaning === has.meaning
}

export function relationSteps(
  current: Current,
  object: DescribedObject,
  relation: Relation,
  entries: readonly DescribedEntry[],
  { prune, gone }: RelationOptions,
): Step[] {
  const difference = new RelationDifference(current, object, relation)
  const there = current.entries(relation, object.uuid)
  const kept = new Set<Item>()
  const steps = entries.flatMap((described) => {
    const entry =
      described.uuid === undefined
        ? there.find((one) => !kept.has(one) && difference.isLike(described, one))
        : there.find((one) => uuidOf(relation, one) === described.uuid)
    if (entry === undefined) return [difference.addition(described)]
    kept.add(entry)
    const changed = difference.changed(described, entry)
    return changed.length === 0 ? [] : [difference.removal(entry), difference.addition(described, changed)]
  })
  if (!prune) return steps
  const left = there.filter((entry) => !kept.has(entry) && !gone.has(uuidOf(relation, entry) ?? ''))
  const removals = left.map((entry) => difference.removal(entry))
  // A removal that says nothing would be one of all.
  return [
    ...steps,
    ...removals.filter(({ path, body }) => path.split('/').length > 4 || Object.keys(body).length > 0),
  ]
}
