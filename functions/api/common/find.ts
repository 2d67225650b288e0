/** Rows by uuid, and uuids for new rows. */
import { type ApiEnvironment, ApiError, type Draft, type Row, type State } from 'openvnet'
import { randomUuid } from '../../state/uuids.ts'
import { type ModelTable, models } from './models.ts'

/** The one way in which every table with uuids is read; the union of the tables' own types is too wide to call. */
const byUuid = <T extends ModelTable>(state: State | Draft, table: T, uuid: string) =>
  (state[table] as { one(index: 'uuid', uuid: string): Row<T> | undefined }).one('uuid', uuid)

export const unknownUuid = (model: string, parameter: string, uuid: string) =>
  new ApiError('UnknownUUIDResource', `${model}#${parameter}: ${uuid}`)

/** The row with a uuid; `parameter` is where the uuid came from, for the error when there is none. */
export function find<T extends ModelTable>(draft: Draft, table: T, uuid: string, parameter = 'uuid'): Row<T> {
  const row = byUuid(draft, table, uuid)
  if (row === undefined) throw unknownUuid(models[table].model, parameter, uuid)
  return row
}

/** As `find`, where the uuid may be left out. */
export const findOptional = <T extends ModelTable>(
  draft: Draft,
  table: T,
  uuid: string | undefined,
  parameter: string,
): Row<T> | undefined => (uuid === undefined ? undefined : find(draft, table, uuid, parameter))

const attemptsMax = 20

/** The given uuid if it is free, or a new random one. */
export function freeUuid(environment: ApiEnvironment, table: ModelTable, given: string | undefined): string {
  const { state, random } = environment
  if (given !== undefined) {
    if (byUuid(state, table, given) !== undefined) throw new ApiError('DuplicateUUID', given)
    return given
  }
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const uuid = randomUuid(models[table].prefix, () => random())
    if (byUuid(state, table, uuid) === undefined) return uuid
  }
  throw new ApiError('Unavailable', `no free uuid was found in ${attemptsMax} attempts`)
}
