/** IPv6 routers: which routes work, as those of IPv4 do (`routing.ts`), by router interfaces with an IPv6 address. */
import { ipv6NetworkOf, type Row, type State } from 'openvnet'
import { hasIpv6, isActiveOn, type Network } from './networks.ts'

/** A route of IPv6 with what it needs to work. */
export interface WorkingIpv6Route extends Row<'routes'> {
  readonly ipv6_network: string
  readonly ipv6_prefix: number
  readonly network: Network
  /** The membership of its router interface in the network. */
  readonly memberId: number
  /** The MACs that it is reached under there, the oldest first; one at least. */
  readonly macs: readonly number[]
}

/** The MACs under which an interface has IPv6 addresses in a network. */
const macsIn = (state: State, interfaceId: number, networkId: number): number[] => [
  ...new Set(
    state.ipLeases.many('interface', interfaceId).flatMap((lease) => {
      if (lease.network_id !== networkId || lease.mac_lease_id === null || lease.ipv6_address === null)
        return []
      return state.macLeases.get(lease.mac_lease_id)?.mac_address ?? []
    }),
  ),
]

/** The route, if its interface is simulated, routes, and has an IPv6 address in its network. */
function working(state: State, route: Row<'routes'>): WorkingIpv6Route[] {
  const { ipv6_network, ipv6_prefix, interface_id, network_id } = route
  if (ipv6_network === null || ipv6_prefix === null) return []
  const iface = state.interfaces.get(interface_id)
  if (iface?.mode !== 'simulated' || !iface.enable_routing) return []
  const network = state.networks.get(network_id)
  const member = state.interfaceNetworks.one('pair', interface_id, network_id)
  if (network === undefined || !hasIpv6(network) || member === undefined) return []
  const macs = macsIn(state, interface_id, network_id)
  if (macs.length === 0) return []
  return [{ ...route, ipv6_network, ipv6_prefix, network, memberId: member.id, macs }]
}

/** The same for the same addresses. */
export const ipv6PrefixKey = ({ ipv6_network, ipv6_prefix }: WorkingIpv6Route) =>
  `${ipv6NetworkOf(ipv6_network, ipv6_prefix)}/${ipv6_prefix}`

/** The routes that let packets in from a network, the oldest first. */
export const ingressIpv6Routes = (state: State, networkId: number): WorkingIpv6Route[] =>
  state.routes.many('network', networkId).flatMap((route) => (route.ingress ? working(state, route) : []))

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
export function ipv6EntrancesOf(state: State, networkId: number): Ipv6Entrance[] {
  const groups = new Map<string, WorkingIpv6Route[]>()
  for (const route of ingressIpv6Routes(state, networkId)) {
    const key = `${route.interface_id} ${ipv6PrefixKey(route)}`
    groups.set(key, [...(groups.get(key) ?? []), route])
  }
  return [...groups.values()].map((group) => ({
    route: group[0]!,
    routeLinkIds: [...new Set(group.map((route) => route.route_link_id))].sort((a, b) => a - b),
  }))
}
