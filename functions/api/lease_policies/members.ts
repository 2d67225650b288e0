/** The networks and interfaces of lease policies. */
import { type ApiEnvironment, ApiError, argumentError, type Draft, type InputOf, type Row } from 'openvnet'
import { learnsMachines } from '../../state/mac-learning.ts'
import { settle } from '../../state/settle.ts'
import { interfacesOfPolicy, networkOfPolicy } from '../../state/waiting.ts'
import { find, unknownUuid } from '../common/find.ts'
import { joinSegment } from '../leases/lease.ts'
import { allocateTo } from './allocate.ts'
import type { leasePolicies } from './operations.ts'

type Operations = typeof leasePolicies.operations

const already = (uuid: string, other: string) => new ApiError('AlreadyRelated', `${uuid} <=> ${other}`)

export function addNetwork(
  input: InputOf<Operations['addNetwork']>,
  { state }: ApiEnvironment,
): Row<'leasePolicies'> {
  const policy = find(state, 'leasePolicies', input.uuid)
  const network = find(state, 'networks', input.network_uuid, 'network_uuid')
  const group = find(state, 'ipRangeGroups', input.ip_range_group_uuid, 'ip_range_group_uuid')
  if (state.leasePolicyNetworks.one('pair', policy.id, network.id) !== undefined)
    throw already(policy.uuid, network.uuid)
  state.leasePolicyNetworks.insert({
    lease_policy_id: policy.id,
    network_id: network.id,
    ip_range_group_id: group.id,
  })
  settle(state, interfacesOfPolicy(state, policy.id))
  return policy
}

export function removeNetwork(
  input: InputOf<Operations['removeNetwork']>,
  { state }: ApiEnvironment,
): Row<'leasePolicies'> {
  const policy = find(state, 'leasePolicies', input.uuid)
  const network = find(state, 'networks', input.network_uuid, 'network_uuid')
  const row = state.leasePolicyNetworks.one('pair', policy.id, network.id)
  if (row === undefined) throw unknownUuid('Network', 'network_uuid', network.uuid)
  state.leasePolicyNetworks.delete(row.id)
  settle(state, interfacesOfPolicy(state, policy.id))
  return policy
}

/** What could never get an address of the policy's network is refused before it asks. */
function settleWaiting(draft: Draft, policy: Row<'leasePolicies'>, owner: Row<'interfaces'>): void {
  const network = networkOfPolicy(draft, policy.id)?.network_id
  const macLease = draft.macLeases.many('interface', owner.id)[0]
  if (network !== undefined && macLease !== undefined)
    joinSegment(draft, macLease, draft.networks.get(network)!)
  settle(draft, [owner.id])
}

export function addInterface(
  input: InputOf<Operations['addInterface']>,
  environment: ApiEnvironment,
): Row<'leasePolicies'> {
  const { state } = environment
  const label = input.label ?? null
  const policy = find(state, 'leasePolicies', input.uuid)
  const owner = find(state, 'interfaces', input.interface_uuid, 'interface_uuid')
  if (state.leasePolicyInterfaces.one('pair', policy.id, owner.id) !== undefined)
    throw already(policy.uuid, owner.uuid)
  if (policy.timing === 'immediate' && learnsMachines(owner.mode))
    throw argumentError(
      `interface_uuid: ${owner.uuid} is ${owner.mode}: machines behind it get addresses when they ask, so the timing of ${policy.uuid} must be dhcp`,
    )
  state.leasePolicyInterfaces.insert({ lease_policy_id: policy.id, interface_id: owner.id, label })
  if (input.allocate === false) settle(state, [owner.id])
  else if (policy.timing === 'immediate') allocateTo(environment, policy, owner, label)
  else settleWaiting(state, policy, owner)
  return policy
}

/** What it was given stays; nothing more comes. */
export function removeInterface(
  input: InputOf<Operations['removeInterface']>,
  { state }: ApiEnvironment,
): Row<'leasePolicies'> {
  const policy = find(state, 'leasePolicies', input.uuid)
  const owner = find(state, 'interfaces', input.interface_uuid, 'interface_uuid')
  const row = state.leasePolicyInterfaces.one('pair', policy.id, owner.id)
  if (row === undefined) throw unknownUuid('Interface', 'interface_uuid', owner.uuid)
  state.leasePolicyInterfaces.delete(row.id)
  settle(state, [owner.id])
  return policy
}
