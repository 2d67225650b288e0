import { type ApiApp, type ApiEnvironment, answer, api, type InputOf, type Row, serve } from 'openvnet'
import { find, freeUuid } from '../common/find.ts'
import { updateGiven } from '../common/given.ts'
import { checkGuarded } from '../interfaces/many-behind.ts'
import { filters } from './operations.ts'
import { createStatic, removeStatic } from './static.ts'

const { pageOf } = answer
const { operations } = filters
const { create, list, show, update, remove } = operations

function createFilter(input: InputOf<typeof create>, environment: ApiEnvironment): Row<'filters'> {
  const { state } = environment
  const uuid = freeUuid(environment, 'filters', input.uuid)
  const owner = find(state, 'interfaces', input.interface_uuid, 'interface_uuid')
  checkGuarded('interface_uuid', owner)
  return state.filters.insert({
    uuid,
    interface_id: owner.id,
    mode: input.mode,
    ingress_passthrough: input.ingress_passthrough ?? false,
    egress_passthrough: input.egress_passthrough ?? false,
  })
}

export default api<ApiApp>({
  name: 'filters',
  path: filters.path,
  routes: (app) => {
    serve(app, create, createFilter)
    serve(app, list, (input, { state }) => pageOf(state.filters, input))
    serve(app, show, ({ uuid }, { state }) => find(state, 'filters', uuid))
    serve(app, update, ({ uuid, ...changes }, { state }) =>
      updateGiven(state.filters, find(state, 'filters', uuid), changes),
    )
    serve(app, remove, ({ uuid }, { state }) => {
      state.filters.delete(find(state, 'filters', uuid).id)
      return [uuid]
    })
    serve(app, operations.createStatic, createStatic)
    serve(app, operations.listStatics, (input, { state }) => {
      const { id } = find(state, 'filters', input.uuid)
      return pageOf(state.filterStatics.many('filter', id), input)
    })
    serve(app, operations.removeStatic, removeStatic)
  },
})
