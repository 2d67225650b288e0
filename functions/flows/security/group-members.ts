/** The members of a security group that rules here are about: a flow for each of their addresses, wherever they are. */
import { cookieOf, type FlowFunction, type Row, type State } from 'openvnet'
import {
  allowedPrefixesOf,
  heldAddressesOf,
  isFirstWith,
  type MemberPrefix,
} from '../../state/group-addresses.ts'
import { isIpv4, only } from '../../state/prefixes.ts'
import { scopeOf } from '../../state/scope.ts'
import { features, pipeline } from '../pipeline.ts'
import { prefixMatch } from '../prefix-match.ts'

type Member = Row<'securityGroupInterfaces'>

/** The object is the group. */
export const groupMembers: FlowFunction = ({ objectId }, state) => {
  const members = state.securityGroupInterfaces.many('group', objectId)
  return { flows: [], lists: [{ feature: 'groupMember', objectIds: members.map(({ id }) => id) }] }
}

/** Networks that are joined may have the same address twice: their flows say the same, under priorities of their own. */
const priorities = 60_000
const allowedPriority = priorities + 1

/** Addresses that stand for a member, of either family. */
export interface MemberAddresses extends MemberPrefix {
  /** Of its flow: no two are about the same addresses under the same. */
  readonly priority: number
}

/** What the interface has in networks: its leases, and what it has said that it has. And what it may have besides. */
export function addressesOf(state: State, row: Member): MemberAddresses[] {
  const leases = state.ipLeases.many('interface', row.interface_id)
  const held = heldAddressesOf(state, row.interface_id)
  const had = [
    ...leases.flatMap(({ network_id: networkId, ipv4_address, ipv6_address }) => [
      ...(ipv4_address === 0 ? [] : [{ networkId, address: ipv4_address }]),
      ...(ipv6_address === null ? [] : [{ networkId, address: ipv6_address }]),
    ]),
    ...(held?.addresses ?? []).map((address) => ({ networkId: held!.networkId, address })),
  ]
  return [
    ...had.map(({ networkId, address }) => ({
      ...only(address),
      scope: scopeOf(state, networkId)!,
      priority: 1 + (networkId % priorities),
    })),
    ...allowedPrefixesOf(state, row.interface_id)
      .filter((prefix) => isFirstWith(state, row, prefix))
      .map((prefix) => ({ ...prefix, priority: allowedPriority })),
  ]
}

/** The object is the row that makes the interface a member. */
export const groupMember: FlowFunction = ({ objectId }, state) => {
  const row = state.securityGroupInterfaces.get(objectId)
  if (row === undefined) return { flows: [] }
  return {
    flows: addressesOf(state, row).flatMap(({ scope, network, bits, priority }) =>
      isIpv4(network)
        ? [
            pipeline.flow('groupMembers', {
              cookie: cookieOf(features.groupMember, objectId),
              priority,
              match: {
                securityGroup: row.security_group_id,
                scope,
                ...prefixMatch('otherSide', { network, bits }),
              },
              steps: [{ set: 'permitted', to: 'yes' }],
            }),
          ]
        : [],
    ),
  }
}
