/**
 * The route links that addresses outside lead to, wherever those may be spoken to from. They are not the translation's own
 * units, since a route link leads to networks whose router interfaces translate.
 */
import type { FlowFunction, State } from 'openvnet'
import { seatsOf } from '../../state/health.ts'
import { isActiveOn } from '../../state/networks.ts'
import { routesInto } from '../../state/routing.ts'
import {
  destinationAddressesOf,
  plainAddressesOf,
  remembersConnections,
  translates,
} from '../../state/translation.ts'
import { translationPlace } from '../../state/translation-place.ts'

/** Those that packets by themselves lead to. */
const plainLinks = (state: State, interfaceId: number) =>
  plainAddressesOf(state, interfaceId).flatMap(({ route_link_id }) => route_link_id ?? [])

/** Those that connections lead to, or came by. */
const rememberedLinks = (state: State, interfaceId: number) => [
  ...destinationAddressesOf(state, interfaceId).flatMap(({ route_link_id }) => route_link_id ?? []),
  ...state.routes.many('interface', interfaceId).map(({ route_link_id }) => route_link_id),
]

const isSpokenToFrom = (state: State, interfaceId: number, datapathId: number) =>
  state.interfaceNetworks
    .many('interface', interfaceId)
    .some(
      ({ network_id }) =>
        isActiveOn(state, network_id, datapathId) || routesInto(state, datapathId, network_id),
    )

/** The networks here whose members are asked in the name of a load balancer that is outside. */
const askedNetworks = (state: State, datapathId: number) =>
  [...state.loadBalancers.all()]
    .filter(({ interface_id }) => translates(state, interface_id))
    .flatMap((row) => seatsOf(state, row))
    .flatMap(({ network }) => (isActiveOn(state, network.id, datapathId) ? [network.id] : []))

/** The object is the datapath. */
export const translatedLinks: FlowFunction = ({ datapathId }, state) => {
  const links = new Set<number>()
  const entrances = new Set<number>()
  const all = [...state.translations.all(), ...state.loadBalancers.all()]
  for (const interfaceId of new Set(all.map((row) => row.interface_id))) {
    if (!translates(state, interfaceId)) continue
    const plain = plainLinks(state, interfaceId)
    if (plain.length > 0 && isSpokenToFrom(state, interfaceId, datapathId))
      for (const link of plain) links.add(link)
    if (!remembersConnections(state, interfaceId)) continue
    if (translationPlace(state, interfaceId)?.datapath_id === datapathId)
      for (const link of rememberedLinks(state, interfaceId)) {
        links.add(link)
        entrances.add(link)
      }
  }
  return {
    flows: [],
    children: [
      ...[...links].map((objectId) => ({ feature: 'routeLink', datapathId, objectId })),
      ...[...new Set(askedNetworks(state, datapathId))].map((objectId) => ({
        feature: 'checking',
        datapathId,
        objectId,
      })),
      ...[...entrances].map((objectId) => ({ feature: 'exitHere', datapathId, objectId })),
    ],
  }
}
