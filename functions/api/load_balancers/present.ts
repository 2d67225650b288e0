/** Load balancers and their members as the API answers them. */
import { answer, healthCheckModes, memberHealths, portProtocols, type Row } from 'openvnet'
import { identity, times, uuidField } from '../common/fields.ts'

const { flag, from, id, integer, ipv4, nullable, oneOf, shape, text } = answer

export const loadBalancer = shape(
  'LoadBalancer',
  'An address and a port whose connections are spread over members.',
  {
    ...identity('loadBalancers'),
    display_name: nullable(text('a name for people')),
    interface_id: id('the interface that has the address'),
    protocol: oneOf(portProtocols, 'of its port'),
    ipv4_address: ipv4('where clients connect to'),
    port_number: integer(1, 65_535, 'the port that they connect to'),
    health_check: oneOf(healthCheckModes, 'how members are asked whether they are well'),
    health_interval: integer(1, 3_600, 'from one check to the next, in seconds'),
    health_failures: integer(1, 100, 'so many checks in a row without an answer, and a member is down'),
    health_path: text('what http checks ask for'),
    health_status_min: integer(100, 599, 'the least status of HTTP that is a good answer'),
    health_status_max: integer(100, 599, 'the greatest'),
    ...times,
    interface_uuid: from(
      uuidField('interfaces', 'the interface'),
      (row: Row<'loadBalancers'>, state) => state.interfaces.get(row.interface_id)!.uuid,
    ),
  },
)

export const loadBalancerMember = shape('LoadBalancerMember', 'Who gets connections of a load balancer.', {
  ...identity('loadBalancerMembers'),
  load_balancer_id: id('the load balancer'),
  interface_id: nullable(id('the interface whose address it has; null where an address is given')),
  ipv4_address: nullable(ipv4('its address; null where an interface is given')),
  port_number: integer(1, 65_535, 'the port that connections go to'),
  weight: integer(1, 100, 'how many connections it gets, in proportion to the others'),
  enabled: flag('it may have connections'),
  draining: flag('it keeps its connections, and gets no new ones'),
  health: oneOf(memberHealths, 'what its checks say; who is down gets no new connections'),
  ...times,
  interface_uuid: from(
    nullable(uuidField('interfaces', 'the interface')),
    (row: Row<'loadBalancerMembers'>, state) =>
      row.interface_id === null ? null : state.interfaces.get(row.interface_id)!.uuid,
  ),
})
