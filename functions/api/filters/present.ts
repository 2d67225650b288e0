/** Filters as the API answers them. */
import { answer, filterActions, filterModes, filterProtocols, type Row } from 'openvnet'
import { identity, since, times, uuidField } from '../common/fields.ts'

const { flag, from, id, integer, ipv4, ipv6, oneOf, optional, shape } = answer

type Filter = Row<'filters'>
type FilterStatic = Row<'filterStatics'>

export const filter = shape('Filter', 'What passes an interface with enable_filtering.', {
  ...identity('filters'),
  mode: oneOf(filterModes, 'static: by rules'),
  interface_id: id('the interface'),
  ingress_passthrough: flag('what no rule is about passes to the interface'),
  egress_passthrough: flag('what no rule is about passes from the interface'),
  ...times,
  interface_uuid: from(
    uuidField('interfaces', 'the interface'),
    (row: Filter, state) => state.interfaces.get(row.interface_id)!.uuid,
  ),
})

/** A rule about IPv6 has no addresses of IPv4. */
const ofIpv4 =
  (name: 'src_address' | 'dst_address' | 'src_prefix' | 'dst_prefix') =>
  (row: FilterStatic): number | undefined =>
    row.ipv6_src_address === null ? row[name] : undefined

const port = (about: string) => optional(integer(0, 65_535, about))

export const filterStatic = shape(
  'FilterStatic',
  'A rule of a filter, as packets to the interface have it; for those from it source and destination change places.',
  {
    id: id('its number, which nothing else of its kind gets'),
    filter_id: id('the filter'),
    protocol: oneOf(filterProtocols, 'what it is about; ip is IPv4 with any protocol'),
    action: oneOf(filterActions, 'pass, drop, or conn: what the interface sends, and the answers to it'),
    src_address: from(
      optional(ipv4('the addresses of the other side; of rules about IPv4')),
      ofIpv4('src_address'),
    ),
    dst_address: from(
      optional(ipv4('the addresses of the interface; of rules about IPv4')),
      ofIpv4('dst_address'),
    ),
    src_prefix: from(optional(integer(0, 32, 'how many bits of src_address count')), ofIpv4('src_prefix')),
    dst_prefix: from(optional(integer(0, 32, 'how many bits of dst_address count')), ofIpv4('dst_prefix')),
    ipv6_src_address: from(
      optional(ipv6('the addresses of the other side; of rules about IPv6')),
      (row: FilterStatic) => row.ipv6_src_address ?? undefined,
    ),
    ipv6_dst_address: from(
      optional(ipv6('the addresses of the interface; of rules about IPv6')),
      (row: FilterStatic) => row.ipv6_dst_address ?? undefined,
    ),
    ipv6_src_prefix: from(
      optional(integer(0, 128, 'how many bits of ipv6_src_address count')),
      (row: FilterStatic) => row.ipv6_src_prefix ?? undefined,
    ),
    ipv6_dst_prefix: from(
      optional(integer(0, 128, 'how many bits of ipv6_dst_address count')),
      (row: FilterStatic) => row.ipv6_dst_prefix ?? undefined,
    ),
    src_port: from(
      port('the port of the other side; 0: any'),
      (row: FilterStatic) => row.src_port ?? undefined,
    ),
    dst_port: from(
      port('the port of the interface; 0: any'),
      (row: FilterStatic) => row.dst_port ?? undefined,
    ),
    ...since,
  },
)
