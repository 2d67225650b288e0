/** The routes of a route link as a router has them: what is on the network itself, and what is behind a gateway. */
import { maskOf } from 'openvnet'
import { isPhysical, type Network } from '../../state/networks.ts'
import type { WorkingRoute } from '../../state/routing.ts'

/** A route to destinations that are next hops themselves (no gateway), or that are reached by one. */
export interface Hop extends WorkingRoute {
  readonly gateway: number | null
}

/** Addresses that begin with the same bits. */
export interface Prefix {
  readonly ipv4_network: number
  readonly ipv4_prefix: number
}

/** Without the bits that the prefix leaves out, which Open vSwitch would refuse. */
export const networkAddress = ({ ipv4_network, ipv4_prefix }: Prefix) =>
  (ipv4_network & maskOf(ipv4_prefix)) >>> 0

/** The same for the same addresses. */
export const prefixKey = (prefix: Prefix) => `${networkAddress(prefix)}/${prefix.ipv4_prefix}`

/** A match of a field by its prefix: nothing at all for /0. */
export function prefixMatch<F extends string>(field: F, prefix: Prefix) {
  const value = networkAddress(prefix)
  const { ipv4_prefix: bits } = prefix
  const match = bits === 0 ? {} : { [field]: bits === 32 ? value : { value, mask: maskOf(bits) } }
  return match as { readonly [name in F]?: number | { readonly value: number; readonly mask: number } }
}

/** Whether all addresses of one prefix are in the other. */
const isWithin = (inner: Prefix, outer: Prefix) =>
  inner.ipv4_prefix >= outer.ipv4_prefix &&
  (networkAddress(inner) & maskOf(outer.ipv4_prefix)) >>> 0 === networkAddress(outer)

const isSame = (a: Prefix, b: Prefix) => prefixKey(a) === prefixKey(b)

/** The first address of a physical network is its gateway where nothing else is said, as in OpenVNet. */
function usualGateway({ network, router }: WorkingRoute): number | null {
  const first = networkAddress(network) + 1
  return router.addresses.some(({ ipv4 }) => ipv4 === first) ? null : first
}

/** The gateway of what a route leads to; undefined: there would have to be one, and there is none. */
function gatewayOf(route: WorkingRoute): number | null | undefined {
  const { network, ipv4_gateway } = route
  if (ipv4_gateway !== null) return ipv4_gateway
  if (!isPhysical(network) || isWithin(route, network)) return null
  return usualGateway(route) ?? undefined
}

/** What is on the network itself needs no gateway, even where the route is to more than that. */
const onLink = (route: WorkingRoute, network: Network): Hop[] =>
  isWithin(network, route) && !isSame(network, route)
    ? [{ ...route, ipv4_network: network.ipv4_network, ipv4_prefix: network.ipv4_prefix, gateway: null }]
    : []

/** Of two routes to the same destinations the older one counts; what routes say counts before what follows from them. */
export function hopsOf(routes: readonly WorkingRoute[]): Hop[] {
  const oldestFirst = routes.toSorted((a, b) => a.id - b.id)
  const said = oldestFirst.flatMap((route): Hop[] => {
    const gateway = gatewayOf(route)
    return gateway === undefined ? [] : [{ ...route, gateway }]
  })
  const implied = oldestFirst.flatMap((route) =>
    isPhysical(route.network) || route.ipv4_gateway !== null ? onLink(route, route.network) : [],
  )
  const hops = new Map<string, Hop>()
  for (const hop of [...said, ...implied]) {
    const key = prefixKey(hop)
    if (!hops.has(key)) hops.set(key, hop)
  }
  return [...hops.values()]
}

/** The addresses of gateways in a network that is routed to. */
export const gatewaysIn = (routes: readonly WorkingRoute[]): ReadonlySet<number> =>
  new Set(hopsOf(routes).flatMap(({ gateway }) => gateway ?? []))
