/** Addresses that the API gives by lease policies. */
import { type ApiEnvironment, ApiError, argumentError, type Draft, type Row } from 'openvnet'
import { grant, poolOfPolicy } from '../../state/grant.ts'
import { networkOfPolicy } from '../../state/waiting.ts'
import { freeUuid } from '../common/find.ts'
import { checkHost, joinSegment } from '../leases/lease.ts'

type Policy = Row<'leasePolicies'>

function fromOf(draft: Draft, policy: Policy): Row<'leasePolicyNetworks'> {
  const from = networkOfPolicy(draft, policy.id)
  if (from === undefined) throw argumentError(`uuid: ${policy.uuid} has no network to give addresses of`)
  return from
}

/** Why a policy gives no address. */
function noneLeft(draft: Draft, policy: Policy, from: Row<'leasePolicyNetworks'>): ApiError {
  const { size } = poolOfPolicy(draft, from)
  const group = draft.ipRangeGroups.get(from.ip_range_group_id)!.uuid
  const network = draft.networks.get(from.network_id)!.uuid
  if (size === 0) return argumentError(`uuid: ${group} of ${policy.uuid} has no range within ${network}`)
  return new ApiError(
    'AddressInUse',
    `uuid: ${policy.uuid} has no free address: of the ${size} that ${group} has in ${network} none was found`,
  )
}

/** Leases the next address to nobody yet. */
export function allocateFree(
  environment: ApiEnvironment,
  policy: Policy,
  request: { readonly uuid: string | undefined; readonly label: string | null },
): Row<'ipLeases'> {
  const { state } = environment
  const from = fromOf(state, policy)
  const uuid = freeUuid(environment, 'ipLeases', request.uuid)
  const lease = grant(environment, { from, to: undefined, label: request.label, uuid })
  if (lease === undefined) throw noneLeft(state, policy, from)
  return lease
}

/** Leases the next address to the first MAC of an interface. */
export function allocateTo(
  environment: ApiEnvironment,
  policy: Policy,
  owner: Row<'interfaces'>,
  label: string | null,
): Row<'ipLeases'> {
  const { state } = environment
  const first = state.macLeases.many('interface', owner.id)[0]
  if (first === undefined)
    throw argumentError(`interface_uuid: ${owner.uuid} has no MAC lease; add one first`)
  const from = fromOf(state, policy)
  const network = state.networks.get(from.network_id)!
  const to = joinSegment(state, first, network)
  const lease = grant(environment, { from, to, label, uuid: freeUuid(environment, 'ipLeases', undefined) })
  if (lease === undefined) throw noneLeft(state, policy, from)
  checkHost(state, owner, network, lease.ipv4_address)
  return lease
}
