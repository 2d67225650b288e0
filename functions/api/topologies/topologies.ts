import { type ApiApp, answer, api, serve } from 'openvnet'
import { settleSpans } from '../../state/topologies.ts'
import { pairsMadeBy } from '../../state/topology-pairs.ts'
import { find, freeUuid } from '../common/find.ts'
import { serveDatapaths } from './datapaths.ts'
import { serveLayers, serveMacRangeGroups, serveMembers } from './members.ts'
import { topologies } from './operations.ts'

const { operations } = topologies

export default api<ApiApp>({
  name: 'topologies',
  path: topologies.path,
  routes: (app) => {
    serve(app, operations.create, ({ uuid, mode }, environment) =>
      environment.state.topologies.insert({ uuid: freeUuid(environment, 'topologies', uuid), mode }),
    )
    serve(app, operations.list, (input, { state }) => answer.pageOf(state.topologies, input))
    serve(app, operations.show, ({ uuid }, { state }) => find(state, 'topologies', uuid))
    serve(app, operations.update, ({ uuid }, { state }) => find(state, 'topologies', uuid))
    serve(app, operations.remove, ({ uuid }, environment) => {
      const { state } = environment
      const topology = find(state, 'topologies', uuid)
      const pairs = pairsMadeBy(state, topology.id)
      state.topologies.delete(topology.id)
      settleSpans(environment, pairs)
      return [uuid]
    })
    serveDatapaths(app)
    serveMembers(app)
    serveMacRangeGroups(app)
    serveLayers(app)
  },
})
