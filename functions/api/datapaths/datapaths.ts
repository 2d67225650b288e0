import {
  type ApiApp,
  type ApiEnvironment,
  ApiError,
  answer,
  api,
  argumentError,
  type InputOf,
  type Row,
  serve,
} from 'openvnet'
import { deleteDatapath } from '../../state/active.ts'
import { find, freeUuid } from '../common/find.ts'
import { updateGiven } from '../common/given.ts'
import {
  addNetwork,
  addRouteLink,
  addSegment,
  removeNetwork,
  removeRouteLink,
  removeSegment,
} from './carried.ts'
import { datapaths } from './operations.ts'

const { pageOf } = answer
const { operations } = datapaths

function createDatapath(
  { uuid, ...values }: InputOf<typeof operations.create>,
  environment: ApiEnvironment,
): Row<'datapaths'> {
  const { state } = environment
  const free = freeUuid(environment, 'datapaths', uuid)
  const rival = state.datapaths.one('dpid', values.dpid)
  if (rival !== undefined)
    throw new ApiError('DuplicateName', `dpid: ${values.dpid} is ${rival.uuid}'s already`)
  return state.datapaths.insert({ ...values, ...flagsOf(values), uuid: free })
}

interface Flags {
  readonly enable_ovs_learn_action?: boolean | undefined
  readonly trusted_fail_mode?: boolean | undefined
}
const flagsOf = ({ enable_ovs_learn_action = true, trusted_fail_mode = false }: Flags) => ({
  enable_ovs_learn_action,
  trusted_fail_mode,
})

function routesOfRelations(app: ApiApp) {
  serve(app, operations.addNetwork, addNetwork)
  serve(app, operations.listNetworks, (input, { state }) => {
    const rows = state.datapathNetworks.many('datapath', find(state, 'datapaths', input.uuid).id)
    const carried = rows.map((row) => state.networks.get(row.network_id)!)
    return pageOf(carried, input)
  })
  serve(app, operations.removeNetwork, removeNetwork)
  serve(app, operations.addSegment, addSegment)
  serve(app, operations.listSegments, (input, { state }) => {
    const rows = state.datapathSegments.many('datapath', find(state, 'datapaths', input.uuid).id)
    const carried = rows.map((row) => state.segments.get(row.segment_id)!)
    return pageOf(carried, input)
  })
  serve(app, operations.removeSegment, removeSegment)
  serve(app, operations.addRouteLink, addRouteLink)
  serve(app, operations.listRouteLinks, (input, { state }) => {
    const rows = state.datapathRouteLinks.many('datapath', find(state, 'datapaths', input.uuid).id)
    const carried = rows.map((row) => state.routeLinks.get(row.route_link_id)!)
    return pageOf(carried, input)
  })
  serve(app, operations.removeRouteLink, removeRouteLink)
}

export default api<ApiApp>({
  name: 'datapaths',
  path: datapaths.path,
  routes: (app) => {
    serve(app, operations.create, createDatapath)
    serve(app, operations.list, (input, { state }) => pageOf(state.datapaths, input))
    serve(app, operations.show, ({ uuid }, { state }) => find(state, 'datapaths', uuid))
    serve(app, operations.update, ({ uuid, ...changes }, { state }) =>
      updateGiven(state.datapaths, find(state, 'datapaths', uuid), changes),
    )
    serve(app, operations.remove, ({ uuid }, { state }) => {
      deleteDatapath(state, find(state, 'datapaths', uuid).id)
      return [uuid]
    })
    serve(app, operations.status, ({ uuid }, { state }) => {
      find(state, 'datapaths', uuid)
      // A host answers this before it asks any function: it alone knows its connections. Only in a batch it comes here.
      throw argumentError('path: a status is no part of a batch, ask for it by itself')
    })
    routesOfRelations(app)
  },
})
