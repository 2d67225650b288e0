/** Translations: how the addresses of packets change at an interface. */
import { answer, operation, parameter, resource, translationModes } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { changedTranslation, staticAddress, translation } from './present.ts'

const { page } = answer
const { described, flag, integer, ipv4, oneOf, optional, paging } = parameter

const keys = { uuid: uuidOf('translations') }
const interfaceUuid = uuidOf('interfaces')
const aboutInterface =
  'the interface: one that routes and has enable_route_translation, or of mode edge where the mode is vnet_edge'
const mode = oneOf(translationModes)
const aboutMode = 'static_address: of packets that are routed; vnet_edge: VLANs of a trunk port'
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
    refusals: ['AddressInUse', 'DeleteRestrictionError', 'RelationAlreadyExists'],
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
    refusals: ['RelationAlreadyExists', 'AddressInUse'],
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
})
