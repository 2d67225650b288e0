/** IP leases: addresses of networks, attached to a MAC lease of an interface or kept for later. */
import { answer, operation, parameter, resource } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { briefIpLease, ipLease } from './present.ts'

const { page } = answer
const { described, flag, ipv4, ipv6, optional, paging } = parameter
const keys = { uuid: uuidOf('ipLeases') }
const enableRouting = described(optional(flag), 'packets to the address go through the router too')
const to = {
  mac_lease_uuid: described(optional(uuidOf('macLeases')), 'the MAC lease that it is attached to'),
  interface_uuid: described(
    optional(uuidOf('interfaces')),
    'the interface whose first MAC lease it is attached to',
  ),
}

export const ipLeases = resource('ip_leases', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Leases an address of a network, to an interface or to nobody yet.',
    parameters: {
      uuid: newUuidOf('ipLeases'),
      network_uuid: described(uuidOf('networks'), 'the network that the address is in'),
      ipv4_address: described(optional(ipv4), 'the address, a.b.c.d; this or ipv6_address must be given'),
      ipv6_address: described(optional(ipv6), 'an IPv6 address, instead or beside'),
      ...to,
      enable_routing: enableRouting,
    },
    answers: ipLease,
    refusals: ['InvalidID', 'AddressInUse', 'MissingArgument'],
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists IP leases.',
    parameters: paging,
    answers: page(ipLease),
  }),
  show: operation({ method: 'GET', path: '/:uuid', summary: 'Shows an IP lease.', keys, answers: ipLease }),
  update: operation({
    method: 'PUT',
    path: '/:uuid',
    summary: 'Changes an IP lease.',
    keys,
    parameters: { enable_routing: enableRouting },
    answers: ipLease,
  }),
  attach: operation({
    method: 'PUT',
    path: '/:uuid/attach',
    summary: 'Attaches an IP lease to an interface.',
    keys,
    parameters: to,
    answers: briefIpLease,
    refusals: ['InvalidID', 'AddressInUse'],
  }),
  release: operation({
    method: 'PUT',
    path: '/:uuid/release',
    summary: 'Takes an IP lease off its interface; the address stays leased.',
    keys,
    answers: briefIpLease,
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes an IP lease; the address is free again.',
    keys,
    answers: removed('ipLeases'),
  }),
})
