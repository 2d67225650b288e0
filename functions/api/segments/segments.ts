import { type ApiApp, type ApiEnvironment, answer, api, type InputOf, type Row, serve } from 'openvnet'
import { settle } from '../../state/settle.ts'
import { freeTunnelKey, takeTunnelKey } from '../../state/tunnel-keys.ts'
import { find, freeUuid } from '../common/find.ts'
import { deleteNetwork } from '../networks/networks.ts'
import { joinTopology } from '../topologies/join.ts'
import { segments } from './operations.ts'

const { pageOf } = answer
const { create, list, show, remove } = segments.operations

function createSegment(input: InputOf<typeof create>, environment: ApiEnvironment): Row<'segments'> {
  const uuid = freeUuid(environment, 'segments', input.uuid)
  const { state } = environment
  const row = state.segments.insert({
    uuid,
    mode: input.mode,
    tunnel_key_id: takeTunnelKey(state, 'segment', environment.now),
  })
  joinTopology(environment, 'segment', row.id, input.topology_uuid)
  return row
}

function deleteSegment(segment: Row<'segments'>, { state: draft, now }: ApiEnvironment): void {
  const members = draft.macLeases.many('segment', segment.id).flatMap((lease) => lease.interface_id ?? [])
  for (const network of [...draft.networks.many('segment', segment.id)]) deleteNetwork(draft, network, now)
  draft.segments.delete(segment.id)
  freeTunnelKey(draft, segment.tunnel_key_id, now)
  // The leases went with the segment: their interfaces may have left other networks by that.
  settle(draft, new Set(members))
}

export default api<ApiApp>({
  name: 'segments',
  path: segments.path,
  routes: (app) => {
    serve(app, create, createSegment)
    serve(app, list, (input, { state }) => pageOf(state.segments, input))
    serve(app, show, ({ uuid }, { state }) => find(state, 'segments', uuid))
    serve(app, remove, ({ uuid }, environment) => {
      deleteSegment(find(environment.state, 'segments', uuid), environment)
      return [uuid]
    })
  },
})
