/** Memberships of an interface in networks and segments. */
import type { ApiEnvironment, InputOf } from 'openvnet'
import { hostNameOf } from '../../state/names.ts'
import { find } from '../common/find.ts'
import { settle } from '../leases/settle.ts'
import type { interfaces } from './operations.ts'
import { ended, presentMembership, presentSegmentMembership } from './present.ts'

type NetworkInput = InputOf<typeof interfaces.operations.updateNetwork>
type SegmentInput = InputOf<typeof interfaces.operations.updateSegment>

/** Nothing is said: nothing is done. */
const nothing = {}

/** Makes a membership in a network static, or leaves it to the leases. */
export function updateNetworkMembership(input: NetworkInput, { state, now }: ApiEnvironment): object {
  const owner = find(state, 'interfaces', input.uuid)
  const network = find(state, 'networks', input.network_uuid, 'network_uuid')
  const before = state.interfaceNetworks.one('pair', owner.id, network.id)
  if (input.static === undefined) return nothing
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
  if (after !== undefined) return presentMembership(state, after)
  return before === undefined ? nothing : ended(presentMembership(state, before), now)
}

/** Makes a membership in a segment static, or leaves it to the leases. */
export function updateSegmentMembership(input: SegmentInput, { state, now }: ApiEnvironment): object {
  const owner = find(state, 'interfaces', input.uuid)
  const segment = find(state, 'segments', input.segment_uuid, 'segment_uuid')
  const before = state.interfaceSegments.one('pair', owner.id, segment.id)
  if (input.static === undefined) return nothing
  if (before !== undefined) state.interfaceSegments.update(before.id, { static: input.static })
  else if (input.static)
    state.interfaceSegments.insert({ interface_id: owner.id, segment_id: segment.id, static: true })
  settle(state, [owner.id])
  const after = state.interfaceSegments.one('pair', owner.id, segment.id)
  if (after !== undefined) return presentSegmentMembership(state, after)
  return before === undefined ? nothing : ended(presentSegmentMembership(state, before), now)
}
