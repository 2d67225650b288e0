/** The members of a security group that rules here are about: a flow for each of their addresses, wherever they are. */
import { cookieOf, type FlowFunction } from 'openvnet'
import { scopeOf } from '../../state/scope.ts'
import { features, pipeline } from '../pipeline.ts'

/** The object is the group. */
export const groupMembers: FlowFunction = ({ datapathId, objectId }, state) => ({
  flows: [],
  children: state.securityGroupInterfaces
    .many('group', objectId)
    .map(({ id }) => ({ feature: 'groupMember', datapathId, objectId: id })),
})

/** Networks that are joined may have the same address twice: their flows say the same, under priorities of their own. */
const priorities = 60_000

/** The object is the row that makes the interface a member. */
export const groupMember: FlowFunction = ({ objectId }, state) => {
  const row = state.securityGroupInterfaces.get(objectId)
  if (row === undefined) return { flows: [] }
  const leases = state.ipLeases
    .many('interface', row.interface_id)
    .filter((lease) => lease.ipv4_address !== 0)
  return {
    flows: leases.map(({ network_id, ipv4_address }) =>
      pipeline.flow('groupMembers', {
        cookie: cookieOf(features.groupMember, objectId),
        priority: 1 + (network_id % priorities),
        match: {
          securityGroup: row.security_group_id,
          scope: scopeOf(state, network_id)!,
          otherSide: ipv4_address,
        },
        steps: [{ set: 'permitted', to: 'yes' }],
      }),
    ),
  }
}
