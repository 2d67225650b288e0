/** Where packets go that a router has let in: one flow for each route, whatever the number of those who take it. */
import { cookieOf, type Flow, type FlowFunction, type State, type Unit } from 'openvnet'
import { mtuOf } from '../../state/encapsulation.ts'
import { isPhysical } from '../../state/networks.ts'
import { networksInto } from '../../state/route-links.ts'
import { egressRoutes, ingressRoutes, type WorkingRoute } from '../../state/routing.ts'
import { seekerOf, sendersIn } from '../../state/seekers.ts'
import { translates } from '../../state/translation.ts'
import { features, pipeline } from '../pipeline.ts'
import { matchOf } from '../prefix-match.ts'
import { exitOfRoute, linkToExit, seekerOfRoute } from './exits.ts'
import { type Hop, hopsOf } from './hops.ts'
import { entrancesOf, routingOf } from './router.ts'

const ethernetHeader = 14

/** A hop with the datapath that takes packets on from there. */
interface Way extends Hop {
  readonly exitId: number
}

/** What of the packets of a route link a route is for. */
export type RouteMatch = { readonly routing: number } & ReturnType<typeof matchOf<'destination'>>

const head = (cookie: bigint, routing: number, way: Way) => ({
  cookie,
  priority: 100 + way.ipv4_prefix,
  match: { routing, ...matchOf('destination', { network: way.ipv4_network, bits: way.ipv4_prefix }) },
})

/** What is translated, or may have to go to another datapath, carries its route link. */
const carriesLink = (state: State, way: Way) =>
  translates(state, way.router.interfaceId) || seekerOfRoute(state, way.exitId, way) !== undefined

function routeFlow(state: State, cookie: bigint, routing: number, way: Way): Flow {
  const link = carriesLink(state, way) ? state.routeLinks.get(way.route_link_id) : undefined
  return pipeline.flow('route', {
    ...head(cookie, routing, way),
    steps: [
      { set: 'network', to: way.network.tunnel_key_id },
      { set: 'outRouter', to: way.router.memberId },
      ...(link === undefined ? [] : [{ set: 'routeLink', to: link.tunnel_key_id } as const]),
      ...(way.gateway === null
        ? []
        : [{ set: 'viaGateway', to: 'yes' } as const, { set: 'nextHop', to: way.gateway } as const]),
      { largerThan: mtuOf(way.network) + ethernetHeader, to: 'tooLarge' },
    ],
    goto: 'neighbour',
  })
}

/** To be routed by the datapath that leads there, under the key of the route link. */
export function flowToExit(
  state: State,
  datapathId: number,
  of: { readonly cookie: bigint; readonly priority: number; readonly match: RouteMatch },
  way: Pick<Way, 'exitId' | 'network' | 'route_link_id'>,
): Flow[] {
  const link = linkToExit(state, datapathId, way.exitId, way.route_link_id)
  if (link === undefined) return []
  return [
    pipeline.flow('route', {
      ...of,
      steps: [
        { set: 'network', to: way.network.tunnel_key_id },
        { set: 'peer', to: way.exitId },
        { set: 'tunnel_id', to: state.routeLinks.get(way.route_link_id)!.tunnel_key_id },
        { largerThan: mtuOf(link.network) + ethernetHeader, to: 'tooLarge' },
      ],
      goto: 'toExit',
    }),
  ]
}

function routesOf(
  state: State,
  datapathId: number,
  cookie: bigint,
  routing: number,
  all: readonly WorkingRoute[],
) {
  const ways = hopsOf(all).flatMap((hop): Way[] => {
    const exitId = exitOfRoute(state, datapathId, hop)
    return exitId === undefined ? [] : [{ ...hop, exitId }]
  })
  const unit = (feature: string, objectId: number): Unit => ({ feature, datapathId, objectId })
  const here = ways.filter(({ exitId }) => exitId === datapathId)
  const elsewhere = ways.filter(({ exitId }) => exitId !== datapathId)
  const asked = here.filter(
    ({ network }) => isPhysical(network) || seekerOf(state, datapathId, network) === datapathId,
  )
  const unresolved = asked.map((way) => way.route_link_id)
  const toSeekers = here.flatMap((way) =>
    seekerOfRoute(state, datapathId, way) === undefined ? [] : way.route_link_id,
  )
  return {
    flows: [
      ...here.map((way) => routeFlow(state, cookie, routing, way)),
      ...elsewhere.flatMap((way) => flowToExit(state, datapathId, head(cookie, routing, way), way)),
    ],
    children: [
      ...here.map(({ router }) => unit('routerPort', router.memberId)),
      ...here.map(({ network_id }) => unit('routedNetwork', network_id)),
      ...elsewhere.map(({ route_link_id }) => unit('toExit', route_link_id)),
      ...[...new Set(toSeekers)].map((id) => unit('toExit', id)),
      ...[...new Set(unresolved)].map((id) => unit('senders', id)),
    ],
  }
}

/**
 * Who may send to next hops that are asked for: all whom a route link lets in. They are not the router's own, since that
 * would have every network look at all routes. The object is the route link.
 */
export const senders: FlowFunction = ({ datapathId, objectId: routeLinkId }, state) => {
  const interfaceIds = new Set(
    networksInto(state, routeLinkId).flatMap(({ id }) => [...sendersIn(state, id)]),
  )
  return {
    flows: [],
    children: [...interfaceIds].map((objectId) => ({ feature: 'resolve', datapathId, objectId })),
  }
}

/** The object is the route link. */
export const routeLink: FlowFunction = ({ datapathId, objectId: routeLinkId }, state) => {
  const row = state.routeLinks.get(routeLinkId)
  if (row === undefined) return { flows: [] }
  const cookie = cookieOf(features.routeLink, routeLinkId)
  return routesOf(state, datapathId, cookie, row.tunnel_key_id, egressRoutes(state, routeLinkId))
}

/** The object is the oldest of the ingress routes that lead to several route links. */
export const routeLinks: FlowFunction = ({ datapathId, objectId: routeId }, state) => {
  const networkId = state.routes.get(routeId)?.network_id
  const entrance =
    networkId === undefined
      ? undefined
      : entrancesOf(ingressRoutes(state, networkId)).find(({ route }) => route.id === routeId)
  if (entrance === undefined) return { flows: [] }
  const cookie = cookieOf(features.routeLinks, routeId)
  const all = entrance.routeLinkIds.flatMap((id) => egressRoutes(state, id))
  return routesOf(state, datapathId, cookie, routingOf(routeId), all)
}
