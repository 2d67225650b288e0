/** Route links: the cores of virtual routers, which routes join to networks. */
import { answer, operation, parameter, resource } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { routeLink } from './present.ts'

const { page } = answer
const { described, mac, optional, paging } = parameter
const keys = { uuid: uuidOf('routeLinks') }

export const routeLinks = resource('route_links', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Adds a route link: what comes in by one of its routes leaves by any other.',
    parameters: {
      uuid: newUuidOf('routeLinks'),
      topology_uuid: described(optional(uuidOf('topologies')), 'the topology that it is put into'),
      mac_address: described(optional(mac), 'a MAC address of its own; made up where it is not given'),
    },
    answers: routeLink,
    refusals: ['AddressInUse'],
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists route links.',
    parameters: paging,
    answers: page(routeLink),
  }),
  show: operation({
    method: 'GET',
    path: '/:uuid',
    summary: 'Shows a route link.',
    keys,
    answers: routeLink,
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a route link, with its routes.',
    keys,
    answers: removed('routeLinks'),
  }),
})
