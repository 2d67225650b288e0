import {
  type ApiApp,
  type ApiEnvironment,
  answer,
  api,
  argumentError,
  type Draft,
  formatIpv4,
  type InputOf,
  type Row,
  serve,
} from 'openvnet'
import { settle } from '../../state/settle.ts'
import { interfacesOfPolicy } from '../../state/waiting.ts'
import { find, freeUuid, unknownUuid } from '../common/find.ts'
import { updateGiven } from '../common/given.ts'
import { ipRangeGroups } from './operations.ts'

const { pageOf } = answer
const { operations } = ipRangeGroups

function create(
  { uuid, allocation_type = 'incremental' }: InputOf<typeof operations.create>,
  environment: ApiEnvironment,
) {
  const free = freeUuid(environment, 'ipRangeGroups', uuid)
  return environment.state.ipRangeGroups.insert({ uuid: free, allocation_type })
}

/** Lease policies lose it with its networks: who waited for an address there waits for one elsewhere, or for none. */
function remove(draft: Draft, group: Row<'ipRangeGroups'>) {
  const policies = draft.leasePolicyNetworks.many('group', group.id).map((row) => row.lease_policy_id)
  draft.ipRangeGroups.delete(group.id)
  settle(
    draft,
    policies.flatMap((id) => interfacesOfPolicy(draft, id)),
  )
}

function addRange(input: InputOf<typeof operations.addRange>, environment: ApiEnvironment) {
  const { begin_ipv4_address, end_ipv4_address } = input
  const { state } = environment
  const group = find(state, 'ipRangeGroups', input.ip_range_group_uuid)
  const uuid = freeUuid(environment, 'ipRanges', input.uuid)
  if (end_ipv4_address < begin_ipv4_address)
    throw argumentError(
      `end_ipv4_address: ${formatIpv4(end_ipv4_address)} is before ${formatIpv4(begin_ipv4_address)}`,
    )
  return state.ipRanges.insert({ uuid, ip_range_group_id: group.id, begin_ipv4_address, end_ipv4_address })
}

function removeRange(
  { ip_range_group_uuid, ip_range_uuid }: InputOf<typeof operations.removeRange>,
  { state }: ApiEnvironment,
) {
  const group = find(state, 'ipRangeGroups', ip_range_group_uuid)
  const range = find(state, 'ipRanges', ip_range_uuid, 'ip_range_uuid')
  if (range.ip_range_group_id !== group.id) throw unknownUuid('IpRange', 'ip_range_uuid', ip_range_uuid)
  state.ipRanges.delete(range.id)
  return [ip_range_uuid]
}

export default api<ApiApp>({
  name: 'ip_range_groups',
  path: ipRangeGroups.path,
  routes: (app) => {
    serve(app, operations.create, create)
    serve(app, operations.list, (input, { state }) => pageOf(state.ipRangeGroups, input))
    serve(app, operations.show, ({ uuid }, { state }) => find(state, 'ipRangeGroups', uuid))
    serve(app, operations.update, ({ uuid, ...changes }, { state }) =>
      updateGiven(state.ipRangeGroups, find(state, 'ipRangeGroups', uuid), changes),
    )
    serve(app, operations.remove, ({ uuid }, { state }) => {
      remove(state, find(state, 'ipRangeGroups', uuid))
      return [uuid]
    })
    serve(app, operations.addRange, addRange)
    serve(app, operations.listRanges, (input, { state }) => {
      const { id } = find(state, 'ipRangeGroups', input.ip_range_group_uuid)
      return pageOf(state.ipRanges.many('group', id), input)
    })
    serve(app, operations.removeRange, removeRange)
  },
})
