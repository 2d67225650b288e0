/** Translations: how the addresses of packets change at an interface. */
import { answer, operation, parameter, portProtocols, resource, translationModes } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import {
  changedTranslation,
  destinationAddress,
  sourceAddress,
  staticAddress,
  translation,
} from './present.ts'

const { page } = answer
const { described, flag, integer, ipv4, ipv4Network, oneOf, optional, paging } = parameter

const keys = { uuid: uuidOf('translations') }
const interfaceUuid = uuidOf('interfaces')
const aboutInterface =
  'the interface: one that routes and has enable_route_translation, or of mode edge where the mode is vnet_edge'
const mode = oneOf(translationModes)
const aboutMode =
  'static_address: one address for one, or a port of it for a port; source_address: one address, or a few, for the connections of a whole network; destination_address: where connections to an address, or to a port of it, go; vnet_edge: VLANs of a trunk port'
const passthrough = described(
  optional(flag),
  'what nothing translates passes the interface as it is; false by default: it is dropped',
)
const port = optional(integer(1, 65_535))

/** What tells one static address of a translation from the others. */
const staticAddressKey = {
  ingress_ipv4_address: described(
    ipv4,
    'the address outside; an IP lease of the interface answers ARP for it, with enable_routing',
  ),
  egress_ipv4_address: described(ipv4, 'the address inside'),
  ingress_port_number: described(
    port,
    'its port, of TCP and of UDP: with egress_port_number, or neither: then every protocol is translated',
  ),
  egress_port_number: described(port, 'its port'),
  ingress_network_uuid: described(optional(uuidOf('networks')), 'repeated in the answer, and no more'),
  egress_network_uuid: described(optional(uuidOf('networks')), 'repeated in the answer, and no more'),
  route_link_uuid: described(
    optional(uuidOf('routeLinks')),
    'the route link that leads to the address inside; any of the interface where it is not given',
  ),
}

const outside = described(
  ipv4,
  'the address outside; an IP lease of the interface answers ARP for it, with enable_routing',
)
const routeLink = optional(uuidOf('routeLinks'))

const sourceAddressKey = {
  ingress_ipv4_address: outside,
  ingress_end_ipv4_address: described(
    optional(ipv4),
    'the last of several addresses outside, all of which are used; at most 256',
  ),
  egress_ipv4_network: described(
    ipv4Network,
    'the network inside: its address, a.b.c.d or a.b.c.d/n; of several the longest prefix counts',
  ),
  egress_ipv4_prefix: described(
    optional(integer(0, 32)),
    'how many bits of the address are the network; 24 where neither says it',
  ),
  route_link_uuid: described(routeLink, 'only what comes by this route link; by any where it is not given'),
}

const destinationAddressKey = {
  ingress_ipv4_address: outside,
  egress_ipv4_address: described(ipv4, 'the address inside that connections go to'),
  protocol: described(optional(oneOf(portProtocols)), 'of the ports; both where it is not given'),
  ingress_port_number: described(
    port,
    'its port; where it is not given every protocol and every port goes there',
  ),
  egress_port_number: described(port, 'the port inside; the same where it is not given'),
  route_link_uuid: described(
    routeLink,
    'the route link that leads to the address inside; those that let the sender in where it is not given',
  ),
}

export const translations = resource('translations', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Adds a translation to an interface.',
    parameters: {
      uuid: newUuidOf('translations'),
      interface_uuid: described(interfaceUuid, aboutInterface),
      mode: described(mode, aboutMode),
      passthrough,
    },
    answers: translation,
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists translations.',
    parameters: paging,
    answers: page(translation),
  }),
  show: operation({
    method: 'GET',
    path: '/:uuid',
    summary: 'Shows a translation.',
    keys,
    answers: translation,
  }),
  update: operation({
    method: 'PUT',
    path: '/:uuid',
    summary: 'Changes a translation.',
    keys,
    parameters: {
      interface_uuid: described(optional(interfaceUuid), aboutInterface),
      mode: described(optional(mode), aboutMode),
      passthrough,
    },
    answers: translation,
    refusals: ['AddressInUse', 'DeleteRestrictionError', 'AlreadyRelated'],
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a translation, with its addresses.',
    keys,
    answers: removed('translations'),
  }),
  createStaticAddress: operation({
    method: 'POST',
    path: '/:uuid/static_address',
    summary: 'Adds an address outside that stands for one inside, or a port of it for a port.',
    keys,
    parameters: staticAddressKey,
    answers: staticAddress,
    refusals: ['AlreadyRelated', 'AddressInUse'],
  }),
  listStaticAddresses: operation({
    method: 'GET',
    path: '/:uuid/static_address',
    summary: 'Lists the addresses of a translation.',
    keys,
    parameters: paging,
    answers: page(staticAddress),
  }),
  removeStaticAddress: operation({
    method: 'DELETE',
    path: '/:uuid/static_address',
    summary:
      'Deletes an address of a translation; where no ports are named and all have some, every pair of ports of it.',
    keys,
    parameters: staticAddressKey,
    answers: changedTranslation,
    refusals: ['UnknownResource'],
  }),
  createSourceAddress: operation({
    method: 'POST',
    path: '/:uuid/source_address',
    summary: 'Adds an address outside, or several, for the connections that a network inside makes.',
    keys,
    parameters: sourceAddressKey,
    answers: sourceAddress,
    refusals: ['AlreadyRelated', 'AddressInUse'],
  }),
  listSourceAddresses: operation({
    method: 'GET',
    path: '/:uuid/source_address',
    summary: 'Lists the addresses that networks inside share.',
    keys,
    parameters: paging,
    answers: page(sourceAddress),
  }),
  removeSourceAddress: operation({
    method: 'DELETE',
    path: '/:uuid/source_address',
    summary: 'Deletes an address that a network inside shares, for new connections.',
    keys,
    parameters: sourceAddressKey,
    answers: changedTranslation,
    refusals: ['UnknownResource'],
  }),
  createDestinationAddress: operation({
    method: 'POST',
    path: '/:uuid/destination_address',
    summary: 'Says where connections go that are made to an address outside, or to a port of it.',
    keys,
    parameters: destinationAddressKey,
    answers: destinationAddress,
    refusals: ['AlreadyRelated', 'AddressInUse'],
  }),
  listDestinationAddresses: operation({
    method: 'GET',
    path: '/:uuid/destination_address',
    summary: 'Lists where connections from outside go.',
    keys,
    parameters: paging,
    answers: page(destinationAddress),
  }),
  removeDestinationAddress: operation({
    method: 'DELETE',
    path: '/:uuid/destination_address',
    summary:
      'Deletes where new connections from outside go; where no port is named and all have some, of every port.',
    keys,
    parameters: destinationAddressKey,
    answers: changedTranslation,
    refusals: ['UnknownResource'],
  }),
})
