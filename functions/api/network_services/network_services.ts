import { type ApiApp, type ApiEnvironment, api, type InputOf, type Row, serve } from 'openvnet'
import { find, findOptional, freeUuid } from '../common/find.ts'
import { updateGiven } from '../common/given.ts'
import { pageOfTable } from '../common/present.ts'
import { networkServices } from './operations.ts'
import { presentNetworkService } from './present.ts'

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
    serve(app, create, (input, environment) =>
      presentNetworkService(environment.state, createService(input, environment)),
    )
    serve(app, list, (input, { state }) =>
      pageOfTable(state.networkServices, input, (row) => presentNetworkService(state, row)),
    )
    serve(app, show, ({ uuid }, { state }) =>
      presentNetworkService(state, find(state, 'networkServices', uuid)),
    )
    serve(app, update, ({ uuid, ...changes }, { state }) => {
      const row = find(state, 'networkServices', uuid)
      return presentNetworkService(state, updateGiven(state.networkServices, row, changes))
    })
    serve(app, remove, ({ uuid }, { state }) => {
      state.networkServices.delete(find(state, 'networkServices', uuid).id)
      return [uuid]
    })
  },
})
