/** Reads a description: objects by resource, each with its relations. Whatever is wrong is told with its place. */
import { parseAllDocuments } from 'yaml'
import type { Entries } from '../../../runtime/http/declare.ts'
import { suggestion } from '../suggest.ts'
import { UsageError } from '../usage-error.ts'
import { type Kind, kindNamed, kinds, type Relation } from './kinds.ts'
import { isValue, meaningOf, type Value } from './values.ts'

export type Values = Readonly<Record<string, Value>>

export interface DescribedEntry {
  /** What tells it from the others, where that is a uuid. */
  readonly uuid: string | undefined
  readonly values: Values
}
export interface DescribedObject {
  readonly kind: Kind
  readonly uuid: string
  readonly values: Values
  readonly relations: ReadonlyMap<Relation, readonly DescribedEntry[]>
  /** For messages: `networks nw-a`. */
  readonly where: string
}
export interface Description {
  /** Kinds that are named, also those of which there shall be none. */
  readonly kinds: ReadonlySet<Kind>
  readonly objects: readonly DescribedObject[]
}

const objectsMax = 10_000
const aliasesMax = 100

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function listAt(value: unknown, where: string): readonly unknown[] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value
  throw new UsageError(`${where}: expected a list`)
}

const kindOfKnown = (name: string, known: readonly string[]) => suggestion(name, known)

/** The values of parameters; what is null counts as not said. */
function valuesOf(
  entries: Entries,
  given: Readonly<Record<string, unknown>>,
  where: string,
  others: readonly string[],
): Record<string, Value> {
  const values: Record<string, Value> = {}
  for (const [name, value] of Object.entries(given)) {
    if (others.includes(name) || value === null) continue
    const schema = Object.hasOwn(entries, name) ? entries[name] : undefined
    if (schema === undefined) {
      const known = [...Object.keys(entries), ...others]
      throw new UsageError(
        `${where}: there is no ${name}${kindOfKnown(name, known) || `. It can be: ${known.join(', ')}`}`,
      )
    }
    const plain = Array.isArray(value) && value.every(isValue) ? value.join(',') : value
    if (!isValue(plain)) throw new UsageError(`${where}.${name}: expected one value`)
    const meaning = meaningOf(schema, plain)
    if (!meaning.ok) throw new UsageError(`${where}.${name}: ${meaning.problem}`)
    values[name] = plain
  }
  return values
}

function entryOf(relation: Relation, given: unknown, where: string): DescribedEntry {
  const { identity, parameters } = relation
  const key = identity.by === 'other' ? identity.key : identity.by === 'own' ? 'uuid' : undefined
  const map = typeof given === 'string' && identity.by === 'other' ? { [identity.key]: given } : given
  if (!isMap(map))
    throw new UsageError(`${where}: expected ${key === undefined ? 'an object' : `an object with ${key}`}`)
  const uuid = key === undefined ? undefined : map[key]
  if (key !== undefined && typeof uuid !== 'string') throw new UsageError(`${where}: ${key} is missing`)
  const others = identity.by === 'other' ? [identity.key] : []
  return { uuid: uuid as string | undefined, values: valuesOf(parameters, map, where, others) }
}

function relationsOf(kind: Kind, given: Readonly<Record<string, unknown>>, where: string) {
  const relations = new Map<Relation, readonly DescribedEntry[]>()
  for (const relation of kind.relations) {
    const { name } = relation
    if (given[name] === undefined) continue
    const entries = listAt(given[name], `${where}.${name}`)
    relations.set(
      relation,
      entries.map((entry, index) => entryOf(relation, entry, `${where}.${name}[${index}]`)),
    )
  }
  return relations
}

function objectOf(kind: Kind, given: unknown, at: string): DescribedObject {
  if (!isMap(given)) throw new UsageError(`${at}: expected an object with a uuid`)
  const { uuid } = given
  if (typeof uuid !== 'string')
    throw new UsageError(`${at}: uuid is missing: by it the object is known the next time`)
  const where = `${kind.name} ${uuid}`
  const relations = relationsOf(kind, given, where)
  const others = kind.relations.map(({ name }) => name)
  const { uuid: _, ...values } = valuesOf(kind.create.parameters, given, where, others)
  return { kind, uuid, values, relations, where }
}

function documentsOf(text: string): unknown[] {
  const documents = parseAllDocuments(text, { stringKeys: true, prettyErrors: true, logLevel: 'error' })
  if (!Array.isArray(documents)) return []
  return documents.map((document) => {
    const [error] = document.errors
    if (error !== undefined) throw new UsageError(error.message.split('\n')[0]!)
    return document.toJS({ maxAliasCount: aliasesMax })
  })
}

/** From YAML or JSON. Throws `UsageError`. */
export function readDescription(text: string): Description {
  const named = new Set<Kind>()
  const objects = new Map<string, DescribedObject>()
  for (const document of documentsOf(text)) {
    if (document === null) continue
    if (!isMap(document))
      throw new UsageError('expected resources with lists of objects, like networks: [{uuid: nw-a, …}]')
    for (const [name, list] of Object.entries(document)) {
      const kind = kindNamed(name)
      const names = kinds.map((one) => one.name)
      if (kind === undefined)
        throw new UsageError(
          `there is no resource ${name}${kindOfKnown(name, names) || `. There are ${names.join(', ')}`}`,
        )
      named.add(kind)
      for (const [index, given] of listAt(list, name).entries()) {
        const object = objectOf(kind, given, `${name}[${index}]`)
        if (objects.has(object.where)) throw new UsageError(`${object.where} is described twice`)
        objects.set(object.where, object)
      }
    }
  }
  if (objects.size > objectsMax)
    throw new UsageError(`${objects.size} objects, at most ${objectsMax} at a time`)
  return { kinds: named, objects: [...objects.values()] }
}
