/** The datapaths of underlays, and the host interface that carries what is in a topology on each. */
import { type ApiApp, type ApiEnvironment, argumentError, type InputOf, type Row, serve } from 'openvnet'
import { settleSpans } from '../../state/topologies.ts'
import { pairsOfDatapath } from '../../state/topology-pairs.ts'
import { find, findOptional } from '../common/find.ts'
import { notRelated, serveRelation } from '../common/relation.ts'
import { checkCarrier } from '../datapaths/carrier.ts'
import { checkMode } from './mode.ts'
import { topologies } from './operations.ts'
import { otherRelations } from './relations.ts'

type Change = InputOf<typeof topologies.operations.updateDatapath>

/** The address must be the interface's own. Without one, its first counts, whenever it gets that. */
function carrierOf(
  { state }: ApiEnvironment,
  datapath: Row<'datapaths'>,
  carrier: Row<'interfaces'>,
  ip_lease_uuid: string | undefined,
) {
  checkCarrier(state, datapath, carrier)
  const given = findOptional(state, 'ipLeases', ip_lease_uuid, 'ip_lease_uuid')
  if (given !== undefined && given.interface_id !== carrier.id)
    throw argumentError(`ip_lease_uuid: ${given.uuid} is no address of ${carrier.uuid}`)
  const lease = given ?? state.ipLeases.many('interface', carrier.id)[0]
  return { interface_id: carrier.id, ip_lease_id: lease?.id ?? null }
}

function change(input: Change, environment: ApiEnvironment): Row<'topologyDatapaths'> {
  const { state } = environment
  const topology = find(state, 'topologies', input.uuid)
  const datapath = find(state, 'datapaths', input.datapath_uuid, 'datapath_uuid')
  const row = state.topologyDatapaths.one('pair', topology.id, datapath.id)
  if (row === undefined) throw notRelated({ uuid: input.uuid, datapath_uuid: input.datapath_uuid })
  const { interface_uuid, ip_lease_uuid } = input
  if (interface_uuid === undefined && ip_lease_uuid === undefined) return row
  const carrier =
    findOptional(state, 'interfaces', interface_uuid, 'interface_uuid') ??
    state.interfaces.get(row.interface_id)!
  const changed = state.topologyDatapaths.update(
    row.id,
    carrierOf(environment, datapath, carrier, ip_lease_uuid),
  )
  settleSpans(environment, pairsOfDatapath(state, topology.id, datapath.id))
  return changed
}

export function serveDatapaths(app: ApiApp): void {
  serve(app, topologies.operations.updateDatapath, change)
  serveRelation(app, otherRelations.datapath, {
    has: (state, one, other) => state.topologyDatapaths.one('pair', one.id, other.id) !== undefined,
    add: ({ one, other, environment }, input) => {
      const { state } = environment
      checkMode(one, 'simple_underlay', 'datapaths')
      const carrier = find(state, 'interfaces', input.interface_uuid, 'interface_uuid')
      const row = state.topologyDatapaths.insert({
        topology_id: one.id,
        datapath_id: other.id,
        ...carrierOf(environment, state.datapaths.get(other.id)!, carrier, input.ip_lease_uuid),
      })
      settleSpans(environment, pairsOfDatapath(state, one.id, other.id))
      return row
    },
    remove: ({ one, other, environment }) => {
      const { state } = environment
      state.topologyDatapaths.delete(state.topologyDatapaths.one('pair', one.id, other.id)!.id)
      settleSpans(environment, pairsOfDatapath(state, one.id, other.id))
    },
    list: (state, one) => state.topologyDatapaths.many('topology', one.id),
  })
}
