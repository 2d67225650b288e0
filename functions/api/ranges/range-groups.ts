/** What the operations of groups of ranges do, of either kind. */
import {
  type ApiApp,
  type ApiEnvironment,
  answer,
  api,
  argumentError,
  type Draft,
  formatIpv4,
  formatMac,
  type Operation,
  serve,
} from 'openvnet'
import { find, freeUuid, unknownUuid } from '../common/find.ts'
import { models } from '../common/models.ts'
import type { RangeKind, rangeGroups } from './operations.ts'

type Values = Readonly<Record<string, string | number | undefined>>
interface Table {
  insert(values: object): object
  update(id: number, values: object): object
  delete(id: number): void
  many(index: 'group', id: number): readonly object[]
  all(): Iterable<object>
  readonly size: number
}
/** The tables of both kinds; the union of their own types is too wide to call. */
const table = (state: Draft, name: RangeKind['groups' | 'ranges']) => state[name] as unknown as Table

/** What else follows from a group that goes, and from one that has a range more. */
export interface RangeHooks {
  readonly removeGroup: (environment: ApiEnvironment, groupId: number) => void
  readonly addedRange?: (environment: ApiEnvironment, groupId: number) => void
}

const formats = { ipv4_address: formatIpv4, mac_address: formatMac }

function addRange(kind: RangeKind, hooks: RangeHooks, input: Values, environment: ApiEnvironment) {
  const { word, groups, ranges, address } = kind
  const [begin, end] = [`begin_${address}`, `end_${address}`]
  const { [begin]: first, [end]: last } = input as Readonly<Record<string, number>>
  const group = find(environment.state, groups, input[`${word}_range_group_uuid`] as string)
  const uuid = freeUuid(environment, ranges, input['uuid'] as string | undefined)
  if (last! < first!)
    throw argumentError(`${end}: ${formats[address](last!)} is before ${formats[address](first!)}`)
  const column = `${word}_range_group_id`
  const row = table(environment.state, ranges).insert({
    uuid,
    [column]: group.id,
    [begin]: first,
    [end]: last,
  })
  hooks.addedRange?.(environment, group.id)
  return row
}

function removeRange({ word, groups, ranges }: RangeKind, input: Values, { state }: ApiEnvironment) {
  const name = `${word}_range_uuid`
  const uuid = input[name] as string
  const group = find(state, groups, input[`${word}_range_group_uuid`] as string)
  const range = find(state, ranges, uuid, name)
  if ((range as unknown as Values)[`${word}_range_group_id`] !== group.id)
    throw unknownUuid(models[ranges].model, name, uuid)
  table(state, ranges).delete(range.id)
  return [uuid]
}

type Handle = (input: Values, environment: ApiEnvironment) => unknown

function handlersOf(kind: RangeKind, hooks: RangeHooks): Record<keyof Operations, Handle> {
  const { word, groups, ranges } = kind
  const group = (state: Draft, input: Values) => find(state, groups, input['uuid'] as string)
  return {
    create: ({ uuid, allocation_type }, environment) => {
      const free = freeUuid(environment, groups, uuid as string | undefined)
      return table(environment.state, groups).insert({ uuid: free, allocation_type })
    },
    list: (input, { state }) => answer.pageOf(table(state, groups), input as never),
    show: (input, { state }) => group(state, input),
    update: (input, { state }) => {
      const { allocation_type } = input
      const row = group(state, input)
      return allocation_type === undefined ? row : table(state, groups).update(row.id, { allocation_type })
    },
    remove: (input, environment) => {
      hooks.removeGroup(environment, group(environment.state, input).id)
      return [input['uuid']]
    },
    addRange: (input, environment) => addRange(kind, hooks, input, environment),
    listRanges: (input, { state }) => {
      const { id } = find(state, groups, input[`${word}_range_group_uuid`] as string)
      return answer.pageOf(table(state, ranges).many('group', id), input as never)
    },
    removeRange: (input, environment) => removeRange(kind, input, environment),
  }
}

type Operations = ReturnType<typeof rangeGroups>['operations']

/** The API function of one kind of groups. */
export function rangeGroupsApi(
  kind: RangeKind,
  { name, path, operations }: ReturnType<typeof rangeGroups>,
  hooks: RangeHooks,
) {
  const handlers = handlersOf(kind, hooks)
  return api<ApiApp>({
    name,
    path,
    routes: (app) => {
      for (const [key, operation] of Object.entries(operations))
        serve(app, operation as Operation, handlers[key as keyof Operations] as never)
    },
  })
}
