import {
  type ApiApp,
  type ApiEnvironment,
  api,
  argumentError,
  type Draft,
  formatIpv4,
  type InputOf,
  maskOf,
  type Row,
  type State,
  serve,
} from 'openvnet'
import { isPhysical } from '../../state/networks.ts'
import { settleRouteLinks } from '../../state/route-links.ts'
import { find, freeUuid } from '../common/find.ts'
import { pageOfTable, timeText } from '../common/present.ts'
import { routes } from './operations.ts'

const { create, list, show, remove } = routes.operations

const usualPrefix = 24

/** A route as the API answers it: without its id, as in OpenVNet. */
const present = (state: State, row: Row<'routes'>) => ({
  uuid: row.uuid,
  route_link_uuid: state.routeLinks.get(row.route_link_id)!.uuid,
  network_uuid: state.networks.get(row.network_id)!.uuid,
  interface_uuid: state.interfaces.get(row.interface_id)!.uuid,
  mode: row.mode,
  ipv4_network: formatIpv4(row.ipv4_network),
  ipv4_prefix: row.ipv4_prefix,
  ingress: row.ingress,
  egress: row.egress,
  created_at: timeText(row.created_at),
  updated_at: timeText(row.updated_at),
})

/** Address and prefix. A flow that matches bits which its mask leaves out is refused by the switch. */
function destinationOf({ ipv4_network: { address, prefix }, ipv4_prefix }: InputOf<typeof create>) {
  if (prefix !== undefined && ipv4_prefix !== undefined && prefix !== ipv4_prefix)
    throw argumentError(`ipv4_prefix: ${ipv4_prefix} is not the /${prefix} of ipv4_network`)
  const bits = ipv4_prefix ?? prefix ?? usualPrefix
  const masked = (address & maskOf(bits)) >>> 0
  if (masked !== address)
    throw argumentError(
      `ipv4_network: ${formatIpv4(address)} is no network address of a /${bits}, ${formatIpv4(masked)} is`,
    )
  return { ipv4_network: address, ipv4_prefix: bits }
}

/** Nothing is accepted that would route nothing for ever. */
function checkRouter(owner: Row<'interfaces'>, network: Row<'networks'>): void {
  if (owner.mode !== 'simulated')
    throw argumentError(
      `interface_uuid: ${owner.uuid} must be a simulated interface to route, its mode is ${owner.mode}`,
    )
  if (isPhysical(network))
    throw argumentError(
      `network_uuid: ${network.uuid} is physical; routes lead to virtual and internal networks only, so far`,
    )
}

function createRoute(input: InputOf<typeof create>, environment: ApiEnvironment): Row<'routes'> {
  const { state } = environment
  const uuid = freeUuid(environment, 'routes', input.uuid)
  const owner = find(state, 'interfaces', input.interface_uuid, 'interface_uuid')
  const network = find(state, 'networks', input.network_uuid, 'network_uuid')
  const routeLink = find(state, 'routeLinks', input.route_link_uuid, 'route_link_uuid')
  checkRouter(owner, network)
  const row = state.routes.insert({
    uuid,
    mode: 'gateway',
    interface_id: owner.id,
    route_link_id: routeLink.id,
    network_id: network.id,
    ...destinationOf(input),
    ingress: input.ingress ?? true,
    egress: input.egress ?? true,
  })
  settleRouteLinks(state, owner.id)
  return row
}

function deleteRoute(draft: Draft, route: Row<'routes'>): void {
  draft.routes.delete(route.id)
  settleRouteLinks(draft, route.interface_id)
}

export default api<ApiApp>({
  name: 'routes',
  path: routes.path,
  routes: (app) => {
    serve(app, create, (input, environment) => present(environment.state, createRoute(input, environment)))
    serve(app, list, (input, { state }) => pageOfTable(state.routes, input, (row) => present(state, row)))
    serve(app, show, ({ uuid }, { state }) => present(state, find(state, 'routes', uuid)))
    serve(app, remove, ({ uuid }, { state }) => {
      deleteRoute(state, find(state, 'routes', uuid))
      return [uuid]
    })
  },
})
