/** Routers: which routes work, who gets where by them, and under which addresses. */
import type { Row, State } from 'openvnet'
import { isEndpoint } from './interfaces.ts'
import { isActiveOn, type Network } from './networks.ts'

export type Route = Row<'routes'>

/** A router interface in one of its networks. */
export interface Router {
  readonly interfaceId: number
  /** Its membership in the network. */
  readonly memberId: number
  /** What it is reached under there, the oldest first. */
  readonly addresses: readonly RouterAddress[]
}

export interface RouterAddress {
  readonly mac: number
  readonly ipv4: number
}

/** A route of IPv4 with what it needs to work. */
export interface WorkingRoute extends Route {
  readonly ipv4_network: number
  readonly ipv4_prefix: number
  readonly network: Network
  readonly router: Router
}

function addressesOf(state: State, interfaceId: number, networkId: number): RouterAddress[] {
  return state.ipLeases.many('interface', interfaceId).flatMap((lease) => {
    if (lease.network_id !== networkId || lease.mac_lease_id === null || lease.ipv4_address === 0) return []
    const mac = state.macLeases.get(lease.mac_lease_id)?.mac_address
    return mac === undefined ? [] : [{ mac, ipv4: lease.ipv4_address }]
  })
}

/** A router interface in a network: it is simulated, routes, and has an address there. */
function routerIn(state: State, iface: Row<'interfaces'>, networkId: number): Router | undefined {
  const member = state.interfaceNetworks.one('pair', iface.id, networkId)
  if (iface.mode !== 'simulated' || !iface.enable_routing || member === undefined) return undefined
  const addresses = addressesOf(state, iface.id, networkId)
  return addresses.length === 0 ? undefined : { interfaceId: iface.id, memberId: member.id, addresses }
}

/** The oldest router interface of a network. */
function firstRouterIn(state: State, networkId: number): Router | undefined {
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
function working(state: State, route: Route): WorkingRoute[] {
  const { ipv4_network, ipv4_prefix, network_id } = route
  if (ipv4_network === null || ipv4_prefix === null) return []
  const iface = state.interfaces.get(route.interface_id)
  const network = state.networks.get(network_id)
  if (iface === undefined || network === undefined) return []
  const found = { ...route, ipv4_network, ipv4_prefix, network }
  if (!isEndpoint(iface.mode)) {
    const router = routerIn(state, iface, network_id)
    return router === undefined ? [] : [{ ...found, router }]
  }
  const machine = iface.enable_routing ? addressesOf(state, iface.id, network_id)[0] : undefined
  const router = machine && firstRouterIn(state, network_id)
  return router === undefined ? [] : [{ ...found, router, ipv4_gateway: machine!.ipv4 }]
}

/** The routes that let packets in from a network, the oldest first. */
export const ingressRoutes = (state: State, networkId: number): WorkingRoute[] =>
  state.routes.many('network', networkId).flatMap((route) => (route.ingress ? working(state, route) : []))

/** The routes that let packets in by a route link, the oldest first. */
export const ingressRoutesOf = (state: State, routeLinkId: number): WorkingRoute[] =>
  state.routes.many('routeLink', routeLinkId).flatMap((route) => (route.ingress ? working(state, route) : []))

/** The routes that let packets out into a network, the oldest first. */
export const egressRoutesInto = (state: State, networkId: number): WorkingRoute[] =>
  state.routes.many('network', networkId).flatMap((route) => (route.egress ? working(state, route) : []))

/** Where packets may go that have come in by a route link, the oldest route first. */
export const egressRoutes = (state: State, routeLinkId: number): WorkingRoute[] =>
  state.routes.many('routeLink', routeLinkId).flatMap((route) => (route.egress ? working(state, route) : []))

/**
 * Whether interfaces of a datapath may send into a network through a router. Whether the way in works is not looked at,
 * and nothing after the first that is found: this is asked of every network of a router.
 */
export function routesInto(state: State, datapathId: number, networkId: number): boolean {
  const links = new Set(egressRoutesInto(state, networkId).map((route) => route.route_link_id))
  return [...links].some((link) =>
    state.routes
      .many('routeLink', link)
      .some((route) => route.ingress && isActiveOn(state, route.network_id, datapathId)),
  )
}

/** A route as a machine knows it. */
export interface MachineRoute {
  readonly network: number
  readonly prefix: number
  readonly gateway: number
}

/** Where the machines of a network get by its router interfaces: each destination once, by the oldest route. */
export function routesFrom(state: State, networkId: number): MachineRoute[] {
  const found = new Map<string, MachineRoute>()
  for (const { router, route_link_id } of ingressRoutes(state, networkId))
    for (const route of egressRoutes(state, route_link_id)) {
      if (route.network_id === networkId) continue
      const { ipv4_network: network, ipv4_prefix: prefix } = route
      const key = `${network}/${prefix}`
      if (!found.has(key)) found.set(key, { network, prefix, gateway: router.addresses[0]!.ipv4 })
    }
  return [...found.values()]
}
