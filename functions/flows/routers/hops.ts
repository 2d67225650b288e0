/** The routes of a route link as a router has them: what is on the network itself, and what is behind a gateway. */
import type { WorkingIpv6Route } from '../../state/ipv6-routing.ts'
import { isPhysical, type Network } from '../../state/networks.ts'
import {
  firstAddressOf,
  type IpAddress,
  ipv4PrefixOf,
  ipv6PrefixOf,
  isWithin,
  keyOfPrefix,
  type Prefix,
} from '../../state/prefixes.ts'
import type { WorkingRoute } from '../../state/routing.ts'

/** A route to destinations that are next hops themselves (no gateway), or that are reached by one. */
export interface Hop extends WorkingRoute {
  readonly gateway: number | null
}

/** The same of IPv6. */
export interface Ipv6Hop extends WorkingIpv6Route {
  readonly gateway: string | null
}

/** What routes of a family have, as hops need it. */
interface Family<R, A extends IpAddress> {
  readonly destinationOf: (route: R) => Prefix
  readonly subnetOf: (network: Network) => Prefix
  /** The next hop that the route names. */
  readonly namedBy: (route: R) => A | null
  /** Beyond a physical network, where the route names none; undefined: nobody is. */
  readonly usual: (route: R) => A | undefined
  readonly withDestination: (route: R, destination: Prefix) => R
}

/** The next hop of what a route leads to; undefined: there would have to be one, and there is none. */
function gatewayOf<R extends Routed, A extends IpAddress>(
  family: Family<R, A>,
  route: R,
): A | null | undefined {
  const named = family.namedBy(route)
  if (named !== null) return named
  const isOnLink = isWithin(family.destinationOf(route), family.subnetOf(route.network))
  return !isPhysical(route.network) || isOnLink ? null : family.usual(route)
}

interface Routed {
  readonly id: number
  readonly network: Network
}

/** What is on the network itself needs no gateway, even where the route is to more than that. */
function onLink<R extends Routed, A extends IpAddress>(family: Family<R, A>, route: R) {
  const subnet = family.subnetOf(route.network)
  const destination = family.destinationOf(route)
  const isPart = isWithin(subnet, destination) && subnet.bits > destination.bits
  return isPart ? [{ ...family.withDestination(route, subnet), gateway: null }] : []
}

/** Of two routes to the same destinations the older one counts; what routes say counts before what follows from them. */
function hopsBy<R extends Routed, A extends IpAddress>(family: Family<R, A>, routes: readonly R[]) {
  const oldestFirst = routes.toSorted((a, b) => a.id - b.id)
  const said = oldestFirst.flatMap((route) => {
    const gateway = gatewayOf(family, route)
    return gateway === undefined ? [] : [{ ...route, gateway }]
  })
  const implied = oldestFirst.flatMap((route) =>
    isPhysical(route.network) || family.namedBy(route) !== null ? onLink(family, route) : [],
  )
  const hops = new Map<string, R & { readonly gateway: A | null }>()
  for (const hop of [...said, ...implied]) {
    const key = keyOfPrefix(family.destinationOf(hop))
    if (!hops.has(key)) hops.set(key, hop)
  }
  return [...hops.values()]
}

/** The first address of a physical network is its gateway where nothing else is said, as in OpenVNet. */
function usualGateway({ network, router }: WorkingRoute): number | undefined {
  const first = firstAddressOf(ipv4PrefixOf(network)) + 1
  return router.addresses.some(({ ipv4 }) => ipv4 === first) ? undefined : first
}

const ipv4Family: Family<WorkingRoute, number> = {
  destinationOf: ipv4PrefixOf,
  subnetOf: ipv4PrefixOf,
  namedBy: ({ ipv4_gateway }) => ipv4_gateway,
  usual: usualGateway,
  withDestination: (route, { network, bits }) => ({
    ...route,
    ...{ ipv4_network: network as number, ipv4_prefix: bits },
  }),
}

/** Nothing is usual: IPv6 networks say who routes, and not in their addresses. */
const ipv6Family: Family<WorkingIpv6Route, string> = {
  destinationOf: ipv6PrefixOf,
  subnetOf: ({ ipv6_network, ipv6_prefix }) => ({ network: ipv6_network!, bits: ipv6_prefix! }),
  namedBy: ({ ipv6_gateway }) => ipv6_gateway,
  usual: () => undefined,
  withDestination: (route, { network, bits }) => ({
    ...route,
    ...{ ipv6_network: network as string, ipv6_prefix: bits },
  }),
}

export const hopsOf = (routes: readonly WorkingRoute[]): Hop[] => hopsBy(ipv4Family, routes)
export const ipv6HopsOf = (routes: readonly WorkingIpv6Route[]): Ipv6Hop[] => hopsBy(ipv6Family, routes)

/** The addresses of gateways in a network that is routed to. */
export const gatewaysIn = (routes: readonly WorkingRoute[]): ReadonlySet<number> =>
  new Set(hopsOf(routes).flatMap(({ gateway }) => gateway ?? []))
