/** What belongs to an object and has a name of its own: added, listed and removed under `/:uuid/<relation>`. */
import {
  type ApiApp,
  type ApiEnvironment,
  ApiError,
  answer,
  type Draft,
  type Entries,
  type ErrorClass,
  type InputOf,
  type Operation,
  operation,
  parameter,
  type Row,
  serve,
} from 'openvnet'
import { removed } from './fields.ts'
import { find } from './find.ts'
import { type ModelTable, uuidOf } from './models.ts'

interface Declared<Of extends ModelTable, P extends Entries> {
  /** Whose relation it is, and to what. */
  readonly of: Of
  readonly to: ModelTable
  /** As in paths: `networks`. */
  readonly name: string
  /** How the path names the other: `network_uuid`. */
  readonly key: string
  readonly summaries: { readonly add: string; readonly list: string; readonly remove: string }
  readonly parameters: P
  /** What adding answers, and what is listed. */
  readonly answers: answer.Shape<never, object>
  readonly items: answer.Shape<never, object>
  /** Errors beside those that every relation has. */
  readonly refusals?: { readonly add?: readonly ErrorClass[]; readonly remove?: readonly ErrorClass[] }
}

/** The three operations of a relation. */
export function relation<Of extends ModelTable, const P extends Entries>(declared: Declared<Of, P>) {
  const { of, to, name, key, summaries, parameters, answers, items, refusals = {} } = declared
  const keys = { uuid: uuidOf(of) }
  // The name of the second key is data, so the type knows the first alone.
  const both: typeof keys = { ...keys, [key]: uuidOf(to) }
  const path = `/:uuid/${name}/:${key}`
  const missing = ['UnknownResource', ...(refusals.remove ?? [])] as const
  const already = ['AlreadyRelated', ...(refusals.add ?? [])] as const
  const head = { keys: both, path }
  return {
    ...{ of, to, key },
    add: operation({
      ...{ ...head, method: 'POST', summary: summaries.add },
      ...{ parameters, answers, refusals: already },
    }),
    list: operation({
      ...{ method: 'GET', path: `/:uuid/${name}`, summary: summaries.list, keys },
      ...{ parameters: parameter.paging, answers: answer.page(items) },
    }),
    remove: operation({
      ...{ ...head, method: 'DELETE', summary: summaries.remove },
      ...{ answers: removed(to), refusals: missing },
    }),
  }
}

interface Operations {
  readonly add: Operation
  readonly list: Operation
  readonly remove: Operation
}

/** The operations of relations under names of their own, for the declaration of their resource. */
export const namedOperations = (relations: Readonly<Record<string, Operations>>): Record<string, Operation> =>
  Object.fromEntries(
    Object.entries(relations).flatMap(([name, { add, list, remove }]) =>
      Object.entries({ add, list, remove }).map(([verb, one]) => [`${verb}_${name}`, one]),
    ),
  )

interface Other {
  readonly id: number
  readonly uuid: string
}

/** Two objects that have something to do with each other, or shall have. */
export interface Related<Of extends ModelTable> {
  readonly one: Row<Of>
  readonly other: Other
  readonly environment: ApiEnvironment
}

interface Handlers<Of extends ModelTable, P extends Entries> {
  readonly has: (state: Draft, one: Row<Of>, other: Other) => boolean
  /** Returns what is answered. */
  readonly add: (related: Related<Of>, input: InputOf<Operation<Record<never, never>, P>>) => object
  readonly remove: (related: Related<Of>) => void
  readonly list: (state: Draft, one: Row<Of>) => readonly object[]
}

type RelationOf<Of extends ModelTable, P extends Entries> = ReturnType<typeof relation<Of, P>>

/** Ties the operations of a relation to what they do. */
export function serveRelation<Of extends ModelTable, P extends Entries>(
  app: ApiApp,
  { of, to, key, add, list, remove }: RelationOf<Of, P>,
  handlers: Handlers<Of, P>,
): void {
  const related = (input: object, environment: ApiEnvironment): Related<Of> => {
    const { uuid, [key]: otherUuid } = input as Readonly<Record<string, string>>
    const one = find(environment.state, of, uuid!)
    return { one, other: find(environment.state, to, otherUuid!, key) as Other, environment }
  }
  serve(app, add as Operation, (input, environment) => {
    const pair = related(input, environment)
    if (handlers.has(environment.state, pair.one, pair.other))
      throw new ApiError('AlreadyRelated', `${uuidIn(pair.one)} <=> ${pair.other.uuid}`)
    return handlers.add(pair, input as never) as never
  })
  serve(app, list as Operation, (input, { state }) => {
    const { uuid, ...page } = input as { uuid: string; limit: number; offset: number }
    return answer.pageOf(handlers.list(state, find(state, of, uuid)), page) as never
  })
  serve(app, remove as Operation, (input, environment) => {
    const pair = related(input, environment)
    if (!handlers.has(environment.state, pair.one, pair.other)) throw notRelated(input)
    handlers.remove(pair)
    return [pair.other.uuid] as never
  })
}

/** That two which exist have nothing to do with each other. */
export const notRelated = (parameters: object) =>
  new ApiError('UnknownResource', `Couldn't find resource with parameters: ${JSON.stringify(parameters)}`)

const uuidIn = (row: object) => (row as Other).uuid
