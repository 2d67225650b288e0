import {
  type ApiApp,
  type ApiEnvironment,
  answer,
  api,
  argumentError,
  type InputOf,
  type Row,
  serve,
} from 'openvnet'
import { find, freeUuid } from '../common/find.ts'
import { updateGiven } from '../common/given.ts'
import { dnsServices } from './operations.ts'
import { serveRecords } from './records.ts'

const { pageOf } = answer
const { operations } = dnsServices
const { create, list, show, update, remove } = operations

function createService(input: InputOf<typeof create>, environment: ApiEnvironment): Row<'dnsServices'> {
  const { state } = environment
  const uuid = freeUuid(environment, 'dnsServices', input.uuid)
  const service = find(state, 'networkServices', input.network_service_uuid, 'network_service_uuid')
  if (service.mode !== 'dns')
    throw argumentError(`network_service_uuid: ${service.uuid} is of mode ${service.mode}, not dns`)
  return state.dnsServices.insert({
    uuid,
    network_service_id: service.id,
    public_dns: input.public_dns ?? null,
  })
}

export default api<ApiApp>({
  name: 'dns_services',
  path: dnsServices.path,
  routes: (app) => {
    serve(app, create, createService)
    serve(app, list, (input, { state }) => pageOf(state.dnsServices, input))
    serve(app, show, ({ uuid }, { state }) => find(state, 'dnsServices', uuid))
    serve(app, update, ({ uuid, ...changes }, { state }) =>
      updateGiven(state.dnsServices, find(state, 'dnsServices', uuid), changes),
    )
    serve(app, remove, ({ uuid }, { state }) => {
      state.dnsServices.delete(find(state, 'dnsServices', uuid).id)
      return [uuid]
    })
    serveRecords(app)
  },
})
