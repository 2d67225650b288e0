import { type ApiApp, answer, api, serve } from 'openvnet'
import { find, freeUuid } from '../common/find.ts'
import { serveRelation } from '../common/relation.ts'
import { containedLeases, ipLeaseContainers } from './operations.ts'

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
    serveRelation(app, containedLeases, {
      has: (state, one, other) => state.ipLeaseContainerIpLeases.one('pair', one.id, other.id) !== undefined,
      add: ({ one, other, environment: { state } }) => {
        state.ipLeaseContainerIpLeases.insert({ ip_lease_container_id: one.id, ip_lease_id: other.id })
        return state.ipLeases.get(other.id)!
      },
      remove: ({ one, other, environment: { state } }) =>
        state.ipLeaseContainerIpLeases.delete(
          state.ipLeaseContainerIpLeases.one('pair', one.id, other.id)!.id,
        ),
      list: (state, one) =>
        state.ipLeaseContainerIpLeases
          .many('container', one.id)
          .map((row) => state.ipLeases.get(row.ip_lease_id)!),
    })
  },
})
