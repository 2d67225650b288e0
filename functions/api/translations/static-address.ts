/** The addresses of a translation: each stands for one thing, and nothing stands for two. */
import {
  type ApiEnvironment,
  ApiError,
  argumentError,
  type Draft,
  formatIpv4,
  type InputOf,
  type Row,
} from 'openvnet'
import { find, findOptional } from '../common/find.ts'
import type { translations } from './operations.ts'

type Translation = Row<'translations'>
type StaticAddress = Row<'translationStaticAddresses'>
type Input = InputOf<typeof translations.operations.createStaticAddress>

const place = (address: number, port: number | null) =>
  port === null ? formatIpv4(address) : `${formatIpv4(address)}:${port}`

const outside = (row: StaticAddress) => place(row.ingress_ipv4_address, row.ingress_port_number)
const inside = (row: StaticAddress) => place(row.egress_ipv4_address, row.egress_port_number)

/** Refuses what would make an address of the interface stand for two, or two for one. */
export function checkUnambiguous(draft: Draft, interfaceId: number, added: readonly StaticAddress[]): void {
  const ids = new Set(added.map(({ id }) => id))
  const others = draft.translations
    .many('interface', interfaceId)
    .flatMap(({ id }) => draft.translationStaticAddresses.many('translation', id))
    .filter(({ id }) => !ids.has(id))
  for (const row of added)
    for (const other of others) {
      if (outside(other) === outside(row))
        throw new ApiError(
          'AddressInUse',
          `ingress_ipv4_address: ${outside(row)} stands for ${inside(other)} already`,
        )
      if (inside(other) === inside(row) && other.route_link_id === row.route_link_id)
        throw new ApiError(
          'AddressInUse',
          `egress_ipv4_address: ${outside(other)} stands for ${inside(row)} already`,
        )
    }
}

function valuesOf(draft: Draft, translation: Translation, input: Input) {
  const { ingress_port_number = null, egress_port_number = null } = input
  if (ingress_port_number === null && egress_port_number !== null)
    throw new ApiError('MissingArgument', 'ingress_port_number')
  if (ingress_port_number !== null && egress_port_number === null)
    throw new ApiError('MissingArgument', 'egress_port_number')
  for (const name of ['ingress_network_uuid', 'egress_network_uuid'] as const)
    findOptional(draft, 'networks', input[name], name)
  return {
    translation_id: translation.id,
    route_link_id: findOptional(draft, 'routeLinks', input.route_link_uuid, 'route_link_uuid')?.id ?? null,
    ingress_ipv4_address: input.ingress_ipv4_address,
    egress_ipv4_address: input.egress_ipv4_address,
    ingress_port_number,
    egress_port_number,
  }
}

type Values = ReturnType<typeof valuesOf>
const identifying = [
  'ingress_ipv4_address',
  'egress_ipv4_address',
  'ingress_port_number',
  'egress_port_number',
] as const

const same = (draft: Draft, values: Values) =>
  draft.translationStaticAddresses
    .many('translation', values.translation_id)
    .find((row) => identifying.every((name) => row[name] === values[name]))

/** Both networks are told again where both are given, as in OpenVNet. */
const echoed = ({ ingress_network_uuid, egress_network_uuid }: Input) =>
  ingress_network_uuid !== undefined && egress_network_uuid !== undefined
    ? { ingress_network_uuid, egress_network_uuid }
    : {}

export function createStaticAddress(input: Input, { state }: ApiEnvironment) {
  const translation = find(state, 'translations', input.uuid)
  if (translation.mode !== 'static_address')
    throw argumentError(`uuid: ${translation.uuid} is of mode ${translation.mode}, not static_address`)
  const values = valuesOf(state, translation, input)
  const twin = same(state, values)
  if (twin !== undefined)
    throw new ApiError('RelationAlreadyExists', `${translation.uuid}: ${outside(twin)} <=> ${inside(twin)}`)
  const row = state.translationStaticAddresses.insert(values)
  checkUnambiguous(state, translation.interface_id, [row])
  return { ...row, ...echoed(input) }
}

/** Those that a request to delete means: the one without ports where it names none, if there is one. */
function meant(draft: Draft, values: Values, { route_link_uuid }: Input): StaticAddress[] {
  const rows = draft.translationStaticAddresses
    .many('translation', values.translation_id)
    .filter(
      (row) =>
        row.ingress_ipv4_address === values.ingress_ipv4_address &&
        row.egress_ipv4_address === values.egress_ipv4_address &&
        (route_link_uuid === undefined || row.route_link_id === values.route_link_id),
    )
  const exact = rows.filter((row) => identifying.every((name) => row[name] === values[name]))
  return exact.length > 0 || values.ingress_port_number !== null ? exact : rows
}

export function removeStaticAddress(input: Input, { state }: ApiEnvironment) {
  const { uuid, ...parameters } = input
  const translation = find(state, 'translations', uuid)
  const rows = meant(state, valuesOf(state, translation, input), input)
  if (rows.length === 0) {
    const written = {
      ...parameters,
      ingress_ipv4_address: formatIpv4(input.ingress_ipv4_address),
      egress_ipv4_address: formatIpv4(input.egress_ipv4_address),
    }
    throw new ApiError(
      'UnknownResource',
      `Couldn't find resource with parameters: ${JSON.stringify(written)}`,
    )
  }
  for (const row of rows) state.translationStaticAddresses.delete(row.id)
  return { uuid: translation.uuid }
}
