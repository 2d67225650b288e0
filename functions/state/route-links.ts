/** Which route links an interface is in follows from its routes, and from associations that are static. */
import type { Draft, State } from 'openvnet'
import { ingressIpv6RoutesOf } from './ipv6-routing.ts'
import type { Network } from './networks.ts'
import { ingressRoutesOf } from './routing.ts'

/** The networks that packets of either family come from by a route link, each once. */
export const networksInto = (state: State, routeLinkId: number): Network[] => [
  ...new Map(
    [...ingressRoutesOf(state, routeLinkId), ...ingressIpv6RoutesOf(state, routeLinkId)].map(
      ({ network }) => [network.id, network] as const,
    ),
  ).values(),
]

/** Brings the associations of an interface in line with its routes. */
export function settleRouteLinks(draft: Draft, interface_id: number): void {
  const wanted = new Set(draft.routes.many('interface', interface_id).map((route) => route.route_link_id))
  for (const row of [...draft.interfaceRouteLinks.many('interface', interface_id)])
    if (!row.static && !wanted.has(row.route_link_id)) draft.interfaceRouteLinks.delete(row.id)
  for (const route_link_id of wanted)
    if (draft.interfaceRouteLinks.one('pair', interface_id, route_link_id) === undefined)
      draft.interfaceRouteLinks.insert({ interface_id, route_link_id, static: false })
}
