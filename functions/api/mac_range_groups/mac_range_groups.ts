import {
  type ApiApp,
  type ApiEnvironment,
  answer,
  api,
  argumentError,
  formatMac,
  type InputOf,
  serve,
} from 'openvnet'
import { settleMacRangeGroup, settleSpans } from '../../state/topologies.ts'
import { presentPairs } from '../../state/topology-pairs.ts'
import { find, freeUuid, unknownUuid } from '../common/find.ts'
import { updateGiven } from '../common/given.ts'
import { macRangeGroups } from './operations.ts'

const { pageOf } = answer
const { operations } = macRangeGroups

function create(
  { uuid, allocation_type = 'random' }: InputOf<typeof operations.create>,
  environment: ApiEnvironment,
) {
  const free = freeUuid(environment, 'macRangeGroups', uuid)
  return environment.state.macRangeGroups.insert({ uuid: free, allocation_type })
}

function addRange(input: InputOf<typeof operations.addRange>, environment: ApiEnvironment) {
  const { begin_mac_address, end_mac_address } = input
  const { state } = environment
  const group = find(state, 'macRangeGroups', input.mac_range_group_uuid)
  const uuid = freeUuid(environment, 'macRanges', input.uuid)
  if (end_mac_address < begin_mac_address)
    throw argumentError(
      `end_mac_address: ${formatMac(end_mac_address)} is before ${formatMac(begin_mac_address)}`,
    )
  const values = { uuid, mac_range_group_id: group.id, begin_mac_address, end_mac_address }
  const range = state.macRanges.insert(values)
  settleMacRangeGroup(environment, group.id)
  return range
}

function removeRange(
  { mac_range_group_uuid, mac_range_uuid }: InputOf<typeof operations.removeRange>,
  { state }: ApiEnvironment,
) {
  const group = find(state, 'macRangeGroups', mac_range_group_uuid)
  const range = find(state, 'macRanges', mac_range_uuid, 'mac_range_uuid')
  if (range.mac_range_group_id !== group.id) throw unknownUuid('MacRange', 'mac_range_uuid', mac_range_uuid)
  state.macRanges.delete(range.id)
  return [mac_range_uuid]
}

export default api<ApiApp>({
  name: 'mac_range_groups',
  path: macRangeGroups.path,
  routes: (app) => {
    serve(app, operations.create, create)
    serve(app, operations.list, (input, { state }) => pageOf(state.macRangeGroups, input))
    serve(app, operations.show, ({ uuid }, { state }) => find(state, 'macRangeGroups', uuid))
    serve(app, operations.update, ({ uuid, ...changes }, { state }) =>
      updateGiven(state.macRangeGroups, find(state, 'macRangeGroups', uuid), changes),
    )
    serve(app, operations.remove, ({ uuid }, environment) => {
      const { state } = environment
      const { id } = find(state, 'macRangeGroups', uuid)
      const uses = state.topologyMacRangeGroups.many('group', id)
      const pairs = uses.flatMap((use) => presentPairs(state, 'macRangeGroup', use.id))
      state.macRangeGroups.delete(id)
      settleSpans(environment, pairs)
      return [uuid]
    })
    serve(app, operations.addRange, addRange)
    serve(app, operations.listRanges, (input, { state }) => {
      const { id } = find(state, 'macRangeGroups', input.mac_range_group_uuid)
      return pageOf(state.macRanges.many('group', id), input)
    })
    serve(app, operations.removeRange, removeRange)
  },
})
