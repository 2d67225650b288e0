/** Routers: which routes work, who gets where by them, and under which addresses. */
import type { Row, State } from 'openvnet'
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

/** The route, if its interface is simulated, routes, and has an address in its network. */
function working(state: State, route: Route): WorkingRoute[] {
  const { ipv4_network, ipv4_prefix } = route
  if (ipv4_network === null || ipv4_prefix === null) return []
  const iface = state.interfaces.get(route.interface_id)
  if (iface?.mode !== 'simulated' || !iface.enable_routing) return []
  const network = state.networks.get(route.network_id)
  const member = state.interfaceNetworks.one('pair', iface.id, route.network_id)
  if (network === undefined || member === undefined) return []
  const addresses = addressesOf(state, iface.id, network.id)
  if (addresses.length === 0) return []
  return [
    {
      ...route,
      ipv4_network,
      ipv4_prefix,
      network,
      router: { interfaceId: iface.id, memberId: member.id, addresses },
    },
  ]
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
