import { type ApiApp, type ApiEnvironment, api, type InputOf, type Row, type State, serve } from 'openvnet'
import { find, findOptional, freeUuid } from '../common/find.ts'
import { updateGiven } from '../common/given.ts'
import { pageOfTable, times } from '../common/present.ts'
import { embedInterface } from '../leases/present.ts'
import { networkServices } from './operations.ts'

const { create, list, show, update, remove } = networkServices.operations

/** A network service as the API answers it. */
function present(state: State, row: Row<'networkServices'>) {
  const owner = row.interface_id === null ? undefined : state.interfaces.get(row.interface_id)
  return {
    id: row.id,
    uuid: row.uuid,
    interface_id: row.interface_id,
    mode: row.mode,
    display_name: row.display_name,
    incoming_port: row.incoming_port,
    outgoing_port: row.outgoing_port,
    ...times(row),
    interface: owner === undefined ? null : embedInterface(owner),
    ...(owner === undefined ? {} : { interface_uuid: owner.uuid }),
  }
}

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
    serve(app, create, (input, environment) => present(environment.state, createService(input, environment)))
    serve(app, list, (input, { state }) =>
      pageOfTable(state.networkServices, input, (row) => present(state, row)),
    )
    serve(app, show, ({ uuid }, { state }) => present(state, find(state, 'networkServices', uuid)))
    serve(app, update, ({ uuid, ...changes }, { state }) => {
      const row = find(state, 'networkServices', uuid)
      return present(state, updateGiven(state.networkServices, row, changes))
    })
    serve(app, remove, ({ uuid }, { state }) => {
      state.networkServices.delete(find(state, 'networkServices', uuid).id)
      return [uuid]
    })
  },
})
