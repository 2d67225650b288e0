/** The rules of a filter: no two about the same packets. */
import {
  type ApiEnvironment,
  ApiError,
  argumentError,
  formatIpv4,
  type InputOf,
  maskOf,
  type Row,
} from 'openvnet'
import { find } from '../common/find.ts'
import type { filters } from './operations.ts'

type Given = InputOf<typeof filters.operations.createStatic>
type Protocol = Row<'filterStatics'>['protocol']
type Input = Pick<Given, 'src_address' | 'dst_address' | 'src_port' | 'dst_port' | 'action'> & {
  readonly protocol: Protocol
}
type FilterStatic = Row<'filterStatics'>

/** What is given by names of a version before, by today's. */
function current(given: Omit<Given, 'uuid'>): Input {
  const { protocol, ipv4_address, port_number, passthrough, ...input } = given
  const said = passthrough === undefined ? undefined : passthrough ? 'pass' : 'drop'
  return {
    ...input,
    protocol: protocol === 'all' ? 'ip' : protocol,
    src_address: input.src_address ?? ipv4_address,
    dst_port: input.dst_port ?? port_number,
    action: input.action ?? said,
  }
}

const prefixMax = 32

/** The bits of an address that count. All of them, where no length is given: that is one address, and 0.0.0.0 is none. */
function addressOf(given: Input['src_address'], name: string) {
  if (given === undefined) return { address: 0, prefix: 0 }
  const { address, prefix = prefixMax } = given
  if (address === 0 && prefix !== 0)
    throw argumentError(`${name}: 0.0.0.0 must be 0.0.0.0/0, for all addresses`)
  return { address: (address & maskOf(prefix)) >>> 0, prefix }
}

const hasPorts = ({ protocol }: Input) => protocol === 'tcp' || protocol === 'udp'

function valuesOf(filter: Row<'filters'>, input: Input) {
  const [source, destination] = [
    addressOf(input.src_address, 'src_address'),
    addressOf(input.dst_address, 'dst_address'),
  ]
  return {
    filter_id: filter.id,
    protocol: input.protocol,
    src_address: source.address,
    src_prefix: source.prefix,
    dst_address: destination.address,
    dst_prefix: destination.prefix,
    src_port: hasPorts(input) ? (input.src_port ?? 0) : null,
    dst_port: hasPorts(input) ? (input.dst_port ?? 0) : null,
  }
}

type Values = ReturnType<typeof valuesOf>

const same = (state: ApiEnvironment['state'], values: Values): FilterStatic | undefined =>
  state.filterStatics
    .many('filter', values.filter_id)
    .find((row) => (Object.keys(values) as (keyof Values)[]).every((name) => row[name] === values[name]))

export function createStatic({ uuid, ...given }: Given, { state }: ApiEnvironment): FilterStatic {
  const filter = find(state, 'filters', uuid)
  const input = current(given)
  const { action } = input
  if (action === undefined) throw new ApiError('MissingArgument', 'action')
  const values = valuesOf(filter, input)
  if (action === 'conn' && input.protocol === 'arp')
    throw argumentError('action: conn is for tcp, udp, icmp and ip; ARP has no connections')
  const twin = same(state, values)
  if (twin !== undefined)
    throw new ApiError('AlreadyRelated', `${filter.uuid} has a rule about these: ${twin.action}`)
  return state.filterStatics.insert({ ...values, action })
}

export function removeStatic(
  { uuid, ...given }: InputOf<typeof filters.operations.removeStatic>,
  { state }: ApiEnvironment,
): FilterStatic {
  const filter = find(state, 'filters', uuid)
  const input = current(given)
  const values = valuesOf(filter, input)
  const row = same(state, values)
  if (row === undefined || (input.action !== undefined && input.action !== row.action)) {
    const { filter_id: _, src_address, dst_address, ...rest } = values
    const written = {
      ...{ uuid: filter.uuid, src_address: formatIpv4(src_address), dst_address: formatIpv4(dst_address) },
      ...rest,
      action: input.action,
    }
    throw new ApiError(
      'UnknownResource',
      `Couldn't find resource with parameters: ${JSON.stringify(written)}`,
    )
  }
  state.filterStatics.delete(row.id)
  return row
}
