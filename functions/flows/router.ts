/**
 * The router interfaces of a network where its interfaces are: whom they let in, and which routes that opens. A packet is
 * routed where its sender is, and crosses to another datapath in the network that it goes to.
 */
import { cookieOf, type Flow, type FlowFunction, maskOf } from 'openvnet'
import { ingressRoutes, type WorkingRoute } from '../state/routing.ts'
import { features, pipeline } from './pipeline.ts'

const ipv4 = 0x0800
const severalLinks = 2 ** 31

/** Ingress routes of one router interface for the same senders; their route links count as one. */
export interface Entrance {
  /** The oldest, which names them all. */
  readonly route: WorkingRoute
  /** Ascending. */
  readonly routeLinkIds: readonly number[]
}

/** A match of a field by the longest prefix: nothing for /0, which Open vSwitch would not take. */
export const prefixMatch = <F extends string>(field: F, network: number, prefix: number) =>
  (prefix === 0 ? {} : { [field]: prefix === 32 ? network : { value: network, mask: maskOf(prefix) } }) as {
    readonly [name in F]?: number | { readonly value: number; readonly mask: number }
  }

/** The ingress routes of a network, those of one interface and prefix together. */
export function entrancesOf(routes: readonly WorkingRoute[]): Entrance[] {
  const groups = new Map<string, WorkingRoute[]>()
  for (const route of routes) {
    const key = `${route.interface_id} ${route.ipv4_network}/${route.ipv4_prefix}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [route])
    else group.push(route)
  }
  return [...groups.values()].map((group) => ({
    route: group[0]!,
    routeLinkIds: [...new Set(group.map((route) => route.route_link_id))].sort((a, b) => a - b),
  }))
}

/** What the register holds for packets that may take the routes of several route links. */
export const routingOf = (routeId: number) => severalLinks + routeId

/** IPv4 packets to the MAC of a router interface leave the network here. */
const toRouter = (cookie: bigint, network: number, eth_dst: number): Flow =>
  pipeline.flow('service', {
    cookie,
    priority: 50,
    match: { network, eth_dst, eth_type: ipv4 },
    goto: 'router',
  })

const letIn = (cookie: bigint, eth_dst: number, { network, ...route }: WorkingRoute, routing: number): Flow =>
  pipeline.flow('router', {
    cookie,
    priority: 100 + route.ipv4_prefix,
    match: {
      network: network.tunnel_key_id,
      eth_dst,
      eth_type: ipv4,
      ...prefixMatch('ipv4_src', route.ipv4_network, route.ipv4_prefix),
    },
    steps: [{ set: 'routing', to: routing }],
    goto: 'route',
  })

/** The object is the network. */
export const router: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const entrances = entrancesOf(ingressRoutes(state, networkId))
  if (entrances.length === 0) return { flows: [] }
  const cookie = cookieOf(features.router, networkId)
  const unit = (feature: string, objectId: number) => ({ feature, datapathId, objectId })
  const macsOf = ({ router }: WorkingRoute) => new Set(router.addresses.map(({ mac }) => mac))
  const macs = new Set(entrances.flatMap(({ route }) => [...macsOf(route)]))
  const routingOfEntrance = ({ route, routeLinkIds }: Entrance) =>
    routeLinkIds.length > 1 ? routingOf(route.id) : state.routeLinks.get(route.route_link_id)!.tunnel_key_id
  return {
    flows: [
      ...[...macs].map((mac) => toRouter(cookie, entrances[0]!.route.network.tunnel_key_id, mac)),
      ...entrances.flatMap((entrance) =>
        [...macsOf(entrance.route)].map((mac) =>
          letIn(cookie, mac, entrance.route, routingOfEntrance(entrance)),
        ),
      ),
    ],
    children: [
      unit('routing', datapathId),
      ...entrances.map(({ route, routeLinkIds }) =>
        routeLinkIds.length > 1 ? unit('routeLinks', route.id) : unit('routeLink', route.route_link_id),
      ),
      ...state.interfaceNetworks.many('network', networkId).map((row) => unit('icmp', row.interface_id)),
    ],
  }
}
