/** IPv6 routers: which routes work, as those of IPv4 do (`routing.ts`), by router interfaces with an IPv6 address. */
import { ipv6NetworkOf, type Row, type State } from 'openvnet'
import { isEndpoint } from './interfaces.ts'
import { ipv6AddressesOf } from './ipv6.ts'
import { carriesIpv6, isActiveOn, type Network } from './networks.ts'

/** A route of IPv6 with what it needs to work. */
export interface WorkingIpv6Route extends Row<'routes'> {
  readonly ipv6_network: string
  readonly ipv6_prefix: number
  readonly network: Network
  readonly router: Ipv6Router
}

/** A router interface in one of its networks. */
export interface Ipv6Router {
  readonly interfaceId: number
  /** Its membership in the network. */
  readonly memberId: number
  /** What it is reached under there, the oldest first; one at least. */
  readonly addresses: readonly { readonly mac: number; readonly ipv6: string }[]
}

const addressesOf = (state: State, interfaceId: number, networkId: number): Ipv6Router['addresses'] =>
  state.ipLeases.many('interface', interfaceId).flatMap(({ network_id, mac_lease_id, ipv6_address }) => {
    if (network_id !== networkId || mac_lease_id === null || ipv6_address === null) return []
    const mac = state.macLeases.get(mac_lease_id)?.mac_address
    return mac === undefined ? [] : [{ mac, ipv6: ipv6_address }]
  })

/** The MACs that it is reached under, each once. */
export const macsOfRouter = ({ addresses }: Ipv6Router): number[] => [
  ...new Set(addresses.map(({ mac }) => mac)),
]

/** A router interface in a network: it is simulated, routes, and has an IPv6 address there. */
function routerIn(state: State, iface: Row<'interfaces'>, networkId: number): Ipv6Router | undefined {
  const member = state.interfaceNetworks.one('pair', iface.id, networkId)
  if (iface.mode !== 'simulated' || !iface.enable_routing || member === undefined) return undefined
  const addresses = addressesOf(state, iface.id, networkId)
  return addresses.length === 0 ? undefined : { interfaceId: iface.id, memberId: member.id, addresses }
}

/** The oldest router interface of a network. */
function firstRouterIn(state: State, networkId: number): Ipv6Router | undefined {
  for (const { interface_id } of state.interfaceNetworks.many('networkMode', networkId, 'simulated')) {
    const iface = state.interfaces.get(interface_id)
    const router = iface && routerIn(state, iface, networkId)
    if (router !== undefined) return router
  }
  return undefined
}

/**
 * The route with the router interface that has it. The interface of a route may be a machine that routes, too: then it is
 * the next hop, by way of the network's own router.
 */
function working(state: State, route: Row<'routes'>): WorkingIpv6Route[] {
  const { ipv6_network, ipv6_prefix, network_id } = route
  if (ipv6_network === null || ipv6_prefix === null) return []
  const iface = state.interfaces.get(route.interface_id)
  const network = state.networks.get(network_id)
  if (iface === undefined || network === undefined || !carriesIpv6(network)) return []
  const found = { ...route, ipv6_network, ipv6_prefix, network }
  if (!isEndpoint(iface.mode)) {
    const router = routerIn(state, iface, network_id)
    return router === undefined ? [] : [{ ...found, router }]
  }
  const machine = iface.enable_routing ? ipv6AddressesOf(state, iface.id, network_id)[0] : undefined
  const router = machine && firstRouterIn(state, network_id)
  return router ? [{ ...found, router, ipv6_gateway: machine! }] : []
}

/** The same for the same addresses. */
const ipv6PrefixKey = ({ ipv6_network, ipv6_prefix }: WorkingIpv6Route) =>
  `${ipv6NetworkOf(ipv6_network, ipv6_prefix)}/${ipv6_prefix}`

/** The routes that let packets in from a network, the oldest first. */
export const ingressIpv6Routes = (state: State, networkId: number): WorkingIpv6Route[] =>
  state.routes.many('network', networkId).flatMap((route) => (route.ingress ? working(state, route) : []))

/** The routes that let packets in by a route link, the oldest first. */
export const ingressIpv6RoutesOf = (state: State, routeLinkId: number): WorkingIpv6Route[] =>
  state.routes.many('routeLink', routeLinkId).flatMap((route) => (route.ingress ? working(state, route) : []))

/** The routes that let packets out into a network, the oldest first. */
export const egressIpv6RoutesInto = (state: State, networkId: number): WorkingIpv6Route[] =>
  state.routes.many('network', networkId).flatMap((route) => (route.egress ? working(state, route) : []))

/** Where packets may go that have come in by a route link, the oldest route first. */
export const egressIpv6Routes = (state: State, routeLinkId: number): WorkingIpv6Route[] =>
  state.routes.many('routeLink', routeLinkId).flatMap((route) => (route.egress ? working(state, route) : []))

/** Whether interfaces of a datapath may send IPv6 into a network through a router. */
export function routesIpv6Into(state: State, datapathId: number, networkId: number): boolean {
  const links = new Set(egressIpv6RoutesInto(state, networkId).map((route) => route.route_link_id))
  return [...links].some((link) =>
    state.routes
      .many('routeLink', link)
      .some((route) => route.ingress && isActiveOn(state, route.network_id, datapathId)),
  )
}

/** Ingress routes of one router interface for the same senders; their route links count as one. */
export interface Ipv6Entrance {
  /** The oldest, which names them all. */
  readonly route: WorkingIpv6Route
  /** Ascending. */
  readonly routeLinkIds: readonly number[]
}

/** The ingress routes of a network, those of one interface and prefix together. */
export function ipv6EntrancesOf(routes: readonly WorkingIpv6Route[]): Ipv6Entrance[] {
  const groups = new Map<string, WorkingIpv6Route[]>()
  for (const route of routes) {
    const key = `${route.router.interfaceId} ${ipv6PrefixKey(route)}`
    groups.set(key, [...(groups.get(key) ?? []), route])
  }
  return [...groups.values()].map((group) => ({
    route: group[0]!,
    routeLinkIds: [...new Set(group.map((route) => route.route_link_id))].sort((a, b) => a - b),
  }))
}
