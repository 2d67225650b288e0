/** What translations have addresses of: the three kinds as data, of which each mode has one. */
import {
  ApiError,
  argumentError,
  type Draft,
  formatIpv4,
  type InputOf,
  maskOf,
  type Row,
  type TranslationMode,
} from 'openvnet'
import { findOptional } from '../common/find.ts'
import type { translations } from './operations.ts'

type Operations = typeof translations.operations
type Given<K extends keyof Operations> = Omit<InputOf<Operations[K]>, 'uuid'>
/** A row but for what every row has. */
type Values<R> = Omit<R, 'id' | 'translation_id' | 'created_at' | 'updated_at'>

/** Most addresses that the machines of one network share. */
const poolMax = 256
const usualPrefix = 24

export interface AddressKind<R extends { readonly id: number }, I> {
  readonly mode: TranslationMode
  rows(draft: Draft, translationId: number): readonly R[]
  insert(draft: Draft, translation_id: number, values: Values<R>): R
  delete(draft: Draft, id: number): void
  /** What a request says, checked. */
  values(draft: Draft, input: I): Values<R>
  /** `1.2.3.4:80 <=> 10.0.0.1:8080` */
  text(row: Values<R>): string
  /** What nothing else of the interface may say, too. */
  claims(row: Values<R>): readonly string[]
}

const place = (address: number, port: number | null) =>
  port === null ? formatIpv4(address) : `${formatIpv4(address)}:${port}`

interface Link {
  readonly route_link_uuid?: string | undefined
}
const routeLinkOf = (draft: Draft, { route_link_uuid }: Link) =>
  findOptional(draft, 'routeLinks', route_link_uuid, 'route_link_uuid')?.id ?? null

interface Ports {
  readonly ingress_port_number?: number | undefined
  readonly egress_port_number?: number | undefined
}

/** Both or none. */
function portsOf({ ingress_port_number: outside, egress_port_number: inside }: Ports) {
  const [ingress_port_number, egress_port_number] = [outside ?? null, inside ?? null]
  if (ingress_port_number === null && egress_port_number !== null)
    throw new ApiError('MissingArgument', 'ingress_port_number')
  if (ingress_port_number !== null && egress_port_number === null)
    throw new ApiError('MissingArgument', 'egress_port_number')
  return { ingress_port_number, egress_port_number }
}

const behind = (routeLinkId: number | null) =>
  routeLinkId === null ? '' : ` behind route link ${routeLinkId}`

export const staticAddresses: AddressKind<Row<'translationStaticAddresses'>, Given<'createStaticAddress'>> = {
  mode: 'static_address',
  rows: (draft, id) => draft.translationStaticAddresses.many('translation', id),
  insert: (draft, translation_id, values) =>
    draft.translationStaticAddresses.insert({ translation_id, ...values }),
  delete: (draft, id) => draft.translationStaticAddresses.delete(id),
  values(draft, input) {
    for (const name of ['ingress_network_uuid', 'egress_network_uuid'] as const)
      findOptional(draft, 'networks', input[name], name)
    const { ingress_ipv4_address, egress_ipv4_address } = input
    return {
      route_link_id: routeLinkOf(draft, input),
      ingress_ipv4_address,
      egress_ipv4_address,
      ...portsOf(input),
    }
  },
  text: (row) =>
    `${place(row.ingress_ipv4_address, row.ingress_port_number)} <=> ${place(row.egress_ipv4_address, row.egress_port_number)}`,
  claims: (row) => [
    ...['tcp', 'udp'].map(
      (protocol) =>
        `ingress_ipv4_address: ${place(row.ingress_ipv4_address, row.ingress_port_number)} ${protocol}`,
    ),
    `egress_ipv4_address: ${place(row.egress_ipv4_address, row.egress_port_number)}${behind(row.route_link_id)}`,
  ],
}

/** The network inside, without bits that its prefix leaves out. */
function networkOf({
  egress_ipv4_network: { address, prefix },
  egress_ipv4_prefix,
}: Given<'createSourceAddress'>) {
  if (prefix !== undefined && egress_ipv4_prefix !== undefined && prefix !== egress_ipv4_prefix)
    throw argumentError(
      `egress_ipv4_prefix: ${egress_ipv4_prefix} is not the /${prefix} of egress_ipv4_network`,
    )
  const bits = egress_ipv4_prefix ?? prefix ?? usualPrefix
  const masked = (address & maskOf(bits)) >>> 0
  if (masked !== address)
    throw argumentError(
      `egress_ipv4_network: ${formatIpv4(address)} is no network address of a /${bits}, ${formatIpv4(masked)} is`,
    )
  return { egress_ipv4_network: address, egress_ipv4_prefix: bits }
}

export const sourceAddresses: AddressKind<Row<'translationSourceAddresses'>, Given<'createSourceAddress'>> = {
  mode: 'source_address',
  rows: (draft, id) => draft.translationSourceAddresses.many('translation', id),
  insert: (draft, translation_id, values) =>
    draft.translationSourceAddresses.insert({ translation_id, ...values }),
  delete: (draft, id) => draft.translationSourceAddresses.delete(id),
  values(draft, input) {
    const { ingress_ipv4_address, ingress_end_ipv4_address: end = null } = input
    if (end !== null && (end < ingress_ipv4_address || end - ingress_ipv4_address >= poolMax))
      throw argumentError(
        `ingress_end_ipv4_address: ${formatIpv4(end)} must be ${formatIpv4(ingress_ipv4_address)} or one of the ${poolMax - 1} after it`,
      )
    return {
      ...{ route_link_id: routeLinkOf(draft, input), ...networkOf(input) },
      ...{ ingress_ipv4_address, ingress_end_ipv4_address: end === ingress_ipv4_address ? null : end },
    }
  },
  text: (row) =>
    `${formatIpv4(row.ingress_ipv4_address)} <= ${formatIpv4(row.egress_ipv4_network)}/${row.egress_ipv4_prefix}`,
  claims: (row) => [
    `egress_ipv4_network: ${formatIpv4(row.egress_ipv4_network)}/${row.egress_ipv4_prefix}${behind(row.route_link_id)}`,
  ],
}

export const destinationAddresses: AddressKind<
  Row<'translationDestinationAddresses'>,
  Given<'createDestinationAddress'>
> = {
  mode: 'destination_address',
  rows: (draft, id) => draft.translationDestinationAddresses.many('translation', id),
  insert: (draft, translation_id, values) =>
    draft.translationDestinationAddresses.insert({ translation_id, ...values }),
  delete: (draft, id) => draft.translationDestinationAddresses.delete(id),
  values(draft, input) {
    const { ingress_ipv4_address, egress_ipv4_address, protocol = null } = input
    const { ingress_port_number, egress_port_number = ingress_port_number } = input
    const ports = portsOf({ ingress_port_number, egress_port_number })
    if (protocol !== null && ports.ingress_port_number === null)
      throw new ApiError('MissingArgument', 'ingress_port_number')
    return {
      route_link_id: routeLinkOf(draft, input),
      ...{ protocol, ingress_ipv4_address, egress_ipv4_address, ...ports },
    }
  },
  text: (row) =>
    `${place(row.ingress_ipv4_address, row.ingress_port_number)} => ${place(row.egress_ipv4_address, row.egress_port_number)}`,
  claims: (row) =>
    (row.protocol === null ? ['tcp', 'udp'] : [row.protocol]).map(
      (protocol) =>
        `ingress_ipv4_address: ${place(row.ingress_ipv4_address, row.ingress_port_number)} ${protocol}`,
    ),
}

/** Every row of an interface, with what it claims. */
function claimsOn(draft: Draft, interfaceId: number) {
  const ofKind = <R extends { readonly id: number }, I>(kind: AddressKind<R, I>, translationId: number) =>
    kind.rows(draft, translationId).map((row) => ({
      key: `${kind.mode} ${row.id}`,
      text: kind.text(row),
      claims: kind.claims(row),
    }))
  return draft.translations
    .many('interface', interfaceId)
    .flatMap(({ id }) => [
      ...ofKind(staticAddresses, id),
      ...ofKind(sourceAddresses, id),
      ...ofKind(destinationAddresses, id),
    ])
}

/** Refuses what would make an address of the interface stand for two, or two for one. */
export function checkUnambiguous(draft: Draft, interfaceId: number): void {
  const claimed = new Map<string, string>()
  for (const { key, text, claims } of claimsOn(draft, interfaceId))
    for (const claim of claims) {
      const holder = claimed.get(claim)
      if (holder !== undefined) throw new ApiError('AddressInUse', `${claim} is taken: ${holder}`)
      claimed.set(claim, `${key.split(' ')[0]} ${text}`)
    }
  checkPools(draft, interfaceId)
}

/** An address that stands for a machine whole is nobody else's. */
function checkPools(draft: Draft, interfaceId: number): void {
  const all = draft.translations.many('interface', interfaceId)
  const whole = all
    .flatMap(({ id }) => staticAddresses.rows(draft, id))
    .filter((row) => row.ingress_port_number === null)
  for (const pool of all.flatMap(({ id }) => sourceAddresses.rows(draft, id)))
    for (const row of whole)
      if (
        row.ingress_ipv4_address >= pool.ingress_ipv4_address &&
        row.ingress_ipv4_address <= (pool.ingress_end_ipv4_address ?? pool.ingress_ipv4_address)
      )
        throw new ApiError(
          'AddressInUse',
          `ingress_ipv4_address: ${formatIpv4(row.ingress_ipv4_address)} is taken: ${staticAddresses.text(row)}`,
        )
}
