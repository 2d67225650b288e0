import { type ApiApp, api, serve } from 'openvnet'
import { find, freeUuid } from '../common/find.ts'
import { pageOfList, pageOfTable } from '../common/present.ts'
import { presentIpLease } from '../leases/present.ts'
import { ipLeaseContainers } from './operations.ts'
import { presentContainer } from './present.ts'

const { operations } = ipLeaseContainers

export default api<ApiApp>({
  name: 'ip_lease_containers',
  path: ipLeaseContainers.path,
  routes: (app) => {
    serve(app, operations.create, ({ uuid }, environment) => {
      const free = freeUuid(environment, 'ipLeaseContainers', uuid)
      return presentContainer(environment.state.ipLeaseContainers.insert({ uuid: free }))
    })
    serve(app, operations.list, (input, { state }) =>
      pageOfTable(state.ipLeaseContainers, input, presentContainer),
    )
    serve(app, operations.show, ({ uuid }, { state }) =>
      presentContainer(find(state, 'ipLeaseContainers', uuid)),
    )
    serve(app, operations.update, ({ uuid }, { state }) =>
      presentContainer(find(state, 'ipLeaseContainers', uuid)),
    )
    serve(app, operations.remove, ({ uuid }, { state }) => {
      state.ipLeaseContainers.delete(find(state, 'ipLeaseContainers', uuid).id)
      return [uuid]
    })
    serve(app, operations.listIpLeases, (input, { state }) => {
      const rows = state.ipLeaseContainerIpLeases.many(
        'container',
        find(state, 'ipLeaseContainers', input.uuid).id,
      )
      return pageOfList(rows, input, (row) => presentIpLease(state, state.ipLeases.get(row.ip_lease_id)!))
    })
  },
})
