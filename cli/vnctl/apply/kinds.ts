/** What a description may have, derived from the operations that the API declares: objects by resource, and their relations. */
import { resources } from '../../../functions/api/resources.ts'
import { type Entries, isList, type Operation, type Resource } from '../../../runtime/http/declare.ts'

/** How an entry of a relation is told from the others of its object. */
export type Identity =
  /** By the object that it leads to: `network_uuid`. */
  | { readonly by: 'other'; readonly key: string }
  /** By a uuid of its own. */
  | { readonly by: 'own' }
  /** By all that it says. */
  | { readonly by: 'fields' }

export interface Relation {
  /** As in paths: `networks`. */
  readonly name: string
  /** With `:uuid` for the object's. */
  readonly path: string
  readonly identity: Identity
  readonly parameters: Entries
  /** What a removal takes beside the path. */
  readonly removal: Entries
  /** How an entry is added and removed; a flag of what may be there without it is set and cleared instead. */
  readonly by: 'adding' | 'flag'
  /** Where its entries say more than which object they lead to: their rows, and the field that names the object that they are of. */
  readonly rows: { readonly resource: string; readonly owner: string } | undefined
}

export interface Kind {
  /** As in paths: `ip_leases`. */
  readonly name: string
  readonly path: string
  readonly create: Operation
  readonly update: Operation | undefined
  readonly relations: readonly Relation[]
}

const operationAt = (all: readonly Operation[], method: string, path: RegExp) =>
  all.find((one) => one.method === method && path.test(one.path))

/** Rows that are named otherwise than the relation. */
const rowNames: Readonly<Record<string, string>> = {
  lease_policy_networks: 'lease_policy_base_networks',
  lease_policy_interfaces: 'lease_policy_base_interfaces',
}

const ownerOf = (resource: Resource) => resource.name.replace(/ies$/, 'y').replace(/s$/, '')

/** The flag by which an object is in another even where nothing else makes it so. */
const membershipFlag = 'static'

/** Where a membership has a flag, that is a relation of those that have it. */
function flaggedRelationOf(resource: Resource, all: readonly Operation[], name: string) {
  const set = operationAt(all, 'PUT', new RegExp(`^/:\\w+/${name}/:\\w+$`))
  const key = Object.keys(set?.keys ?? {})[1]
  if (set?.parameters[membershipFlag] === undefined || key === undefined) return undefined
  const owner = ownerOf(resource)
  const relation: Relation = {
    ...{ name, path: `${resource.path}/:uuid/${name}`, identity: { by: 'other', key } },
    ...{ parameters: {}, removal: {}, by: 'flag' },
    rows: { resource: `${owner}_${name}`, owner: `${owner}_uuid` },
  }
  return relation
}

/** Where entries are added, listed and removed under an object, that is a relation. */
function relationOf(resource: Resource, all: readonly Operation[], name: string): Relation | undefined {
  const under = (rest: string) => new RegExp(`^/:\\w+/${name}${rest}$`)
  const list = operationAt(all, 'GET', under(''))
  const add = operationAt(all, 'POST', under('(/:\\w+)?'))
  const remove = operationAt(all, 'DELETE', under('(/:\\w+)?'))
  if (list === undefined || !isList(list)) return undefined
  if (add === undefined || remove === undefined) return flaggedRelationOf(resource, all, name)
  const other = Object.keys(add.keys)[1]
  const removedBy = Object.keys(remove.keys)[1]
  const identity: Identity =
    other !== undefined
      ? { by: 'other', key: other }
      : removedBy !== undefined
        ? { by: 'own' }
        : { by: 'fields' }
  const path = `${resource.path}/:uuid/${name}`
  const isMore = identity.by === 'other' && Object.keys(add.parameters).length > 0
  const owner = ownerOf(resource)
  const rows = isMore
    ? { resource: rowNames[`${owner}_${name}`] ?? `${owner}_${name}`, owner: `${owner}_uuid` }
    : undefined
  const { parameters } = add
  return { name, path, identity, parameters, removal: remove.parameters, by: 'adding', rows }
}

function kindOf(resource: Resource): Kind | undefined {
  const all = Object.values(resource.operations)
  const create = operationAt(all, 'POST', /^\/$/)
  if (create === undefined || create.parameters['uuid'] === undefined) return undefined
  const names = new Set(all.flatMap(({ path }) => path.split('/')[2] ?? []))
  const relations = [...names].flatMap((name) => relationOf(resource, all, name) ?? [])
  const { name, path } = resource
  return { name, path, create, update: operationAt(all, 'PUT', /^\/:\w+$/), relations }
}

export const kinds: readonly Kind[] = (resources as readonly Resource[]).flatMap((one) => kindOf(one) ?? [])
export const kindNamed = (name: string) => kinds.find((kind) => kind.name === name)

/** Parameters that are another name of a field, or are told by another field. */
const otherNames: Readonly<Record<string, string>> = {
  'networks.network_mode': 'mode',
  'network_services.type': 'mode',
}
export const fieldNameOf = (owner: string, parameter: string) =>
  otherNames[`${owner}.${parameter}`] ?? parameter

/** What a description says once is not written twice by `vnctl export`: what leases and ports say, and the other side of a relation. */
export const toldElsewhere: ReadonlySet<string> = new Set([
  ...['port_name', 'owner_datapath_uuid', 'network_uuid', 'segment_uuid'].map((name) => `interfaces.${name}`),
  ...['ipv4_address', 'ipv6_address', 'mac_address', 'mac_range_group_uuid'].map(
    (name) => `interfaces.${name}`,
  ),
  ...Object.keys(otherNames),
  'interfaces.security_groups',
])

/** Kinds of which nothing depends on an object: one that cannot be changed is deleted and made anew. */
export const replaceable: ReadonlySet<string> = new Set([
  'routes',
  'ip_leases',
  'vlan_translations',
  'network_services',
  'filters',
])

/** What `vnctl export` says with each entry of a relation, since no field tells it: that what came of it is described, too. */
export const saidWith: Readonly<Record<string, Readonly<Record<string, boolean>>>> = {
  'lease_policies.interfaces': { allocate: false },
}
