/** Routes as the API answers them: without a number, as in OpenVNet. */
import { answer, type Row } from 'openvnet'
import { since, uuidField } from '../common/fields.ts'

const { flag, from, integer, ipv4, ipv6, nullable, oneOf, optional, shape } = answer

export const route = shape('Route', 'A route: joins a network to a route link by a router interface.', {
  uuid: uuidField('routes', 'its name in the API'),
  route_link_uuid: from(
    uuidField('routeLinks', 'the route link'),
    (row: Row<'routes'>, state) => state.routeLinks.get(row.route_link_id)!.uuid,
  ),
  network_uuid: from(
    uuidField('networks', 'the network'),
    (row: Row<'routes'>, state) => state.networks.get(row.network_id)!.uuid,
  ),
  interface_uuid: from(
    uuidField('interfaces', 'the router interface'),
    (row: Row<'routes'>, state) => state.interfaces.get(row.interface_id)!.uuid,
  ),
  mode: oneOf(['gateway'], 'always the same, as in OpenVNet'),
  ipv4_network: nullable(ipv4('whom it lets in, and where it leads to; null of a route for IPv6')),
  ipv4_prefix: nullable(integer(0, 32, 'how many bits of the address are the network')),
  ipv6_network: from(
    optional(ipv6('the same of a route for IPv6; left out of others')),
    (row: Row<'routes'>) => row.ipv6_network ?? undefined,
  ),
  ipv6_prefix: from(
    optional(integer(0, 128, 'how many bits of the IPv6 address are the network')),
    (row: Row<'routes'>) => row.ipv6_prefix ?? undefined,
  ),
  ipv4_gateway: nullable(ipv4('the next hop for what it lets out')),
  ipv6_gateway: from(
    optional(ipv6('the next hop for what a route for IPv6 lets out; left out where it has none')),
    (row: Row<'routes'>) => row.ipv6_gateway ?? undefined,
  ),
  ingress: flag('it lets packets in from its network'),
  egress: flag('it lets packets out into its network'),
  ...since,
})
