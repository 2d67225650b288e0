/** Where packets go that a router has let in: one flow for each route, whatever the number of those who take it. */
import { cookieOf, type Flow, type FlowFunction, type State, type Unit } from 'openvnet'
import { mtuOf } from '../state/encapsulation.ts'
import { egressRoutes, ingressRoutes, type WorkingRoute } from '../state/routing.ts'
import { translates } from '../state/translation.ts'
import { features, pipeline } from './pipeline.ts'
import { entrancesOf, prefixKey, prefixMatch, routingOf } from './router.ts'

const ipv4 = 0x0800
const ethernetHeader = 14

/** Of two routes to the same destinations the older one counts. */
const distinct = (routes: readonly WorkingRoute[]): WorkingRoute[] => [
  ...new Map(
    routes.toSorted((a, b) => b.id - a.id).map((route) => [prefixKey(route), route] as const),
  ).values(),
]

function routeFlow(state: State, cookie: bigint, routing: number, working: WorkingRoute): Flow {
  const { network, router, ...route } = working
  const link = translates(state, router.interfaceId) ? state.routeLinks.get(route.route_link_id) : undefined
  return pipeline.flow('route', {
    cookie,
    priority: 100 + route.ipv4_prefix,
    match: {
      routing,
      eth_type: ipv4,
      ...prefixMatch('ipv4_dst', route),
    },
    steps: [
      { set: 'network', to: network.tunnel_key_id },
      { set: 'outRouter', to: router.memberId },
      ...(link === undefined ? [] : [{ set: 'routeLink', to: link.tunnel_key_id } as const]),
      { largerThan: mtuOf(network) + ethernetHeader, to: 'tooLarge' },
    ],
    goto: 'neighbour',
  })
}

function routesOf(
  state: State,
  datapathId: number,
  cookie: bigint,
  routing: number,
  all: readonly WorkingRoute[],
) {
  const routes = distinct(all)
  const unit = (feature: string, objectId: number): Unit => ({ feature, datapathId, objectId })
  return {
    flows: routes.map((route) => routeFlow(state, cookie, routing, route)),
    children: [
      ...routes.map(({ router }) => unit('routerPort', router.memberId)),
      ...routes.map(({ network_id }) => unit('routedNetwork', network_id)),
    ],
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
