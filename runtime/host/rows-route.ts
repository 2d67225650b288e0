/** `GET /rows/:resource`: what lists of related objects do not tell, such as by which interface a network is on a datapath. */
import { columnsOf, tableOfSqlName } from '../../db/state/relations.ts'
import type { State, TableName } from '../../db/state/types.ts'
import type { Rows } from '../http/answers/rows.ts'
import { ApiError, argumentError } from '../http/errors.ts'
import { represent } from '../http/represent.ts'
import type { HostRoute } from '../http/shell/host-route.ts'
import { describeRow, namesOf, type UuidOf } from './events/describe-change.ts'
import { uuidIn } from './events/event-hub.ts'

const limitDefault = 30
const limitMax = 10_000

function numberOf(
  query: URLSearchParams,
  name: string,
  least: number,
  most: number,
  otherwise: number,
): number {
  const given = query.get(name)
  if (given === null) return otherwise
  const number = Number(given)
  if (/^\d{1,15}$/.test(given) && number >= least && number <= most) return number
  throw argumentError(`${name}: must be ${least} to ${most}, not ${JSON.stringify(given)}`)
}

function tableNamed(name: string): TableName {
  const table = tableOfSqlName(name)
  if (table !== undefined && columnsOf[table].length > 0) return table
  throw new ApiError('UnknownOperation', `there are no rows of ${name.slice(0, 100)}`)
}

function rowsOf(state: State, table: TableName, limit: number, offset: number): Rows {
  const uuidOf: UuidOf = (other, id) => uuidIn(state, other, id) ?? null
  const items: Rows['items'][number][] = []
  let index = 0
  for (const row of state[table].all()) {
    if (index >= offset + limit) break
    if (index++ < offset) continue
    const { uuid, fields } = describeRow(table, row, uuidOf)
    items.push({ uuid, fields: Object.entries(fields).map(([name, value]) => ({ name, value })) })
  }
  return {
    revision: state.revision,
    total_count: state[table].size,
    offset,
    limit,
    names: namesOf(table),
    items,
  }
}

export const rowsRoute = (state: () => State): HostRoute => ({
  method: 'GET',
  path: /^\/rows\/([^/]+)$/,
  answer: ({ keys: [name = ''], query, representation }) => {
    const table = tableNamed(name)
    const limit = numberOf(query, 'limit', 1, limitMax, limitDefault)
    const offset = numberOf(query, 'offset', 0, Number.MAX_SAFE_INTEGER, 0)
    return represent(200, JSON.stringify(rowsOf(state(), table, limit, offset)), representation)
  },
})
