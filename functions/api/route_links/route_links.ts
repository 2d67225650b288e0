import { type ApiApp, type ApiEnvironment, api, type Draft, type InputOf, type Row, serve } from 'openvnet'
import { find, freeUuid, unknownUuid } from '../common/find.ts'
import { pageOfTable } from '../common/present.ts'
import { checkMac, freeMac } from '../leases/addresses.ts'
import { routeLinks } from './operations.ts'
import { presentRouteLink } from './present.ts'

const { create, list, show, remove } = routeLinks.operations

function createRouteLink(input: InputOf<typeof create>, environment: ApiEnvironment): Row<'routeLinks'> {
  const { state, random } = environment
  const uuid = freeUuid(environment, 'routeLinks', input.uuid)
  if (input.topology_uuid !== undefined) throw unknownUuid('Topology', 'topology_uuid', input.topology_uuid)
  if (input.mac_address !== undefined) checkMac(state, input.mac_address)
  return state.routeLinks.insert({
    uuid,
    mac_address: input.mac_address ?? freeMac(state, () => random()),
    tunnel_key_id: state.tunnelKeys.insert({ kind: 'route_link' }).id,
  })
}

function deleteRouteLink(draft: Draft, routeLink: Row<'routeLinks'>): void {
  draft.routeLinks.delete(routeLink.id)
  draft.tunnelKeys.delete(routeLink.tunnel_key_id)
}

export default api<ApiApp>({
  name: 'route_links',
  path: routeLinks.path,
  routes: (app) => {
    serve(app, create, (input, environment) => presentRouteLink(createRouteLink(input, environment)))
    serve(app, list, (input, { state }) => pageOfTable(state.routeLinks, input, presentRouteLink))
    serve(app, show, ({ uuid }, { state }) => presentRouteLink(find(state, 'routeLinks', uuid)))
    serve(app, remove, ({ uuid }, { state }) => {
      deleteRouteLink(state, find(state, 'routeLinks', uuid))
      return [uuid]
    })
  },
})
