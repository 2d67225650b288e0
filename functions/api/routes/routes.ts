import {
  type ApiApp,
  type ApiEnvironment,
  ApiError,
  answer,
  api,
  argumentError,
  broadcastOf,
  containsIpv6,
  type Draft,
  formatIpv4,
  type InputOf,
  linkLocalIpv6,
  maskOf,
  type Row,
  serve,
} from 'openvnet'
import { isEndpoint } from '../../state/interfaces.ts'
import { settleRouteLinks } from '../../state/route-links.ts'
import { find, freeUuid } from '../common/find.ts'
import { prefixOf } from '../networks/ipv6.ts'
import { routes } from './operations.ts'

const { pageOf } = answer
const { create, list, show, remove } = routes.operations

const usualPrefix = 24

type IPv4Network = NonNullable<InputOf<typeof create>['ipv4_network']>

/** Address and prefix. A flow that matches bits which its mask leaves out is refused by the switch. */
function ipv4DestinationOf(given: IPv4Network, ipv4_prefix: number | undefined) {
  const { address, prefix } = given
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

/** Whom it lets in and where it leads to, of one family. */
function destinationOf(input: InputOf<typeof create>, network: Row<'networks'>) {
  const { ipv4_network, ipv4_prefix } = input
  const ipv6 = prefixOf(input, 0)
  if (ipv6 === undefined) {
    if (ipv4_network === undefined) throw new ApiError('MissingArgument', 'ipv4_network')
    return ipv4DestinationOf(ipv4_network, ipv4_prefix)
  }
  if (ipv4_network !== undefined)
    throw argumentError('ipv6_network: a route is for IPv4 or for IPv6; add one for each')
  if (network.ipv6_network === null)
    throw argumentError(`ipv6_network: ${network.uuid} has no ipv6_network; give it one first`)
  return ipv6
}

/** Nothing is accepted that would route nothing for ever. */
function checkRouter(owner: Row<'interfaces'>): void {
  if (owner.mode !== 'simulated' && !isEndpoint(owner.mode))
    throw argumentError(
      `interface_uuid: ${owner.uuid} must be a simulated interface or a machine to route, its mode is ${owner.mode}`,
    )
}

type Gateway = Pick<Row<'routes'>, 'ipv4_gateway' | 'ipv6_gateway'>

function checkIpv4Gateway(ipv4_gateway: number, { ipv4_network, ipv4_prefix, uuid }: Row<'networks'>): void {
  const mask = maskOf(ipv4_prefix)
  const isInside = (ipv4_gateway & mask) >>> 0 === (ipv4_network & mask) >>> 0
  const isReserved =
    ipv4_prefix < 31 && [ipv4_network, broadcastOf(ipv4_network, ipv4_prefix)].includes(ipv4_gateway)
  if (!isInside || isReserved)
    throw argumentError(
      `ipv4_gateway: ${formatIpv4(ipv4_gateway)} is no machine's address in ${uuid}, ${formatIpv4(ipv4_network)}/${ipv4_prefix}`,
    )
}

function checkIpv6Gateway(ipv6_gateway: string, network: Row<'networks'>): void {
  const { ipv6_network, ipv6_prefix, uuid, mode } = network
  const { network: linkLocal, prefix } = linkLocalIpv6
  // Routers of physical networks are known by their link-local addresses as well.
  if (mode === 'physical' && containsIpv6(linkLocal, prefix, ipv6_gateway)) return
  if (!containsIpv6(ipv6_network!, ipv6_prefix!, ipv6_gateway) || ipv6_gateway === ipv6_network)
    throw argumentError(
      `ipv6_gateway: ${ipv6_gateway} is no machine's address in ${uuid}, ${ipv6_network}/${ipv6_prefix}`,
    )
}

/** The next hop, which is in the network itself, and of the route's family: another route leads to any other. */
function gatewayOf(
  input: InputOf<typeof create>,
  owner: Row<'interfaces'>,
  network: Row<'networks'>,
  isIpv6: boolean,
): Gateway {
  const { ipv4_gateway, ipv6_gateway } = input
  const [own, other] = isIpv6
    ? (['ipv6_gateway', 'ipv4_gateway'] as const)
    : (['ipv4_gateway', 'ipv6_gateway'] as const)
  if (input[other] !== undefined)
    throw argumentError(`${other}: the route is of the other family; give ${own}`)
  if (input[own] !== undefined && owner.mode !== 'simulated')
    throw argumentError(`${own}: ${owner.uuid} is a machine, and so the next hop itself`)
  if (ipv4_gateway !== undefined) checkIpv4Gateway(ipv4_gateway, network)
  if (ipv6_gateway !== undefined) checkIpv6Gateway(ipv6_gateway, network)
  return { ipv4_gateway: ipv4_gateway ?? null, ipv6_gateway: ipv6_gateway ?? null }
}

function createRoute(input: InputOf<typeof create>, environment: ApiEnvironment): Row<'routes'> {
  const { state } = environment
  const uuid = freeUuid(environment, 'routes', input.uuid)
  const owner = find(state, 'interfaces', input.interface_uuid, 'interface_uuid')
  const network = find(state, 'networks', input.network_uuid, 'network_uuid')
  const routeLink = find(state, 'routeLinks', input.route_link_uuid, 'route_link_uuid')
  checkRouter(owner)
  const destination = destinationOf(input, network)
  const row = state.routes.insert({
    uuid,
    mode: 'gateway',
    interface_id: owner.id,
    route_link_id: routeLink.id,
    network_id: network.id,
    ...destination,
    ...gatewayOf(input, owner, network, 'ipv6_network' in destination),
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
    serve(app, create, createRoute)
    serve(app, list, (input, { state }) => pageOf(state.routes, input))
    serve(app, show, ({ uuid }, { state }) => find(state, 'routes', uuid))
    serve(app, remove, ({ uuid }, { state }) => {
      deleteRoute(state, find(state, 'routes', uuid))
      return [uuid]
    })
  },
})
