import { type ApiApp, answer, api, serve } from 'openvnet'
import { find, freeUuid } from '../common/find.ts'
import { ipLeaseContainers } from './operations.ts'

const { pageOf } = answer
const { operations } = ipLeaseContainers

export default api<ApiApp>({
  name: 'ip_lease_containers',
  path: ipLeaseContainers.path,
  routes: (app) => {
    serve(app, operations.create, ({ uuid }, environment) =>
      environment.state.ipLeaseContainers.insert({ uuid: freeUuid(environment, 'ipLeaseContainers', uuid) }),
    )
    serve(app, operations.list, (input, { state }) => pageOf(state.ipLeaseContainers, input))
    serve(app, operations.show, ({ uuid }, { state }) => find(state, 'ipLeaseContainers', uuid))
    serve(app, operations.update, ({ uuid }, { state }) => find(state, 'ipLeaseContainers', uuid))
    serve(app, operations.remove, ({ uuid }, { state }) => {
      state.ipLeaseContainers.delete(find(state, 'ipLeaseContainers', uuid).id)
      return [uuid]
    })
    serve(app, operations.listIpLeases, (input, { state }) => {
      const { id } = find(state, 'ipLeaseContainers', input.uuid)
      const rows = state.ipLeaseContainerIpLeases.many('container', id)
      const leases = rows.map((row) => state.ipLeases.get(row.ip_lease_id)!)
      return pageOf(leases, input)
    })
  },
})
