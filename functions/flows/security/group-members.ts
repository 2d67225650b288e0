/** The members of a security group that rules here are about: a flow for each of their addresses, wherever they are. */
import { cookieOf, type Flow, type FlowFunction, type Row, type State } from 'openvnet'
import { allowedPrefixesOf, heldAddressesOf, isFirstWith } from '../../state/group-addresses.ts'
import { scopeOf } from '../../state/scope.ts'
import { features, pipeline } from '../pipeline.ts'
import { prefixKey, prefixMatch } from '../routers/hops.ts'

type Member = Row<'securityGroupInterfaces'>

/** The object is the group. */
export const groupMembers: FlowFunction = ({ objectId }, state) => {
  const members = state.securityGroupInterfaces.many('group', objectId)
  return { flows: [], lists: [{ feature: 'groupMember', objectIds: members.map(({ id }) => id) }] }
}

/** Networks that are joined may have the same address twice: their flows say the same, under priorities of their own. */
const priorities = 60_000
const allowedPriority = priorities + 1

const permits = (
  { id, security_group_id: securityGroup }: Member,
  priority: number,
  other: { readonly scope: number; readonly otherSide?: number | { value: number; mask: number } },
): Flow =>
  pipeline.flow('groupMembers', {
    cookie: cookieOf(features.groupMember, id),
    priority,
    match: { securityGroup, ...other },
    steps: [{ set: 'permitted', to: 'yes' }],
  })

/** Addresses that the interface has in networks: its leases, and what it has said that it has. */
function addressesOf(state: State, { interface_id }: Member) {
  const leases = state.ipLeases.many('interface', interface_id)
  const held = heldAddressesOf(state, interface_id)
  const all = [
    ...leases.map(({ network_id: networkId, ipv4_address: address }) => ({ networkId, address })),
    ...(held?.addresses ?? []).map((address) => ({ networkId: held!.networkId, address })),
  ]
  return all.filter(({ address }) => address !== 0)
}

/** The object is the row that makes the interface a member. */
export const groupMember: FlowFunction = ({ objectId }, state) => {
  const row = state.securityGroupInterfaces.get(objectId)
  if (row === undefined) return { flows: [] }
  const prefixes = new Map(
    allowedPrefixesOf(state, row.interface_id).map((one) => [prefixKey(one), one] as const),
  )
  return {
    flows: [
      ...addressesOf(state, row).map(({ networkId, address }) =>
        permits(row, 1 + (networkId % priorities), { scope: scopeOf(state, networkId)!, otherSide: address }),
      ),
      ...[...prefixes.values()]
        .filter((prefix) => isFirstWith(state, row, prefix))
        .map((prefix) =>
          permits(row, allowedPriority, { scope: prefix.scope, ...prefixMatch('otherSide', prefix) }),
        ),
    ],
  }
}
