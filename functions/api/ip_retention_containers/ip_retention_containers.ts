import { type ApiApp, api, serve } from 'openvnet'
import { find, freeUuid } from '../common/find.ts'
import { updateGiven } from '../common/given.ts'
import { pageOfList, pageOfTable } from '../common/present.ts'
import { ipRetentionContainers } from './operations.ts'
import { presentRetention, presentRetentionContainer } from './present.ts'

const { operations } = ipRetentionContainers

export default api<ApiApp>({
  name: 'ip_retention_containers',
  path: ipRetentionContainers.path,
  routes: (app) => {
    serve(app, operations.create, ({ uuid, lease_time, grace_time }, environment) => {
      const free = freeUuid(environment, 'ipRetentionContainers', uuid)
      return presentRetentionContainer(
        environment.state.ipRetentionContainers.insert({
          uuid: free,
          lease_time: lease_time ?? null,
          grace_time: grace_time ?? null,
        }),
      )
    })
    serve(app, operations.list, (input, { state }) =>
      pageOfTable(state.ipRetentionContainers, input, presentRetentionContainer),
    )
    serve(app, operations.show, ({ uuid }, { state }) =>
      presentRetentionContainer(find(state, 'ipRetentionContainers', uuid)),
    )
    serve(app, operations.update, ({ uuid, ...changes }, { state }) => {
      const row = find(state, 'ipRetentionContainers', uuid)
      return presentRetentionContainer(updateGiven(state.ipRetentionContainers, row, changes))
    })
    serve(app, operations.remove, ({ uuid }, { state }) => {
      state.ipRetentionContainers.delete(find(state, 'ipRetentionContainers', uuid).id)
      return [uuid]
    })
    serve(app, operations.listIpRetentions, (input, { state }) => {
      const { id } = find(state, 'ipRetentionContainers', input.uuid)
      return pageOfList(state.ipRetentions.many('container', id), input, presentRetention)
    })
  },
})
