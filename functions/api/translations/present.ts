/** Translations as the API answers them. */
import { answer, portProtocols, type Row, translationModes } from 'openvnet'
import { identity, times, uuidField } from '../common/fields.ts'

const { flag, from, id, integer, ipv4, nullable, oneOf, optional, shape } = answer

export const translation = shape('Translation', 'What an interface translates.', {
  ...identity('translations'),
  mode: oneOf(translationModes, 'what it is about'),
  interface_id: id('the interface'),
  passthrough: flag('what nothing translates passes the interface as it is'),
  ...times,
  interface_uuid: from(
    uuidField('interfaces', 'the interface'),
    (row: Row<'translations'>, state) => state.interfaces.get(row.interface_id)!.uuid,
  ),
})

export const changedTranslation = shape('ChangedTranslation', 'A translation that lost an address.', {
  uuid: uuidField('translations', 'the translation'),
})

type StaticAddress = Row<'translationStaticAddresses'>
/** With what the request named beside it. */
type Echoing = StaticAddress & {
  readonly ingress_network_uuid?: string | undefined
  readonly egress_network_uuid?: string | undefined
}

export const staticAddress = shape(
  'TranslationStaticAddress',
  'An address outside that stands for one inside, or a port of it for a port.',
  {
    id: id('its number, which nothing else of its kind gets'),
    translation_id: id('the translation'),
    route_link_id: nullable(id('the route link that leads to the address inside')),
    ingress_ipv4_address: ipv4('the address outside'),
    egress_ipv4_address: ipv4('the address inside'),
    ingress_port_number: nullable(integer(1, 65_535, 'its port, of TCP and of UDP; null: every protocol')),
    egress_port_number: nullable(integer(1, 65_535, 'its port')),
    ...times,
    route_link_uuid: from(optional(uuidField('routeLinks', 'the route link')), (row: StaticAddress, state) =>
      row.route_link_id === null ? undefined : state.routeLinks.get(row.route_link_id)?.uuid,
    ),
    ingress_network_uuid: from(
      optional(uuidField('networks', 'as the request named it')),
      (row: Echoing) => row.ingress_network_uuid,
    ),
    egress_network_uuid: from(
      optional(uuidField('networks', 'as the request named it')),
      (row: Echoing) => row.egress_network_uuid,
    ),
  },
)

const routeLinkUuid = from(
  optional(uuidField('routeLinks', 'the route link')),
  (row: { readonly route_link_id: number | null }, state) =>
    row.route_link_id === null ? undefined : state.routeLinks.get(row.route_link_id)?.uuid,
)

export const sourceAddress = shape(
  'TranslationSourceAddress',
  'An address outside, or several, for the connections that a network inside makes.',
  {
    id: id('its number, which nothing else of its kind gets'),
    translation_id: id('the translation'),
    route_link_id: nullable(id('only what comes by this route link; null: by any')),
    egress_ipv4_network: ipv4('the network inside'),
    egress_ipv4_prefix: integer(0, 32, 'how many bits of the address are the network'),
    ingress_ipv4_address: ipv4('the address outside'),
    ingress_end_ipv4_address: nullable(ipv4('the last of several; null: there is one')),
    ...times,
    route_link_uuid: routeLinkUuid,
  },
)

export const destinationAddress = shape(
  'TranslationDestinationAddress',
  'Where connections go that are made to an address outside, or to a port of it.',
  {
    id: id('its number, which nothing else of its kind gets'),
    translation_id: id('the translation'),
    route_link_id: nullable(id('the route link that leads there; null: those that let the sender in')),
    protocol: nullable(
      oneOf(portProtocols, 'of the ports; null: both, or every one where there are no ports'),
    ),
    ingress_ipv4_address: ipv4('the address outside'),
    egress_ipv4_address: ipv4('the address inside'),
    ingress_port_number: nullable(integer(1, 65_535, 'its port; null: all of them')),
    egress_port_number: nullable(integer(1, 65_535, 'the port inside')),
    ...times,
    route_link_uuid: routeLinkUuid,
  },
)
