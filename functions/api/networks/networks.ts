import {
  type ApiApp,
  type ApiEnvironment,
  answer,
  api,
  argumentError,
  contains,
  type Draft,
  formatIpv4,
  type InputOf,
  maskOf,
  type Row,
  serve,
} from 'openvnet'
import { settleRouteLinks } from '../../state/route-links.ts'
import { settle } from '../../state/settle.ts'
import { freeTunnelKey, takeTunnelKey } from '../../state/tunnel-keys.ts'
import { interfacesOfPolicy } from '../../state/waiting.ts'
import { find, findOptional, freeUuid } from '../common/find.ts'
import { updateGiven } from '../common/given.ts'
import { joinTopology } from '../topologies/join.ts'
import { checkLeasesWithin, checkWithoutIpv6, ipv6SubnetOf } from './ipv6.ts'
import { networks } from './operations.ts'

const { pageOf } = answer
const { create, list, show, update, remove } = networks.operations

const usualPrefix = 24

/** Address and prefix. A flow that matches bits which its mask leaves out is refused by the switch. */
function subnetOf({ ipv4_network: { address, prefix }, ipv4_prefix }: InputOf<typeof create>) {
  if (prefix !== undefined && ipv4_prefix !== undefined && prefix !== ipv4_prefix)
    throw argumentError(`ipv4_prefix: ${ipv4_prefix} is not the /${prefix} of ipv4_network`)
  const bits = ipv4_prefix ?? prefix ?? usualPrefix
  if (bits === 0) throw argumentError('ipv4_network: the prefix must be 1 to 32 bits long')
  const masked = (address & maskOf(bits)) >>> 0
  if (masked !== address)
    throw argumentError(
      `ipv4_network: ${formatIpv4(address)} is no network address of a /${bits}, ${formatIpv4(masked)} is`,
    )
  if (contains(0xe000_0000, 3, address))
    throw argumentError(`ipv4_network: ${formatIpv4(address)} is not for hosts (224.0.0.0 and above)`)
  return { ipv4_network: address, ipv4_prefix: bits }
}

function createNetwork(input: InputOf<typeof create>, environment: ApiEnvironment): Row<'networks'> {
  const { state } = environment
  const uuid = freeUuid(environment, 'networks', input.uuid)
  const segment = findOptional(state, 'segments', input.segment_uuid, 'segment_uuid')
  const subnet = subnetOf(input)
  const mode = input.network_mode ?? input.mode ?? null
  const row = state.networks.insert({
    uuid,
    display_name: input.display_name,
    ...subnet,
    ...ipv6SubnetOf(input),
    mode,
    domain_name: input.domain_name ?? uuid.slice(uuid.indexOf('-') + 1),
    segment_id: segment?.id ?? null,
    encapsulation: input.encapsulation ?? null,
    tunnel_key_id: takeTunnelKey(state, 'network', environment.now),
  })
  joinTopology(environment, 'network', row.id, input.topology_uuid)
  return row
}

function updateNetwork(input: InputOf<typeof update>, { state }: ApiEnvironment): Row<'networks'> {
  const { uuid, ipv6_network, ipv6_prefix, ...changes } = input
  const network = find(state, 'networks', uuid)
  if (ipv6_network === null) {
    checkWithoutIpv6(state, network)
    return updateGiven(state.networks, network, { ...changes, ipv6_network: null, ipv6_prefix: null })
  }
  const subnet = ipv6SubnetOf({ ipv6_network, ipv6_prefix })
  if (subnet !== undefined) checkLeasesWithin(state, network, subnet)
  return updateGiven(state.networks, network, { ...changes, ...subnet })
}

/**
 * Deletes a network and gives up its tunnel key. Who waited for an address of it waits for another, or none; its router
 * interfaces leave the route links that they were in by it.
 */
export function deleteNetwork(draft: Draft, network: Row<'networks'>, now: number): void {
  const policies = draft.leasePolicyNetworks.many('network', network.id).map((row) => row.lease_policy_id)
  const routers = new Set(draft.routes.many('network', network.id).map((route) => route.interface_id))
  draft.networks.delete(network.id)
  freeTunnelKey(draft, network.tunnel_key_id, now)
  for (const id of routers) settleRouteLinks(draft, id)
  settle(
    draft,
    policies.flatMap((id) => interfacesOfPolicy(draft, id)),
  )
}

export default api<ApiApp>({
  name: 'networks',
  path: networks.path,
  routes: (app) => {
    serve(app, create, createNetwork)
    serve(app, list, (input, { state }) => pageOf(state.networks, input))
    serve(app, show, ({ uuid }, { state }) => find(state, 'networks', uuid))
    serve(app, update, updateNetwork)
    serve(app, remove, ({ uuid }, { state, now }) => {
      deleteNetwork(state, find(state, 'networks', uuid), now)
      return [uuid]
    })
  },
})
