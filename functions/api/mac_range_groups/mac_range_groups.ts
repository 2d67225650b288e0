import { settleMacRangeGroup, settleSpans } from '../../state/topologies.ts'
import { presentPairs } from '../../state/topology-pairs.ts'
import { rangeGroupsApi } from '../ranges/range-groups.ts'
import { macRangeGroups, macRanges } from './operations.ts'

export default rangeGroupsApi(macRanges, macRangeGroups, {
  /** What topologies made with addresses of it is made anew, with others. */
  removeGroup: (environment, groupId) => {
    const { state } = environment
    const uses = state.topologyMacRangeGroups.many('group', groupId)
    const pairs = uses.flatMap((use) => presentPairs(state, 'macRangeGroup', use.id))
    state.macRangeGroups.delete(groupId)
    settleSpans(environment, pairs)
  },
  addedRange: settleMacRangeGroup,
})
