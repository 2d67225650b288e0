/** Who is in a security group: told of the group and of the interface alike. */
import { ApiError, type Draft, type Row } from 'openvnet'
import { find } from '../common/find.ts'
import { checkGuarded } from '../interfaces/many-behind.ts'

interface Pair {
  readonly group: Row<'securityGroups'>
  readonly member: Row<'interfaces'>
}

export function joinGroup(state: Draft, groupUuid: string, interfaceUuid: string, names: Names): Pair {
  const pair = findPair(state, groupUuid, interfaceUuid, names)
  const { group, member } = pair
  checkGuarded(names.member, member)
  if (state.securityGroupInterfaces.one('pair', group.id, member.id) !== undefined)
    throw new ApiError('RelationAlreadyExists', `${group.uuid} <=> ${member.uuid}`)
  state.securityGroupInterfaces.insert({ security_group_id: group.id, interface_id: member.id })
  return pair
}

export function leaveGroup(state: Draft, groupUuid: string, interfaceUuid: string, names: Names): Pair {
  const pair = findPair(state, groupUuid, interfaceUuid, names)
  const { group, member } = pair
  const row = state.securityGroupInterfaces.one('pair', group.id, member.id)
  if (row === undefined)
    throw new ApiError(
      'UnknownResource',
      `Couldn't find resource with parameters: ${JSON.stringify({ security_group_uuid: group.uuid, interface_uuid: member.uuid })}`,
    )
  state.securityGroupInterfaces.delete(row.id)
  return pair
}

/** What a request calls the two. */
interface Names {
  readonly group: string
  readonly member: string
}

const findPair = (state: Draft, groupUuid: string, interfaceUuid: string, names: Names): Pair => ({
  group: find(state, 'securityGroups', groupUuid, names.group),
  member: find(state, 'interfaces', interfaceUuid, names.member),
})

export const ofGroup: Names = { group: 'uuid', member: 'interface_uuid' }
export const ofInterface: Names = { group: 'security_group_uuid', member: 'uuid' }
