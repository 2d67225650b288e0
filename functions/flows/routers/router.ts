/**
 * The router interfaces of a network where its interfaces are: whom they let in, and which routes that opens. A packet is
 * routed where its sender is, and crosses to another datapath in the network that it goes to.
 */
import { cookieOf, etherType, type Flow, type FlowFunction, type State } from 'openvnet'
import { isPhysical, type Network } from '../../state/networks.ts'
import { ipv4PrefixOf, keyOfPrefix, type Prefix } from '../../state/prefixes.ts'
import { egressRoutes, ingressRoutes, type WorkingRoute } from '../../state/routing.ts'
import { sendersIn } from '../../state/seekers.ts'
import { features, pipeline } from '../pipeline.ts'
import { matchOf, prefixMatch } from '../prefix-match.ts'
import { speakerOf } from './exits.ts'

const severalLinks = 2 ** 31

/** Ingress routes of one router interface for the same senders; their route links count as one. */
export interface Entrance {
  /** The oldest, which names them all. */
  readonly route: WorkingRoute
  /** Ascending. */
  readonly routeLinkIds: readonly number[]
}

/** The ingress routes of a network, those of one interface and prefix together. */
export function entrancesOf(routes: readonly WorkingRoute[]): Entrance[] {
  const groups = new Map<string, WorkingRoute[]>()
  for (const route of routes) {
    const key = `${route.router.interfaceId} ${keyOfPrefix(ipv4PrefixOf(route))}`
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
    match: { network, eth_dst, eth_type: etherType.ipv4 },
    goto: 'router',
  })

const letIn = (cookie: bigint, eth_dst: number, { network, ...route }: WorkingRoute, routing: number): Flow =>
  pipeline.flow('router', {
    cookie,
    priority: 100 + route.ipv4_prefix,
    match: {
      network: network.tunnel_key_id,
      eth_dst,
      eth_type: etherType.ipv4,
      ...prefixMatch('ipv4_src', ipv4PrefixOf(route)),
    },
    steps: [
      // What a physical machine sends is from here once it is routed: it may go to other datapaths.
      ...(isPhysical(network) ? [{ set: 'origin', to: 'local' } as const] : []),
      { set: 'routing', to: routing },
    ],
    goto: 'route',
  })

/** The routes that let packets in here. Machines of a physical network have one datapath for a router. */
const routesHere = (state: State, datapathId: number, networkId: number) =>
  ingressRoutes(state, networkId).filter(
    ({ network, router }) =>
      !isPhysical(network) || speakerOf(state, router.interfaceId, networkId) === datapathId,
  )

const macsOf = ({ router }: WorkingRoute) => [...new Set(router.addresses.map(({ mac }) => mac))]

/** Whom a router lets in from a physical network, and what is inside. */
interface FromOutside {
  readonly network: Network
  readonly macs: readonly number[]
  readonly letsIn: Prefix
  readonly inside: readonly Prefix[]
}

/**
 * Who is on a physical network and sends under an address that the router knows to be in another network: that is not
 * theirs, whatever is let in.
 */
export function notFromInside(cookie: bigint, entrances: readonly FromOutside[]): Flow[] {
  const flows = new Map<string, Flow>()
  for (const { network, macs, letsIn, inside } of entrances.filter((one) => isPhysical(one.network)))
    for (const prefix of inside.filter(({ bits }) => bits > letsIn.bits))
      for (const eth_dst of macs)
        flows.set(
          `${eth_dst} ${keyOfPrefix(prefix)}`,
          pipeline.flow('router', {
            cookie,
            priority: 100 + prefix.bits,
            match: {
              ...{ network: network.tunnel_key_id, origin: 'wire' as const, eth_dst },
              ...matchOf('source', prefix),
            },
            drop: true,
          }),
        )
  return [...flows.values()]
}

const prefixOfRoute = ({ ipv4_network, ipv4_prefix }: WorkingRoute): Prefix => ({
  network: ipv4_network,
  bits: ipv4_prefix,
})

const spoofed = (state: State, cookie: bigint, entrances: readonly Entrance[]): Flow[] =>
  notFromInside(
    cookie,
    entrances.map(({ route, routeLinkIds }) => ({
      ...{ network: route.network, macs: macsOf(route), letsIn: prefixOfRoute(route) },
      inside: routeLinkIds
        .flatMap((id) => egressRoutes(state, id))
        .filter(({ network }) => !isPhysical(network))
        .map(prefixOfRoute),
    })),
  )

/** The routes that it opens: what the register holds, and the unit that has their flows. */
function opened(state: State, { route, routeLinkIds }: Entrance) {
  if (routeLinkIds.length > 1)
    return { routing: routingOf(route.id), feature: 'routeLinks', objectId: route.id }
  const { id, tunnel_key_id } = state.routeLinks.get(route.route_link_id)!
  return { routing: tunnel_key_id, feature: 'routeLink', objectId: id }
}

/** The object is the network. */
export const router: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const entrances = entrancesOf(routesHere(state, datapathId, networkId)).map((one) => ({
    ...one,
    ...opened(state, one),
  }))
  const [first] = entrances
  if (first === undefined) return { flows: [] }
  const cookie = cookieOf(features.router, networkId)
  const unit = (feature: string, objectId: number) => ({ feature, datapathId, objectId })
  const macs = new Set(entrances.flatMap(({ route }) => macsOf(route)))
  return {
    flows: [
      ...[...macs].map((mac) => toRouter(cookie, first.route.network.tunnel_key_id, mac)),
      ...entrances.flatMap(({ route, routing }) =>
        macsOf(route).map((mac) => letIn(cookie, mac, route, routing)),
      ),
      ...spoofed(state, cookie, entrances),
    ],
    children: [
      unit('routing', datapathId),
      ...entrances.map(({ feature, objectId }) => unit(feature, objectId)),
      ...[...sendersIn(state, networkId)].map((id) => unit('icmp', id)),
    ],
  }
}
