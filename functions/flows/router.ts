/**
 * The router interfaces of a network where its interfaces are: whom they let in, and which routes that opens. A packet is
 * routed where its sender is, and crosses to another datapath in the network that it goes to.
 */
import { cookieOf, type Flow, type FlowFunction, maskOf, type State } from 'openvnet'
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

interface Prefix {
  readonly ipv4_network: number
  readonly ipv4_prefix: number
}

/** Without the bits that the prefix leaves out, which Open vSwitch would refuse. */
const networkAddress = ({ ipv4_network, ipv4_prefix }: Prefix) => (ipv4_network & maskOf(ipv4_prefix)) >>> 0

/** The same for the same addresses. */
export const prefixKey = (prefix: Prefix) => `${networkAddress(prefix)}/${prefix.ipv4_prefix}`

/** A match of a field by its prefix: nothing at all for /0. */
export function prefixMatch<F extends string>(field: F, prefix: Prefix) {
  const value = networkAddress(prefix)
  const { ipv4_prefix: bits } = prefix
  const match = bits === 0 ? {} : { [field]: bits === 32 ? value : { value, mask: maskOf(bits) } }
  return match as { readonly [name in F]?: number | { readonly value: number; readonly mask: number } }
}

/** The ingress routes of a network, those of one interface and prefix together. */
export function entrancesOf(routes: readonly WorkingRoute[]): Entrance[] {
  const groups = new Map<string, WorkingRoute[]>()
  for (const route of routes) {
    const key = `${route.interface_id} ${prefixKey(route)}`
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
      ...prefixMatch('ipv4_src', route),
    },
    steps: [{ set: 'routing', to: routing }],
    goto: 'route',
  })

const macsOf = ({ router }: WorkingRoute) => [...new Set(router.addresses.map(({ mac }) => mac))]

/** The routes that it opens: what the register holds, and the unit that has their flows. */
function opened(state: State, { route, routeLinkIds }: Entrance) {
  if (routeLinkIds.length > 1)
    return { routing: routingOf(route.id), feature: 'routeLinks', objectId: route.id }
  const { id, tunnel_key_id } = state.routeLinks.get(route.route_link_id)!
  return { routing: tunnel_key_id, feature: 'routeLink', objectId: id }
}

/** The object is the network. */
export const router: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const entrances = entrancesOf(ingressRoutes(state, networkId)).map((one) => ({
    ...one,
    ...opened(state, one),
  }))
  const [first] = entrances
  if (first === undefined) return { flows: [] }
  const cookie = cookieOf(features.router, networkId)
  const unit = (feature: string, objectId: number) => ({ feature, datapathId, objectId })
  const macs = new Set(entrances.flatMap(({ route }) => macsOf(route)))
  const members = state.interfaceNetworks.many('network', networkId)
  return {
    flows: [
      ...[...macs].map((mac) => toRouter(cookie, first.route.network.tunnel_key_id, mac)),
      ...entrances.flatMap(({ route, routing }) =>
        macsOf(route).map((mac) => letIn(cookie, mac, route, routing)),
      ),
    ],
    children: [
      unit('routing', datapathId),
      ...entrances.map(({ feature, objectId }) => unit(feature, objectId)),
      ...members.map(({ interface_id }) => unit('icmp', interface_id)),
    ],
  }
}
