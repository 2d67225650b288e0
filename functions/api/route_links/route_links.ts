import { type ApiApp, type ApiEnvironment, answer, api, type InputOf, type Row, serve } from 'openvnet'
import { freeTunnelKey, takeTunnelKey } from '../../state/tunnel-keys.ts'
import { find, freeUuid, unknownUuid } from '../common/find.ts'
import { checkMac, freeMac } from '../leases/addresses.ts'
import { routeLinks } from './operations.ts'

const { pageOf } = answer
const { create, list, show, remove } = routeLinks.operations

function createRouteLink(input: InputOf<typeof create>, environment: ApiEnvironment): Row<'routeLinks'> {
  const { state, random, now } = environment
  const uuid = freeUuid(environment, 'routeLinks', input.uuid)
  if (input.topology_uuid !== undefined) throw unknownUuid('Topology', 'topology_uuid', input.topology_uuid)
  if (input.mac_address !== undefined) checkMac(state, input.mac_address)
  return state.routeLinks.insert({
    uuid,
    mac_address: input.mac_address ?? freeMac(state, () => random()),
    tunnel_key_id: takeTunnelKey(state, 'route_link', now),
  })
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
