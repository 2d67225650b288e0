/** What interfaces are in, with or without a lease or route: networks, segments and route links. */
import {
  type ApiApp,
  answer,
  type Draft,
  type Operation,
  operation,
  parameter,
  type Row,
  serve,
} from 'openvnet'
import { hostNameOf } from '../../state/names.ts'
import { settleRouteLinks } from '../../state/route-links.ts'
import { settle } from '../../state/settle.ts'
import { find } from '../common/find.ts'
import { type ModelTable, uuidOf } from '../common/models.ts'
import { interfaceNetwork, interfaceRouteLink, interfaceSegment } from './places.ts'
import { checkPromiscuous } from './promiscuous.ts'

interface Member {
  readonly id: number
  readonly interface_id: number
  readonly static: boolean
}
interface MemberTable {
  one(index: 'pair', interfaceId: number, objectId: number): Member | undefined
  many(index: 'interface', interfaceId: number): readonly Member[]
  insert(values: object): Member
  update(id: number, values: { readonly static: boolean }): Member
}

interface Kind {
  /** As in paths: `networks`; and the word for one of them. */
  readonly name: string
  readonly word: string
  readonly objects: ModelTable
  /** What makes an interface a member, if nobody says so. */
  readonly by: string
  readonly table: (state: Draft) => unknown
  readonly answers: answer.Shape<never, object>
  /** What a new row has beside its two ids. */
  readonly values: (owner: Row<'interfaces'>) => object
  readonly settle: (state: Draft, interfaceId: number) => void
}

const settleOne = (state: Draft, interfaceId: number) => settle(state, [interfaceId])
const nothing = () => ({})

const kinds: readonly Kind[] = [
  {
    ...{ name: 'networks', word: 'network', objects: 'networks', by: 'lease', answers: interfaceNetwork },
    table: (state) => state.interfaceNetworks,
    values: ({ mode, display_name }) => ({ interface_mode: mode, host_name: hostNameOf(display_name) }),
    settle: settleOne,
  },
  {
    ...{ name: 'segments', word: 'segment', objects: 'segments', by: 'lease', answers: interfaceSegment },
    ...{ table: (state) => state.interfaceSegments, values: nothing, settle: settleOne },
  },
  {
    ...{ name: 'route_links', word: 'route_link', objects: 'routeLinks', by: 'route' },
    ...{ answers: interfaceRouteLink, table: (state) => state.interfaceRouteLinks },
    ...{ values: nothing, settle: settleRouteLinks },
  },
]

const keys = { uuid: uuidOf('interfaces') }
const isStatic = parameter.described(
  parameter.optional(parameter.flag),
  'true: a member even without a lease or route; false: a member by those only',
)

const declared = kinds.map((kind) => {
  const { name, word, objects, by, answers } = kind
  const text = word.replace('_', ' ')
  // The name of the second key is data, so the type knows the first alone.
  const both: typeof keys = { ...keys, [`${word}_uuid`]: uuidOf(objects) }
  return {
    kind,
    list: operation({
      ...{
        method: 'GET',
        path: `/:uuid/${name}`,
        summary: `Lists the ${text}s that an interface is in.`,
        keys,
      },
      ...{ parameters: parameter.paging, answers: answer.page(answers) },
    }),
    update: operation({
      ...{ method: 'PUT', path: `/:uuid/${name}/:${word}_uuid`, keys: both },
      summary: `Makes an interface a member of a ${text} without a ${by}, or no longer.`,
      ...{ parameters: { static: isStatic }, answers: answer.orNothing(answers) },
    }),
  }
})

/** The operations under names of their own, for the declaration of interfaces. */
export const memberOperations: Readonly<Record<string, Operation>> = Object.fromEntries(
  declared.flatMap(({ kind, list, update }) => [
    [`list_${kind.word}`, list as Operation],
    [`update_${kind.word}`, update as Operation],
  ]),
)

interface Change {
  readonly owner: Row<'interfaces'>
  readonly objectId: number
  readonly isStatic: boolean | undefined
}

/** Makes a membership static, or leaves it to the leases or routes. Undefined: nothing is said, or there is none. */
function update(state: Draft, kind: Kind, { owner, objectId, isStatic }: Change, now: number) {
  const table = kind.table(state) as MemberTable
  const before = table.one('pair', owner.id, objectId)
  if (isStatic === undefined) return undefined
  if (before !== undefined) table.update(before.id, { static: isStatic })
  else if (isStatic) {
    checkPromiscuous(state, owner, kind.name, objectId)
    const ids = { interface_id: owner.id, [`${kind.word}_id`]: objectId }
    table.insert({ ...ids, ...kind.values(owner), static: true })
  }
  kind.settle(state, owner.id)
  return table.one('pair', owner.id, objectId) ?? (before && { ...before, static: false, ended_at: now })
}

export function serveMembers(app: ApiApp): void {
  for (const { kind, list, update: change } of declared) {
    serve(app, list, ({ uuid, ...page }, { state }) => {
      const owner = find(state, 'interfaces', uuid)
      return answer.pageOf((kind.table(state) as MemberTable).many('interface', owner.id), page) as never
    })
    serve(app, change, (input, { state, now }) => {
      const owner = find(state, 'interfaces', input.uuid)
      const key = `${kind.word}_uuid`
      const uuid = (input as unknown as Readonly<Record<string, string>>)[key]!
      const objectId = find(state, kind.objects, uuid, key).id
      return update(state, kind, { owner, objectId, isStatic: input.static }, now) as never
    })
  }
}
