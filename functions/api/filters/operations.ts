/** Filters: what passes at interfaces with `enable_filtering`, to them and from them. */
import { answer, filterActions, filterModes, filterProtocols, operation, parameter, resource } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { filter, filterStatic } from './present.ts'

const { page } = answer
const { described, flag, integer, ipv4Network, ipv6Network, oneOf, optional, paging } = parameter

const keys = { uuid: uuidOf('filters') }
const passthrough = {
  ingress_passthrough: described(
    optional(flag),
    'what no rule is about passes to the interface; false by default: it is dropped, ARP and DHCP too',
  ),
  egress_passthrough: described(
    optional(flag),
    'what no rule is about passes from the interface; false by default: it is dropped, ARP and DHCP too',
  ),
}
const port = (about: string) => described(optional(integer(0, 65_535)), about)
/** What tells one rule of a filter from the others. */
const rule = {
  protocol: described(
    oneOf([...filterProtocols, 'all']),
    'ip is any protocol, and all its old name. A rule with an IPv6 address is about IPv6, any other about IPv4',
  ),
  src_address: described(optional(ipv4Network), 'addresses of the other side, a.b.c.d/n; all by default'),
  dst_address: described(optional(ipv4Network), 'addresses of the interface, a.b.c.d/n; all by default'),
  ipv6_src_address: described(
    optional(ipv6Network),
    'IPv6 addresses of the other side, a:b::/n, instead of src_address and dst_address; all where ipv6_dst_address alone is given',
  ),
  ipv6_dst_address: described(
    optional(ipv6Network),
    'IPv6 addresses of the interface, a:b::/n, in the same way',
  ),
  src_port: port('the port of the other side, for tcp and udp; 0, the default: any'),
  dst_port: port('the port of the interface, for tcp and udp; 0, the default: any'),
}
/** Names of a version before: what is given by today's counts. */
const former = {
  ipv4_address: described(optional(ipv4Network), 'an old name of src_address'),
  port_number: port(
    "an old way to say both: the port that a packet goes to, the interface's or the other side's. It makes two rules",
  ),
  passthrough: described(optional(flag), 'an old way to say action: true is pass, false is drop'),
}
const aboutAction =
  'pass: to and from the interface; drop: neither; conn: from the interface, and what is answered. Of rules about the same packet the one with the longest dst_address decides, with dst_port before without, then the longest src_address'

export const filters = resource('filters', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Adds a filter to an interface. It works while the interface has enable_filtering.',
    parameters: {
      uuid: newUuidOf('filters'),
      interface_uuid: described(uuidOf('interfaces'), 'the interface'),
      mode: described(oneOf(filterModes), 'static: by rules'),
      ...passthrough,
    },
    answers: filter,
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists filters.',
    parameters: paging,
    answers: page(filter),
  }),
  show: operation({ method: 'GET', path: '/:uuid', summary: 'Shows a filter.', keys, answers: filter }),
  update: operation({
    method: 'PUT',
    path: '/:uuid',
    summary: 'Changes a filter.',
    keys,
    parameters: passthrough,
    answers: filter,
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a filter, with its rules.',
    keys,
    answers: removed('filters'),
  }),
  createStatic: operation({
    method: 'POST',
    path: '/:uuid/static',
    summary:
      'Adds a rule to a filter, as packets to the interface have it; those from it are matched mirrored.',
    keys,
    parameters: {
      ...rule,
      action: described(
        optional(oneOf(filterActions)),
        `required, unless passthrough says it; ${aboutAction}`,
      ),
      ...former,
    },
    answers: filterStatic,
    refusals: ['AlreadyRelated'],
  }),
  listStatics: operation({
    method: 'GET',
    path: '/:uuid/static',
    summary: 'Lists the rules of a filter.',
    keys,
    parameters: paging,
    answers: page(filterStatic),
  }),
  removeStatic: operation({
    method: 'DELETE',
    path: '/:uuid/static',
    summary: 'Deletes the rule of a filter that has these values. What it had let pass ends.',
    keys,
    parameters: {
      ...rule,
      action: described(optional(oneOf(filterActions)), 'only if this is its action'),
      ...former,
    },
    answers: filterStatic,
    refusals: ['UnknownResource'],
  }),
})
