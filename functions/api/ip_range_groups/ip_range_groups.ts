import { settle } from '../../state/settle.ts'
import { interfacesOfPolicy } from '../../state/waiting.ts'
import { rangeGroupsApi } from '../ranges/range-groups.ts'
import { ipRangeGroups, ipRanges } from './operations.ts'

export default rangeGroupsApi(ipRanges, ipRangeGroups, {
  /** Lease policies lose it with its networks: who waited for an address there waits for one elsewhere, or for none. */
  removeGroup: ({ state }, groupId) => {
    const policies = state.leasePolicyNetworks.many('group', groupId).map((row) => row.lease_policy_id)
    state.ipRangeGroups.delete(groupId)
    settle(
      state,
      policies.flatMap((id) => interfacesOfPolicy(state, id)),
    )
  },
})
