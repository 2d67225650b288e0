import {
  type ApiApp,
  type ApiEnvironment,
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
import { find, findOptional, freeUuid, unknownUuid } from '../common/find.ts'
import { given } from '../common/given.ts'
import { pageOfTable } from '../common/present.ts'
import { networks } from './operations.ts'
import { presentNetwork } from './present.ts'

const { create, list, show, update, remove } = networks.operations

/** A flow that matches bits which its mask leaves out is refused by the switch. */
function checkAddress(ipv4_network: number, ipv4_prefix: number) {
  const masked = (ipv4_network & maskOf(ipv4_prefix)) >>> 0
  if (masked !== ipv4_network)
    throw argumentError(
      `ipv4_network: ${formatIpv4(ipv4_network)} is no network address of a /${ipv4_prefix}, ${formatIpv4(masked)} is`,
    )
  if (contains(0xe000_0000, 3, ipv4_network))
    throw argumentError(`ipv4_network: ${formatIpv4(ipv4_network)} is not for hosts (224.0.0.0 and above)`)
}

function createNetwork(input: InputOf<typeof create>, environment: ApiEnvironment): Row<'networks'> {
  const { state } = environment
  const uuid = freeUuid(environment, 'networks', input.uuid)
  const segment = findOptional(state, 'segments', input.segment_uuid, 'segment_uuid')
  if (input.topology_uuid !== undefined) throw unknownUuid('Topology', 'topology_uuid', input.topology_uuid)
  checkAddress(input.ipv4_network, input.ipv4_prefix)
  return state.networks.insert({
    uuid,
    display_name: input.display_name,
    ipv4_network: input.ipv4_network,
    ipv4_prefix: input.ipv4_prefix,
    mode: input.network_mode ?? input.mode ?? null,
    domain_name: input.domain_name ?? uuid.slice(uuid.indexOf('-') + 1),
    segment_id: segment?.id ?? null,
    encapsulation: input.encapsulation ?? null,
    tunnel_key_id: state.tunnelKeys.insert({ kind: 'network' }).id,
  })
}

/** Deletes a network and the tunnel key that was its own. */
export function deleteNetwork(draft: Draft, network: Row<'networks'>): void {
  draft.networks.delete(network.id)
  draft.tunnelKeys.delete(network.tunnel_key_id)
}

export default api<ApiApp>({
  name: 'networks',
  path: networks.path,
  routes: (app) => {
    serve(app, create, (input, environment) => presentNetwork(createNetwork(input, environment)))
    serve(app, list, (input, { state }) => pageOfTable(state.networks, input, presentNetwork))
    serve(app, show, (input, { state }) => presentNetwork(find(state, 'networks', input.uuid)))
    serve(app, update, ({ uuid, ...changes }, { state }) =>
      presentNetwork(state.networks.update(find(state, 'networks', uuid).id, given(changes))),
    )
    serve(app, remove, ({ uuid }, { state }) => {
      deleteNetwork(state, find(state, 'networks', uuid))
      return [uuid]
    })
  },
})
