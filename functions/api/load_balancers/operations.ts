/** Load balancers: connections to an address and a port, spread over members. */
import { answer, healthCheckModes, operation, parameter, portProtocols, resource } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { loadBalancer, loadBalancerMember } from './present.ts'

const { page } = answer
const { described, flag, integer, ipv4, oneOf, optional, paging, text } = parameter

const keys = { uuid: uuidOf('loadBalancers') }
/** Another name than `uuid`, which is the member's own in the parameters. */
const owner = { load_balancer_uuid: uuidOf('loadBalancers') }
const memberKeys = { ...owner, member_uuid: uuidOf('loadBalancerMembers') }
const port = integer(1, 65_535)

const changeable = {
  display_name: described(optional(text), 'a name for people'),
  health_check: described(
    optional(oneOf(healthCheckModes)),
    'how members are asked whether they are well, from the address of the load balancer, or, where that translates, of the router interface in their network: tcp: they accept a connection; icmp: they answer an echo request; http: they answer GET as they should; none, by default: nobody asks',
  ),
  health_interval: described(
    optional(integer(1, 3_600)),
    'from one check to the next, in seconds, and how long an answer may take; 5 by default',
  ),
  health_failures: described(
    optional(integer(1, 100)),
    'so many checks in a row without an answer, and a member is down; 3 by default',
  ),
  health_path: described(
    optional(text),
    'what http checks ask for: an absolute path of at most 200 printable ASCII characters without spaces, perhaps with a query; / by default',
  ),
  health_status_min: described(
    optional(integer(100, 599)),
    'the least status of HTTP that is a good answer; 200 by default',
  ),
  health_status_max: described(
    optional(integer(100, 599)),
    'the greatest status of HTTP that is a good answer; 399 by default',
  ),
}
const changeableOfMember = {
  weight: described(
    optional(integer(1, 100)),
    'how many connections it gets, in proportion to the others; 1 by default',
  ),
  enabled: described(optional(flag), 'it may have connections, and keeps them; true by default'),
  draining: described(optional(flag), 'it keeps its connections, and gets no new ones; false by default'),
}

export const loadBalancers = resource('load_balancers', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Adds a load balancer at an address of a simulated interface.',
    parameters: {
      uuid: newUuidOf('loadBalancers'),
      interface_uuid: described(
        uuidOf('interfaces'),
        'the simulated interface that has the address: in the network of its members, or, where it has enable_routing and enable_route_translation, in a network outside',
      ),
      ipv4_address: described(
        ipv4,
        'where clients connect to: an address of the interface; until the interface has it, nobody answers there',
      ),
      port_number: described(port, 'the port that they connect to'),
      protocol: described(optional(oneOf(portProtocols)), 'of the port; tcp by default'),
      ...changeable,
    },
    answers: loadBalancer,
    refusals: ['AddressInUse'],
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists load balancers.',
    parameters: paging,
    answers: page(loadBalancer),
  }),
  show: operation({
    method: 'GET',
    path: '/:uuid',
    summary: 'Shows a load balancer.',
    keys,
    answers: loadBalancer,
  }),
  update: operation({
    method: 'PUT',
    path: '/:uuid',
    summary: 'Changes a load balancer.',
    keys,
    parameters: changeable,
    answers: loadBalancer,
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a load balancer, with its members.',
    keys,
    answers: removed('loadBalancers'),
  }),
  createMember: operation({
    method: 'POST',
    path: '/:load_balancer_uuid/members',
    summary: 'Adds a member: an interface, or an address.',
    keys: owner,
    parameters: {
      uuid: newUuidOf('loadBalancerMembers'),
      interface_uuid: described(
        optional(uuidOf('interfaces')),
        'the member; its address in the network of the load balancer, or its first, is used',
      ),
      ipv4_address: described(optional(ipv4), 'the address of the member, instead of an interface'),
      port_number: described(
        optional(port),
        'the port that connections go to; that of the load balancer by default',
      ),
      ...changeableOfMember,
    },
    answers: loadBalancerMember,
    refusals: ['AlreadyRelated', 'MissingArgument'],
  }),
  listMembers: operation({
    method: 'GET',
    path: '/:load_balancer_uuid/members',
    summary: 'Lists the members of a load balancer, with how they are.',
    keys: owner,
    parameters: paging,
    answers: page(loadBalancerMember),
  }),
  updateMember: operation({
    method: 'PUT',
    path: '/:load_balancer_uuid/members/:member_uuid',
    summary: 'Changes a member; connections that it has stay with it while it is enabled.',
    keys: memberKeys,
    parameters: changeableOfMember,
    answers: loadBalancerMember,
    refusals: ['UnknownResource'],
  }),
  removeMember: operation({
    method: 'DELETE',
    path: '/:load_balancer_uuid/members/:member_uuid',
    summary: 'Deletes a member; connections that it has end.',
    keys: memberKeys,
    answers: removed('loadBalancerMembers'),
    refusals: ['UnknownResource'],
  }),
})
