/** Where an IPv4 address stands for one machine: a network, with the others that routers join it to. */
import type { State } from 'openvnet'

/** Ids of the networks that packets can come from by routers, whatever way, itself among them. */
export function joined(state: State, networkId: number): Set<number> {
  const networks = new Set([networkId])
  const routeLinks = new Set<number>()
  // A set hands out what is added while it is gone through.
  for (const id of networks)
    for (const { route_link_id } of state.routes.many('network', id)) {
      if (routeLinks.has(route_link_id)) continue
      routeLinks.add(route_link_id)
      for (const { network_id } of state.routes.many('routeLink', route_link_id)) networks.add(network_id)
    }
  return networks
}

/** The same number for all that are joined: the key of the oldest of them. Undefined: there is no such network. */
export const scopeOf = (state: State, networkId: number): number | undefined =>
  state.networks.get(Math.min(...joined(state, networkId)))?.tunnel_key_id
