/** Memberships of an interface in networks, segments and route links. */
import type { ApiEnvironment, InputOf, OutcomeOf } from 'openvnet'
import { hostNameOf } from '../../state/names.ts'
import { settleRouteLinks } from '../../state/route-links.ts'
import { settle } from '../../state/settle.ts'
import { find } from '../common/find.ts'
import type { interfaces } from './operations.ts'

type UpdateNetwork = typeof interfaces.operations.updateNetwork
type UpdateSegment = typeof interfaces.operations.updateSegment
type UpdateRouteLink = typeof interfaces.operations.updateRouteLink

/** Makes a membership in a network static, or leaves it to the leases. Undefined: nothing is said, or there is none. */
export function updateNetworkMembership(
  input: InputOf<UpdateNetwork>,
  { state, now }: ApiEnvironment,
): OutcomeOf<UpdateNetwork> {
  const owner = find(state, 'interfaces', input.uuid)
  const network = find(state, 'networks', input.network_uuid, 'network_uuid')
  const before = state.interfaceNetworks.one('pair', owner.id, network.id)
  if (input.static === undefined) return undefined
  if (before !== undefined) state.interfaceNetworks.update(before.id, { static: input.static })
  else if (input.static)
    state.interfaceNetworks.insert({
      interface_id: owner.id,
      network_id: network.id,
      interface_mode: owner.mode,
      host_name: hostNameOf(owner.display_name),
      static: true,
    })
  settle(state, [owner.id])
  const after = state.interfaceNetworks.one('pair', owner.id, network.id)
  return after ?? (before && { ...before, static: false, ended_at: now })
}

/** The same of a membership in a segment. */
export function updateSegmentMembership(
  input: InputOf<UpdateSegment>,
  { state, now }: ApiEnvironment,
): OutcomeOf<UpdateSegment> {
  const owner = find(state, 'interfaces', input.uuid)
  const segment = find(state, 'segments', input.segment_uuid, 'segment_uuid')
  const before = state.interfaceSegments.one('pair', owner.id, segment.id)
  if (input.static === undefined) return undefined
  if (before !== undefined) state.interfaceSegments.update(before.id, { static: input.static })
  else if (input.static)
    state.interfaceSegments.insert({ interface_id: owner.id, segment_id: segment.id, static: true })
  settle(state, [owner.id])
  const after = state.interfaceSegments.one('pair', owner.id, segment.id)
  return after ?? (before && { ...before, static: false, ended_at: now })
}

/** The same of a membership in a route link, which follows from routes. */
export function updateRouteLinkMembership(
  input: InputOf<UpdateRouteLink>,
  { state, now }: ApiEnvironment,
): OutcomeOf<UpdateRouteLink> {
  const owner = find(state, 'interfaces', input.uuid)
  const routeLink = find(state, 'routeLinks', input.route_link_uuid, 'route_link_uuid')
  const before = state.interfaceRouteLinks.one('pair', owner.id, routeLink.id)
  if (input.static === undefined) return undefined
  if (before !== undefined) state.interfaceRouteLinks.update(before.id, { static: input.static })
  else if (input.static)
    state.interfaceRouteLinks.insert({ interface_id: owner.id, route_link_id: routeLink.id, static: true })
  settleRouteLinks(state, owner.id)
  const after = state.interfaceRouteLinks.one('pair', owner.id, routeLink.id)
  return after ?? (before && { ...before, static: false, ended_at: now })
}
