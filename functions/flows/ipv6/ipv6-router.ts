/** IPv6 by the router interfaces of a network where its interfaces are: whom they let in, and where that leads. */
import { cookieOf, etherType, type Flow, type FlowFunction, type State } from 'openvnet'
import { mtuOf } from '../../state/encapsulation.ts'
import {
  egressIpv6Routes,
  type Ipv6Entrance,
  ingressIpv6Routes,
  ipv6EntrancesOf,
  macsOfRouter,
  type WorkingIpv6Route,
} from '../../state/ipv6-routing.ts'
import { isPhysical } from '../../state/networks.ts'
import { ipv6PrefixOf } from '../../state/prefixes.ts'
import { features, pipeline } from '../pipeline.ts'
import { matchOf } from '../prefix-match.ts'
import { exitOfRoute, seekerOfRoute, speakerOf } from '../routers/exits.ts'
import { type Ipv6Hop, ipv6HopsOf } from '../routers/hops.ts'
import { flowToExit } from '../routers/route-link.ts'
import { notFromInside, routingOf } from '../routers/router.ts'
import { soughtIpv6 } from './ipv6-seeking.ts'

const eth_type = etherType.ipv6
const ethernetHeader = 14

const toRouter = (cookie: bigint, network: number, eth_dst: number): Flow =>
  pipeline.flow('service', { cookie, priority: 50, match: { network, eth_dst, eth_type }, goto: 'router' })

const letIn = (cookie: bigint, eth_dst: number, route: WorkingIpv6Route, routing: number): Flow =>
  pipeline.flow('router', {
    cookie,
    priority: 100 + route.ipv6_prefix,
    match: { network: route.network.tunnel_key_id, eth_dst, ...matchOf('source', ipv6PrefixOf(route)) },
    steps: [
      // What a physical machine sends is from here once it is routed: it may go to other datapaths.
      ...(isPhysical(route.network) ? [{ set: 'origin', to: 'local' } as const] : []),
      { set: 'routing', to: routing },
    ],
    goto: 'route',
  })

/** The routes that let packets in here. Machines of a physical network have one datapath for a router. */
const routesHere = (state: State, datapathId: number, networkId: number) =>
  ingressIpv6Routes(state, networkId).filter(
    ({ network, router }) =>
      !isPhysical(network) || speakerOf(state, router.interfaceId, networkId) === datapathId,
  )

/** Nobody on a physical network sends under addresses that are inside. */
const spoofed = (state: State, cookie: bigint, entrances: readonly Ipv6Entrance[]): Flow[] =>
  notFromInside(
    cookie,
    entrances.map(({ route, routeLinkIds }) => ({
      ...{ network: route.network, macs: macsOfRouter(route.router), letsIn: ipv6PrefixOf(route) },
      inside: routeLinkIds
        .flatMap((id) => egressIpv6Routes(state, id))
        .filter(({ network }) => !isPhysical(network))
        .map(ipv6PrefixOf),
    })),
  )

/** The routes that it opens: what the register holds, and the unit that has their flows. */
function opened(state: State, { route, routeLinkIds }: Ipv6Entrance) {
  if (routeLinkIds.length > 1)
    return { routing: routingOf(route.id), feature: 'ipv6RouteLinks', objectId: route.id }
  const { id, tunnel_key_id } = state.routeLinks.get(route.route_link_id)!
  return { routing: tunnel_key_id, feature: 'ipv6RouteLink', objectId: id }
}

/** The object is the network. */
export const ipv6Router: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const entrances = ipv6EntrancesOf(routesHere(state, datapathId, networkId)).map((one) => ({
    ...one,
    ...opened(state, one),
  }))
  const [first] = entrances
  if (first === undefined) return { flows: [] }
  const cookie = cookieOf(features.ipv6Router, networkId)
  const unit = (feature: string, objectId: number) => ({ feature, datapathId, objectId })
  const macs = new Set(entrances.flatMap(({ route }) => macsOfRouter(route.router)))
  const members = state.interfaceNetworks.many('network', networkId)
  return {
    flows: [
      ...[...macs].map((mac) => toRouter(cookie, first.route.network.tunnel_key_id, mac)),
      ...entrances.flatMap(({ route, routing }) =>
        macsOfRouter(route.router).map((mac) => letIn(cookie, mac, route, routing)),
      ),
      ...spoofed(state, cookie, entrances),
    ],
    children: [
      unit('ipv6Routing', datapathId),
      ...entrances.map(({ feature, objectId }) => unit(feature, objectId)),
      ...members.map(({ interface_id }) => unit('icmp', interface_id)),
    ],
  }
}

const head = (cookie: bigint, routing: number, route: WorkingIpv6Route) => ({
  cookie,
  priority: 100 + route.ipv6_prefix,
  match: { routing, ...matchOf('destination', ipv6PrefixOf(route)) },
})

/** A next hop is named by its route, since registers are too narrow for the address. */
const routeFlow = (state: State, datapathId: number, cookie: bigint, routing: number, route: Ipv6Hop): Flow =>
  pipeline.flow('route', {
    ...head(cookie, routing, route),
    steps: [
      { set: 'network', to: route.network.tunnel_key_id },
      { set: 'outRouter', to: route.router.memberId },
      // What may have to go to another datapath carries its route link.
      ...(seekerOfRoute(state, datapathId, route) === undefined
        ? []
        : [{ set: 'routeLink', to: state.routeLinks.get(route.route_link_id)!.tunnel_key_id } as const]),
      ...(route.gateway === null
        ? []
        : [{ set: 'viaGateway', to: 'yes' } as const, { set: 'nextHop', to: route.id } as const]),
      { largerThan: mtuOf(route.network) + ethernetHeader, to: 'tooLarge' },
    ],
    goto: 'neighbour',
  })

function routesOf(
  state: State,
  datapathId: number,
  cookie: bigint,
  routing: number,
  all: readonly WorkingIpv6Route[],
) {
  const ways = ipv6HopsOf(all).flatMap((hop) => {
    const exitId = exitOfRoute(state, datapathId, hop)
    return exitId === undefined ? [] : [{ ...hop, exitId }]
  })
  const unit = (feature: string, objectId: number) => ({ feature, datapathId, objectId })
  const here = ways.filter(({ exitId }) => exitId === datapathId)
  const elsewhere = ways.filter(({ exitId }) => exitId !== datapathId)
  const asked = here.filter(
    ({ network }) =>
      isPhysical(network) || soughtIpv6(state, datapathId, network.id)?.seekerId === datapathId,
  )
  const toSeekers = here.filter((route) => seekerOfRoute(state, datapathId, route) !== undefined)
  return {
    flows: [
      ...here.map((route) => routeFlow(state, datapathId, cookie, routing, route)),
      ...elsewhere.flatMap((way) => flowToExit(state, datapathId, head(cookie, routing, way), way)),
    ],
    children: [
      ...here.map(({ router }) => unit('ipv6RouterPort', router.memberId)),
      ...here.map(({ network_id }) => unit('ipv6RoutedNetwork', network_id)),
      ...elsewhere.map(({ route_link_id }) => unit('toExit', route_link_id)),
      ...toSeekers.map(({ route_link_id }) => unit('toExit', route_link_id)),
      ...asked.map(({ route_link_id }) => unit('senders', route_link_id)),
    ],
  }
}

/** The object is the route link. */
export const ipv6RouteLink: FlowFunction = ({ datapathId, objectId: routeLinkId }, state) => {
  const row = state.routeLinks.get(routeLinkId)
  if (row === undefined) return { flows: [] }
  const cookie = cookieOf(features.ipv6RouteLink, routeLinkId)
  return routesOf(state, datapathId, cookie, row.tunnel_key_id, egressIpv6Routes(state, routeLinkId))
}

/** The object is the oldest of the ingress routes that lead to several route links. */
export const ipv6RouteLinks: FlowFunction = ({ datapathId, objectId: routeId }, state) => {
  const networkId = state.routes.get(routeId)?.network_id
  if (networkId === undefined) return { flows: [] }
  const entrance = ipv6EntrancesOf(ingressIpv6Routes(state, networkId)).find(
    ({ route }) => route.id === routeId,
  )
  if (entrance === undefined) return { flows: [] }
  const cookie = cookieOf(features.ipv6RouteLinks, routeId)
  const all = entrance.routeLinkIds.flatMap((id) => egressIpv6Routes(state, id))
  return routesOf(state, datapathId, cookie, routingOf(routeId), all)
}
