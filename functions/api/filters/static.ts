/** The rules of a filter: no two about the same packets. */
import {
  type ApiEnvironment,
  ApiError,
  argumentError,
  formatIpv4,
  type InputOf,
  ipv6NetworkOf,
  maskOf,
  type Row,
} from 'openvnet'
import { find } from '../common/find.ts'
import { hasPorts, type Rule, rulesOf } from './former.ts'
import type { filters } from './operations.ts'

type Given = InputOf<typeof filters.operations.createStatic>
type FilterStatic = Row<'filterStatics'>

const prefixMax = 32
const ipv6PrefixMax = 128

/** The bits of an address that count. All of them, where no length is given: that is one address, and 0.0.0.0 is none. */
function addressOf(given: Rule['src_address'], name: string) {
  if (given === undefined) return { address: 0, prefix: 0 }
  const { address, prefix = prefixMax } = given
  if (address === 0 && prefix !== 0)
    throw argumentError(`${name}: 0.0.0.0 must be 0.0.0.0/0, for all addresses`)
  return { address: (address & maskOf(prefix)) >>> 0, prefix }
}

const noIpv6 = {
  ...{ ipv6_src_address: null, ipv6_src_prefix: null },
  ...{ ipv6_dst_address: null, ipv6_dst_prefix: null },
}

/** One address of IPv6 makes the rule about IPv6; the other is all of it then. */
function ipv6Of(rule: Rule) {
  const { ipv6_src_address, ipv6_dst_address } = rule
  if (ipv6_src_address === undefined && ipv6_dst_address === undefined) return noIpv6
  if (rule.src_address !== undefined || rule.dst_address !== undefined)
    throw argumentError('ipv6_src_address, ipv6_dst_address: not beside addresses of IPv4')
  if (rule.protocol === 'arp')
    throw argumentError('protocol: arp is of IPv4; who has an IPv6 address may always be asked')
  const all = { address: '::', prefix: 0 }
  const [source, destination] = [ipv6_src_address ?? all, ipv6_dst_address ?? all].map(
    ({ address, prefix = ipv6PrefixMax }) => ({ address: ipv6NetworkOf(address, prefix), prefix }),
  ) as [typeof all, typeof all]
  return {
    ...{ ipv6_src_address: source.address, ipv6_src_prefix: source.prefix },
    ...{ ipv6_dst_address: destination.address, ipv6_dst_prefix: destination.prefix },
  }
}

function valuesOf(filter: Row<'filters'>, rule: Rule) {
  const [source, destination] = [
    addressOf(rule.src_address, 'src_address'),
    addressOf(rule.dst_address, 'dst_address'),
  ]
  return {
    filter_id: filter.id,
    protocol: rule.protocol,
    src_address: source.address,
    src_prefix: source.prefix,
    dst_address: destination.address,
    dst_prefix: destination.prefix,
    ...ipv6Of(rule),
    src_port: hasPorts(rule) ? (rule.src_port ?? 0) : null,
    dst_port: hasPorts(rule) ? (rule.dst_port ?? 0) : null,
  }
}

type Values = ReturnType<typeof valuesOf>

const same = (state: ApiEnvironment['state'], values: Values): FilterStatic | undefined =>
  state.filterStatics
    .many('filter', values.filter_id)
    .find((row) => (Object.keys(values) as (keyof Values)[]).every((name) => row[name] === values[name]))

function insert(state: ApiEnvironment['state'], filter: Row<'filters'>, rule: Rule): FilterStatic {
  const { action } = rule
  if (action === undefined) throw new ApiError('MissingArgument', 'action')
  const values = valuesOf(filter, rule)
  if (action === 'conn' && rule.protocol === 'arp')
    throw argumentError('action: conn is for tcp, udp, icmp and ip; ARP has no connections')
  const twin = same(state, values)
  if (twin !== undefined)
    throw new ApiError('AlreadyRelated', `${filter.uuid} has a rule about these: ${twin.action}`)
  return state.filterStatics.insert({ ...values, action })
}

/** Answers the first rule where the request means two. */
export function createStatic({ uuid, ...given }: Given, { state }: ApiEnvironment): FilterStatic {
  const filter = find(state, 'filters', uuid)
  const [rule, ...others] = rulesOf(given)
  const row = insert(state, filter, rule)
  for (const other of others) insert(state, filter, other)
  return row
}

function unknown(filter: Row<'filters'>, values: Values, { action }: Rule): ApiError {
  const { filter_id: _, src_address, dst_address, ...rest } = values
  const written = {
    ...{ uuid: filter.uuid, src_address: formatIpv4(src_address), dst_address: formatIpv4(dst_address) },
    ...rest,
    action,
  }
  return new ApiError('UnknownResource', `Couldn't find resource with parameters: ${JSON.stringify(written)}`)
}

/** The stored rule; of a rule without an action, whatever its action is. */
function stored(state: ApiEnvironment['state'], filter: Row<'filters'>, rule: Rule) {
  const row = same(state, valuesOf(filter, rule))
  return row === undefined || (rule.action !== undefined && rule.action !== row.action) ? undefined : row
}

export function removeStatic(
  { uuid, ...given }: InputOf<typeof filters.operations.removeStatic>,
  { state }: ApiEnvironment,
): FilterStatic {
  const filter = find(state, 'filters', uuid)
  const [rule, ...others] = rulesOf(given)
  const row = stored(state, filter, rule)
  if (row === undefined) throw unknown(filter, valuesOf(filter, rule), rule)
  state.filterStatics.delete(row.id)
  for (const other of others) {
    const twin = stored(state, filter, other)
    if (twin !== undefined) state.filterStatics.delete(twin.id)
  }
  return row
}
