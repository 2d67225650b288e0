/** `vnctl export [RESOURCE…]`: what there is, as a description that `vnctl apply` takes. */
import { stringify } from 'yaml'
import type { Entries } from '../../../runtime/http/declare.ts'
import type { Streams } from '../command.ts'
import { underscored } from '../grammar.ts'
import type { Settings } from '../settings.ts'
import { suggestion } from '../suggest.ts'
import { UsageError } from '../usage-error.ts'
import { Current } from './current.ts'
import { type Kind, kindNamed, kinds, type Relation, saidWith, toldElsewhere } from './kinds.ts'
import type { Item, Value } from './values.ts'

type Told = Record<string, unknown>

function kindsOf(words: readonly string[]): readonly Kind[] {
  if (words.length === 0) return kinds
  const names = kinds.map(({ name }) => name)
  return words.map((word) => {
    const kind = kindNamed(underscored(word))
    if (kind === undefined)
      throw new UsageError(
        `there is no resource ${word}${suggestion(word, names) || `. There are ${names.join(', ')}`}`,
      )
    return kind
  })
}

/** What parameters say; what has no value is left out. */
function valuesOf(current: Current, owner: string, parameters: Entries, item: Item): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, schema]): [string, Value][] => {
      if (toldElsewhere.has(`${owner}.${name}`)) return []
      const value = current.valueOf(owner, item, name)
      const isEmpty = value === '' && schema.type === 'optional'
      return value === undefined || value === null || isEmpty ? [] : [[name, value]]
    }),
  )
}

function entryOf(current: Current, kind: Kind, relation: Relation, entry: Item): unknown {
  const { identity, name, parameters } = relation
  const told = valuesOf(current, name, parameters, entry)
  const values = { ...told, ...saidWith[`${kind.name}.${name}`] }
  if (identity.by !== 'other') return values
  const other = entry[identity.key] ?? entry['uuid']
  return Object.keys(values).length === 0 ? other : { [identity.key]: other, ...values }
}

/** Undefined: it could not be made like this, since it lacks what the API demands. */
function objectOf(current: Current, kind: Kind, uuid: string, item: Item): Told | undefined {
  const { parameters } = kind.create
  const values = valuesOf(current, kind.name, parameters, item)
  const lacks = Object.entries(parameters).some(
    ([name, schema]) => schema.type !== 'optional' && values[name] === undefined && item[name] === null,
  )
  if (lacks) return undefined
  const told: Told = { uuid, ...values }
  for (const relation of relationsOf(kind)) {
    const entries = current
      .entries(relation, uuid)
      .map((entry) => entryOf(current, kind, relation, entry))
      .filter((entry) => typeof entry !== 'object' || Object.keys(entry as object).length > 0)
    const [only, another] = entries
    // An interface is made with its first port.
    if (kind.name === 'interfaces' && relation.name === 'ports' && another === undefined)
      Object.assign(told, asOwnPort(only as Told | undefined))
    else if (entries.length > 0) told[relation.name] = entries
  }
  return told
}

const asOwnPort = ({ port_name, datapath_uuid }: Told = {}): Told => ({
  ...(port_name === undefined ? {} : { port_name }),
  ...(datapath_uuid === undefined ? {} : { owner_datapath_uuid: datapath_uuid }),
})

const relationsOf = ({ name, relations }: Kind) =>
  relations.filter((relation) => !toldElsewhere.has(`${name}.${relation.name}`))

export async function runExport(
  words: readonly string[],
  _options: Readonly<Record<string, string>>,
  settings: Settings,
  streams: Streams,
): Promise<number> {
  const wanted = kindsOf(words)
  const current = new Current(settings)
  await current.readObjects(wanted)
  await current.readRelations(
    wanted.flatMap((kind) =>
      [...current.objects(kind).keys()].flatMap((uuid) =>
        relationsOf(kind).map((relation) => [relation, uuid] as const),
      ),
    ),
  )
  const description: Record<string, Told[]> = {}
  for (const kind of wanted) {
    const objects = [...current.objects(kind)].flatMap(([uuid, item]): Told[] => {
      const told = objectOf(current, kind, uuid, item)
      if (told === undefined) streams.error(`vnctl: ${kind.name} ${uuid} is left out: it belongs to nothing`)
      return told === undefined ? [] : [told]
    })
    if (objects.length > 0 || words.length > 0) description[kind.name] = objects
  }
  const asJson = settings.output === 'json'
  streams.out(asJson ? `${JSON.stringify(description, null, 2)}\n` : stringify(description, { lineWidth: 0 }))
  return 0
}
