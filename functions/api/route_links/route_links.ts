import { type ApiApp, type ApiEnvironment, answer, api, type InputOf, type Row, serve } from 'openvnet'
import { freeMac } from '../../state/macs.ts'
import { freeTunnelKey, takeTunnelKey } from '../../state/tunnel-keys.ts'
import { find, freeUuid } from '../common/find.ts'
import { checkMac } from '../leases/addresses.ts'
import { joinTopology } from '../topologies/join.ts'
import { routeLinks } from './operations.ts'

const { pageOf } = answer
const { create, list, show, remove } = routeLinks.operations

function createRouteLink(input: InputOf<typeof create>, environment: ApiEnvironment): Row<'routeLinks'> {
  const { state, random, now } = environment
  const uuid = freeUuid(environment, 'routeLinks', input.uuid)
  if (input.mac_address !== undefined) checkMac(state, input.mac_address)
  const row = state.routeLinks.insert({
    uuid,
    mac_address: input.mac_address ?? freeMac(state, () => random()),
    tunnel_key_id: takeTunnelKey(state, 'route_link', now),
  })
  joinTopology(environment, 'route_link', row.id, input.topology_uuid)
  return row
}

function deleteRouteLink(routeLink: Row<'routeLinks'>, { state, now }: ApiEnvironment): void {
  state.routeLinks.delete(routeLink.id)
  freeTunnelKey(state, routeLink.tunnel_key_id, now)
}

export default api<ApiApp>({
  name: 'route_links',
  path: routeLinks.path,
  routes: (app) => {
    serve(app, create, createRouteLink)
    serve(app, list, (input, { state }) => pageOf(state.routeLinks, input))
    serve(app, show, ({ uuid }, { state }) => find(state, 'routeLinks', uuid))
    serve(app, remove, ({ uuid }, environment) => {
      deleteRouteLink(find(environment.state, 'routeLinks', uuid), environment)
      return [uuid]
    })
  },
})
