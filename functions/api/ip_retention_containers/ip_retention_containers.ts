import { type ApiApp, answer, api, serve } from 'openvnet'
import { find, freeUuid } from '../common/find.ts'
import { updateGiven } from '../common/given.ts'
import { serveRelation } from '../common/relation.ts'
import { ipRetentionContainers, retainedLeases } from './operations.ts'

const { pageOf } = answer
const { operations } = ipRetentionContainers

export default api<ApiApp>({
  name: 'ip_retention_containers',
  path: ipRetentionContainers.path,
  routes: (app) => {
    serve(app, operations.create, ({ uuid, lease_time, grace_time }, environment) =>
      environment.state.ipRetentionContainers.insert({
        uuid: freeUuid(environment, 'ipRetentionContainers', uuid),
        lease_time: lease_time ?? null,
        grace_time: grace_time ?? null,
      }),
    )
    serve(app, operations.list, (input, { state }) => pageOf(state.ipRetentionContainers, input))
    serve(app, operations.show, ({ uuid }, { state }) => find(state, 'ipRetentionContainers', uuid))
    serve(app, operations.update, ({ uuid, ...changes }, { state }) =>
      updateGiven(state.ipRetentionContainers, find(state, 'ipRetentionContainers', uuid), changes),
    )
    serve(app, operations.remove, ({ uuid }, { state }) => {
      state.ipRetentionContainers.delete(find(state, 'ipRetentionContainers', uuid).id)
      return [uuid]
    })
    serveRelation(app, retainedLeases, {
      has: (state, one, other) => state.ipRetentions.one('pair', other.id, one.id) !== undefined,
      add: ({ one, other, environment: { state, now } }) =>
        state.ipRetentions.insert({
          ip_lease_id: other.id,
          ip_retention_container_id: one.id,
          leased_at: now,
        }),
      remove: ({ one, other, environment: { state } }) =>
        state.ipRetentions.delete(state.ipRetentions.one('pair', other.id, one.id)!.id),
      list: (state, one) => state.ipRetentions.many('container', one.id),
    })
  },
})
