import { type ApiApp, type ApiEnvironment, answer, api, type InputOf, type Row, serve } from 'openvnet'
import { find, findOptional, freeUuid } from '../common/find.ts'
import { updateGiven } from '../common/given.ts'
import { networkServices } from './operations.ts'

const { pageOf } = answer
const { create, list, show, update, remove } = networkServices.operations

function createService(input: InputOf<typeof create>, environment: ApiEnvironment): Row<'networkServices'> {
  const { state } = environment
  const uuid = freeUuid(environment, 'networkServices', input.uuid)
  const owner = findOptional(state, 'interfaces', input.interface_uuid, 'interface_uuid')
  return state.networkServices.insert({
    uuid,
    display_name: input.display_name ?? null,
    mode: input.mode,
    interface_id: owner?.id ?? null,
    incoming_port: input.incoming_port ?? null,
    outgoing_port: input.outgoing_port ?? null,
  })
}

export default api<ApiApp>({
  name: 'network_services',
  path: networkServices.path,
  routes: (app) => {
    serve(app, create, createService)
    serve(app, list, (input, { state }) => pageOf(state.networkServices, input))
    serve(app, show, ({ uuid }, { state }) => find(state, 'networkServices', uuid))
    serve(app, update, ({ uuid, ...changes }, { state }) =>
      updateGiven(state.networkServices, find(state, 'networkServices', uuid), changes),
    )
    serve(app, remove, ({ uuid }, { state }) => {
      state.networkServices.delete(find(state, 'networkServices', uuid).id)
      return [uuid]
    })
  },
})
