/** What makes the state as a description says. */
import { RequestError } from '../client.ts'
import type { Current } from './current.ts'
import type { DescribedObject, Description, Values } from './document.ts'
import { type Kind, replaceable } from './kinds.ts'
import { relationSteps } from './relation-steps.ts'
import { type FieldChange, inOrder, type Step } from './steps.ts'
import { type Item, isSame, isValue } from './values.ts'

const asFields = (values: Values): FieldChange[] =>
  Object.entries(values).map(([name, after]) => ({ name, after }))

const creation = ({ kind, uuid, values, where }: DescribedObject): Step => ({
  ...{ does: 'create', method: 'POST', path: kind.path, body: { uuid, ...values } },
  ...{ what: where, fields: asFields(values), uuid },
})

const deletion = (current: Current, kind: Kind, uuid: string, item: Item): Step => ({
  ...{ does: 'delete', method: 'DELETE', path: `${kind.path}/${uuid}`, body: {} },
  ...{ what: `${kind.name} ${uuid}`, fields: [], uuid, refersTo: current.namedBy(item) },
})

/** Fields that are not as described; those that the API does not tell count only when the object is made. */
function changedFields(current: Current, { kind, values }: DescribedObject, item: Item): FieldChange[] {
  return Object.entries(values).flatMap(([name, after]) => {
    const before = current.valueOf(kind.name, item, name)
    const schema = kind.create.parameters[name]!
    return before === undefined || isSame(schema, name, after, item, before) ? [] : [{ name, before, after }]
  })
}

const firstOf = (item: Item, list: string): Item | undefined =>
  (item[list] as readonly Item[] | undefined)?.[0]

/** An interface's address and port are told with it, and are things of their own in the API. */
function moved(
  { kind, uuid, where, values }: DescribedObject,
  item: Item,
  change: FieldChange,
): Step[] | undefined {
  if (kind.name !== 'interfaces') return undefined
  const { name, before, after } = change
  const base = { what: where, fields: [change] } as const
  if (name === 'port_name') {
    const path = `${kind.path}/${uuid}/ports`
    const ports = { ...base, path }
    const removal: Step[] = isValue(before)
      ? [{ ...ports, does: 'delete', method: 'DELETE', body: { port_name: before }, fields: [] }]
      : []
    const owner = values['owner_datapath_uuid']
    const body = { port_name: after, ...(owner === undefined ? {} : { datapath_uuid: owner }) }
    return [...removal, { ...ports, does: 'change', method: 'POST', body }]
  }
  const lease = firstOf(item, 'ip_leases')
  const mac = firstOf(item, 'mac_leases')?.['uuid']
  const network = values['network_uuid'] ?? item['network_uuid']
  if (name !== 'ipv4_address' || (item['ip_leases'] as readonly Item[] | undefined)?.length !== 1)
    return undefined
  if (!isValue(lease?.['uuid'] as Item[string]) || !isValue(mac) || !isValue(network)) return undefined
  return [
    { ...base, does: 'delete', method: 'DELETE', path: `/ip_leases/${lease!['uuid']}`, body: {}, fields: [] },
    {
      ...{ ...base, does: 'change', method: 'POST', path: '/ip_leases' },
      body: { network_uuid: network, ipv4_address: after, mac_lease_uuid: mac },
    },
  ]
}

const shown = (value: unknown) => (value === null || value === '' ? 'nothing' : String(value))

function refused({ where }: DescribedObject, { name, before, after }: FieldChange): RequestError {
  return new RequestError(
    `${where}: ${name} is ${shown(before)} and cannot become ${shown(after)}: the API does not change it. Delete the object first, or leave ${name} as it is`,
  )
}

function changes(current: Current, object: DescribedObject, item: Item): Step[] {
  const { kind, uuid, where } = object
  const changed = changedFields(current, object, item)
  if (changed.length === 0) return []
  const can = kind.update?.parameters ?? {}
  const fixed = changed.filter(({ name }) => can[name] === undefined)
  if (fixed.length > 0 && replaceable.has(kind.name))
    return [deletion(current, kind, uuid, item), { ...creation(object), fields: changed }]
  const others = fixed.flatMap((change) => {
    const steps = moved(object, item, change)
    if (steps === undefined) throw refused(object, change)
    return steps
  })
  const fields = changed.filter(({ name }) => can[name] !== undefined)
  if (fields.length === 0) return others
  const body = Object.fromEntries(fields.map(({ name, after }) => [name, after]))
  return [
    ...others,
    { does: 'change', method: 'PUT', path: `${kind.path}/${uuid}`, body, what: where, fields },
  ]
}

/** Steps in their order. Throws `RequestError` for what cannot be made so. */
export function stepsFor(description: Description, current: Current, prune: boolean): Step[] {
  const steps: Step[] = []
  const described = new Set(description.objects.map(({ where }) => where))
  const gone = new Set<string>()
  if (prune)
    for (const kind of description.kinds)
      for (const [uuid, item] of current.objects(kind))
        if (!described.has(`${kind.name} ${uuid}`)) {
          steps.push(deletion(current, kind, uuid, item))
          gone.add(uuid)
        }
  for (const object of description.objects) {
    const item = current.objects(object.kind).get(object.uuid)
    steps.push(...(item === undefined ? [creation(object)] : changes(current, object, item)))
    for (const [relation, entries] of object.relations)
      steps.push(...relationSteps(current, object, relation, entries, { prune, gone }))
  }
  return inOrder(steps)
}
