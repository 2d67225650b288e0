/** The containers of lease policies: what their leases go into, and how long those last. */
import { type ApiEnvironment, ApiError, argumentError, type InputOf, type Row } from 'openvnet'
import { find, unknownUuid } from '../common/find.ts'
import type { leasePolicies } from './operations.ts'

type Operations = typeof leasePolicies.operations

/** Containers of one kind that a policy has: each lease that it gives writes a row for every one. */
const containersMax = 16

function checkRoom(uuid: string, kind: string, rows: readonly unknown[]) {
  if (rows.length >= containersMax) throw argumentError(`uuid: ${uuid} has ${containersMax} ${kind} already`)
}

const already = (uuid: string, other: string) => new ApiError('RelationAlreadyExists', `${uuid} <=> ${other}`)

export function addIpLeaseContainer(
  input: InputOf<Operations['addIpLeaseContainer']>,
  { state }: ApiEnvironment,
): Row<'ipLeaseContainers'> {
  const policy = find(state, 'leasePolicies', input.uuid)
  const container = find(state, 'ipLeaseContainers', input.ip_lease_container_uuid, 'ip_lease_container_uuid')
  const table = state.leasePolicyIpLeaseContainers
  if (table.one('pair', policy.id, container.id) !== undefined) throw already(policy.uuid, container.uuid)
  checkRoom(policy.uuid, 'ip_lease_containers', table.many('policy', policy.id))
  table.insert({
    lease_policy_id: policy.id,
    ip_lease_container_id: container.id,
    label: input.label ?? null,
  })
  return container
}

export function removeIpLeaseContainer(
  { uuid, ip_lease_container_uuid }: InputOf<Operations['removeIpLeaseContainer']>,
  { state }: ApiEnvironment,
): Row<'ipLeaseContainers'> {
  const policy = find(state, 'leasePolicies', uuid)
  const container = find(state, 'ipLeaseContainers', ip_lease_container_uuid, 'ip_lease_container_uuid')
  const row = state.leasePolicyIpLeaseContainers.one('pair', policy.id, container.id)
  if (row === undefined) throw unknownUuid('IpLeaseContainer', 'ip_lease_container_uuid', container.uuid)
  state.leasePolicyIpLeaseContainers.delete(row.id)
  return container
}

export function addIpRetentionContainer(
  { uuid, ip_retention_container_uuid }: InputOf<Operations['addIpRetentionContainer']>,
  { state }: ApiEnvironment,
): Row<'ipRetentionContainers'> {
  const policy = find(state, 'leasePolicies', uuid)
  const name = 'ip_retention_container_uuid'
  const container = find(state, 'ipRetentionContainers', ip_retention_container_uuid, name)
  const table = state.leasePolicyIpRetentionContainers
  if (table.one('pair', policy.id, container.id) !== undefined) throw already(policy.uuid, container.uuid)
  checkRoom(policy.uuid, 'ip_retention_containers', table.many('policy', policy.id))
  table.insert({ lease_policy_id: policy.id, ip_retention_container_id: container.id })
  return container
}

export function removeIpRetentionContainer(
  { uuid, ip_retention_container_uuid }: InputOf<Operations['removeIpRetentionContainer']>,
  { state }: ApiEnvironment,
): Row<'ipRetentionContainers'> {
  const policy = find(state, 'leasePolicies', uuid)
  const name = 'ip_retention_container_uuid'
  const container = find(state, 'ipRetentionContainers', ip_retention_container_uuid, name)
  const row = state.leasePolicyIpRetentionContainers.one('pair', policy.id, container.id)
  if (row === undefined) throw unknownUuid('IpRetentionContainer', name, container.uuid)
  state.leasePolicyIpRetentionContainers.delete(row.id)
  return container
}
