/** Datapaths: the switches that carry the networks. */
import { answer, operation, parameter, resource } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { network } from '../networks/present.ts'
import { routeLink } from '../route_links/present.ts'
import { segment } from '../segments/present.ts'
import { dpid } from './dpid.ts'
import { datapath, datapathNetwork, datapathRouteLink, datapathSegment } from './present.ts'

const { datapathStatus, page } = answer
const { described, flag, mac, optional, paging, text } = parameter

const displayName = 'a name for people'
const keys = { uuid: uuidOf('datapaths') }
const flags = {
  enable_ovs_learn_action: described(
    optional(flag),
    'its switch may learn addresses by itself; true by default',
  ),
  trusted_fail_mode: described(
    optional(flag),
    'it is served although its OVSDB is not reached, so that nobody sees whether its fail mode is secure',
  ),
}
const carrier = {
  interface_uuid: described(uuidOf('interfaces'), 'the host interface of the datapath that carries it'),
  mac_address: described(
    optional(mac),
    'the address of its broadcasts to this datapath where they are not encapsulated; made up where it is not given',
  ),
  mac_range_group_uuid: described(
    optional(uuidOf('macRangeGroups')),
    'the group that this address is taken from where mac_address is not given',
  ),
}
const ofNetwork = { ...keys, network_uuid: uuidOf('networks') }
const ofSegment = { ...keys, segment_uuid: uuidOf('segments') }
const ofRouteLink = { ...keys, route_link_uuid: uuidOf('routeLinks') }

export const datapaths = resource('datapaths', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Adds a datapath: a switch with its datapath id is served from then on.',
    parameters: {
      uuid: newUuidOf('datapaths'),
      display_name: described(text, displayName),
      dpid,
      node_id: described(text, 'the node that the switch is on'),
      ...flags,
    },
    answers: datapath,
    refusals: ['DuplicateName'],
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists datapaths.',
    parameters: paging,
    answers: page(datapath),
  }),
  show: operation({ method: 'GET', path: '/:uuid', summary: 'Shows a datapath.', keys, answers: datapath }),
  update: operation({
    method: 'PUT',
    path: '/:uuid',
    summary: 'Changes a datapath.',
    keys,
    parameters: { display_name: described(optional(text), displayName), ...flags },
    answers: datapath,
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a datapath; its switch is no longer served.',
    keys,
    answers: removed('datapaths'),
  }),
  status: operation({
    method: 'GET',
    path: '/:uuid/status',
    summary:
      'Tells whether the switch of a datapath is connected and which revision of the state it has applied.',
    keys,
    answers: datapathStatus,
  }),
  addNetwork: operation({
    method: 'POST',
    path: '/:uuid/networks/:network_uuid',
    summary: 'Lets a network span a datapath.',
    keys: ofNetwork,
    parameters: carrier,
    answers: datapathNetwork,
    refusals: ['RelationAlreadyExists', 'AddressInUse'],
  }),
  listNetworks: operation({
    method: 'GET',
    path: '/:uuid/networks',
    summary: 'Lists the networks that span a datapath.',
    keys,
    parameters: paging,
    answers: page(network),
  }),
  removeNetwork: operation({
    method: 'DELETE',
    path: '/:uuid/networks/:network_uuid',
    summary: 'Takes a network off a datapath.',
    keys: ofNetwork,
    answers: removed('networks'),
    refusals: ['UnknownResource'],
  }),
  addSegment: operation({
    method: 'POST',
    path: '/:uuid/segments/:segment_uuid',
    summary: 'Lets a segment span a datapath.',
    keys: ofSegment,
    parameters: carrier,
    answers: datapathSegment,
    refusals: ['RelationAlreadyExists', 'AddressInUse'],
  }),
  listSegments: operation({
    method: 'GET',
    path: '/:uuid/segments',
    summary: 'Lists the segments that span a datapath.',
    keys,
    parameters: paging,
    answers: page(segment),
  }),
  removeSegment: operation({
    method: 'DELETE',
    path: '/:uuid/segments/:segment_uuid',
    summary: 'Takes a segment off a datapath.',
    keys: ofSegment,
    answers: removed('segments'),
    refusals: ['UnknownResource'],
  }),
  addRouteLink: operation({
    method: 'POST',
    path: '/:uuid/route_links/:route_link_uuid',
    summary: 'Lets a route link span a datapath.',
    keys: ofRouteLink,
    parameters: carrier,
    answers: datapathRouteLink,
    refusals: ['RelationAlreadyExists', 'AddressInUse'],
  }),
  listRouteLinks: operation({
    method: 'GET',
    path: '/:uuid/route_links',
    summary: 'Lists the route links that span a datapath.',
    keys,
    parameters: paging,
    answers: page(routeLink),
  }),
  removeRouteLink: operation({
    method: 'DELETE',
    path: '/:uuid/route_links/:route_link_uuid',
    summary: 'Takes a route link off a datapath.',
    keys: ofRouteLink,
    answers: removed('routeLinks'),
    refusals: ['UnknownResource'],
  }),
})
