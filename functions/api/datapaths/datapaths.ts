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
import { serveSpans } from './carried.ts'
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
  const deleted = state.deletedDatapaths.one('dpid', values.dpid)
  if (deleted !== undefined) state.deletedDatapaths.delete(deleted.id)
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
    serveSpans(app)
  },
})
