/** Routes: which senders a router interface lets in from its network, and which destinations it leads to there. */
import { answer, operation, parameter, resource } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { route } from './present.ts'

const { page } = answer
const { described, flag, integer, ipv4, ipv4Network, ipv6, ipv6Network, optional, paging } = parameter
const keys = { uuid: uuidOf('routes') }

export const routes = resource('routes', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Adds a route: joins a network to a route link, by a router interface in it.',
    parameters: {
      uuid: newUuidOf('routes'),
      interface_uuid: described(
        uuidOf('interfaces'),
        'the router interface: a simulated interface in the network; or a machine there, which is the next hop then, by way of the oldest router interface of the network. It routes while its enable_routing is true',
      ),
      network_uuid: described(
        uuidOf('networks'),
        'the network that it routes; a physical one is reached by the hypervisors that have a host interface in it, or by the one that the router interface belongs to (owner_datapath_uuid)',
      ),
      route_link_uuid: described(uuidOf('routeLinks'), 'the route link, which leads to its other routes'),
      ipv4_network: described(
        optional(ipv4Network),
        'whom it lets in, and where it leads to: the address of a network, a.b.c.d or a.b.c.d/n; this or ipv6_network must be given',
      ),
      ipv4_prefix: described(
        optional(integer(0, 32)),
        'how many bits of the address are the network; 24 where neither says it',
      ),
      ipv6_network: described(
        optional(ipv6Network),
        'the same of IPv6, as 2001:db8:0:1::/64; a route is for one or the other',
      ),
      ipv6_prefix: described(
        optional(integer(0, 128)),
        'how many bits of the IPv6 address are the network; 64 where neither says it',
      ),
      ipv4_gateway: described(
        optional(ipv4),
        'the next hop for what it lets out, a.b.c.d: a machine or router in its network. Where it is not given, destinations in the network are next hops themselves, and those beyond a physical network are behind its first address',
      ),
      ipv6_gateway: described(
        optional(ipv6),
        'the same of a route for IPv6: an address of its network, in a physical one a link-local address, too; beyond a physical network there must be one',
      ),
      ingress: described(optional(flag), 'it lets packets in from its network; true by default'),
      egress: described(optional(flag), 'it lets packets out into its network; true by default'),
    },
    answers: route,
    refusals: ['MissingArgument'],
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists routes.',
    parameters: paging,
    answers: page(route),
  }),
  show: operation({ method: 'GET', path: '/:uuid', summary: 'Shows a route.', keys, answers: route }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a route.',
    keys,
    answers: removed('routes'),
  }),
})
