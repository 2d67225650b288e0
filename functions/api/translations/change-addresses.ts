/** The addresses of a translation, of whatever kind: added, listed, deleted. */
import { type ApiEnvironment, ApiError, answer, argumentError, formatIpv4 } from 'openvnet'
import { settleTranslation } from '../../state/translation-place.ts'
import { find } from '../common/find.ts'
import { type AddressKind, checkUnambiguous } from './addresses.ts'

interface Named {
  readonly uuid: string
}
type Row = { readonly id: number }

export const createAddress =
  <R extends Row, I>(kind: AddressKind<R, I>) =>
  ({ uuid, ...input }: I & Named, { state }: ApiEnvironment): R => {
    const translation = find(state, 'translations', uuid)
    if (translation.mode !== kind.mode)
      throw argumentError(`uuid: ${uuid} is of mode ${translation.mode}, not ${kind.mode}`)
    const values = kind.values(state, input as unknown as I)
    const text = kind.text(values)
    if (kind.rows(state, translation.id).some((row) => kind.text(row as never) === text))
      throw new ApiError('AlreadyRelated', `${uuid}: ${text}`)
    const row = kind.insert(state, translation.id, values)
    checkUnambiguous(state, translation.interface_id)
    settleTranslation(state, translation.interface_id)
    return row
  }

export const listAddresses =
  <R extends Row, I>(kind: AddressKind<R, I>) =>
  (input: Named & { readonly limit: number; readonly offset: number }, { state }: ApiEnvironment) =>
    answer.pageOf(kind.rows(state, find(state, 'translations', input.uuid).id), input)

/** As a request writes it. */
const written = (values: object) =>
  JSON.stringify(values, (name, value) =>
    name.endsWith('ipv4_address') && typeof value === 'number' ? formatIpv4(value) : value,
  )

/** Those that have what is said: where that is not all, the ones without the rest if there are any. */
export const removeAddress =
  <R extends Row, I>(kind: AddressKind<R, I>, optional: readonly (keyof R & string)[]) =>
  ({ uuid, ...input }: I & Named, { state }: ApiEnvironment): Named => {
    const translation = find(state, 'translations', uuid)
    const values = kind.values(state, input as unknown as I) as Partial<R>
    const isSaid = (name: keyof R) => values[name] !== null && values[name] !== undefined
    const names = Object.keys(values) as (keyof R & string)[]
    const rows = kind
      .rows(state, translation.id)
      .filter((row) =>
        names.every((name) => row[name] === values[name] || (optional.includes(name) && !isSaid(name))),
      )
    const exact = rows.filter((row) =>
      names.every((name) => name === 'route_link_id' || row[name] === values[name]),
    )
    const meant = exact.length > 0 ? exact : rows
    if (meant.length === 0)
      throw new ApiError('UnknownResource', `Couldn't find resource with parameters: ${written(input)}`)
    for (const row of meant) kind.delete(state, row.id)
    settleTranslation(state, translation.interface_id)
    return { uuid }
  }
