/** Networks, segments and route links that span a datapath by hand, and the host interface that carries them there. */
import { type ApiApp, type ApiEnvironment, ApiError, type InputOf } from 'openvnet'
import { freeMac } from '../../state/macs.ts'
import { addSpan, allSpanKinds, objectOf, type SpanKind, spanKinds, spansIn } from '../../state/spans.ts'
import { settleSpans } from '../../state/topologies.ts'
import { find, findOptional } from '../common/find.ts'
import { type Related, serveRelation } from '../common/relation.ts'
import { checkMac } from '../leases/addresses.ts'
import { macOfGroup } from '../leases/mac-ranges.ts'
import { checkCarrier } from './carrier.ts'
import { spanRelations } from './span-operations.ts'

type Input = Omit<InputOf<typeof spanRelations.network.add>, 'uuid'>

/** The given address, one of the given group, or any. */
function macOf({ state, random }: ApiEnvironment, request: Input): number {
  const group = findOptional(state, 'macRangeGroups', request.mac_range_group_uuid, 'mac_range_group_uuid')
  const given = request.mac_address ?? (group && macOfGroup(state, group, () => random()))
  if (given === undefined) return freeMac(state, () => random())
  checkMac(state, given)
  return given
}

const addTo = (kind: SpanKind, { one, other, environment }: Related<'datapaths'>, input: Input) => {
  const { state } = environment
  const carrier = find(state, 'interfaces', input.interface_uuid, 'interface_uuid')
  checkCarrier(state, one, carrier)
  return addSpan(state, kind, other.id, {
    datapath_id: one.id,
    interface_id: carrier.id,
    mac_address: macOf(environment, input),
    ip_lease_id: state.ipLeases.many('interface', carrier.id)[0]?.id ?? null,
    ...{ topology_id: null, topology_layer_id: null, topology_mac_range_group_id: null },
  })
}

/** What a topology has made, it would make again at once. Without the row, a topology may have its turn. */
function removeFrom(kind: SpanKind, { one, other, environment }: Related<'datapaths'>): void {
  const { state } = environment
  const spans = spansIn(state, kind)
  const span = spans.one('pair', one.id, other.id)!
  if (span.topology_id !== null) {
    const topology = state.topologies.get(span.topology_id)!
    throw new ApiError(
      'DeleteRestrictionError',
      `${other.uuid} spans ${one.uuid} by the topology ${topology.uuid}; take it or the datapath off that`,
    )
  }
  spans.delete(span.id)
  settleSpans(environment, [{ kind, datapathId: one.id, objectId: other.id }])
}

/** The routes of all that may span a datapath. */
export function serveSpans(app: ApiApp): void {
  for (const kind of allSpanKinds)
    serveRelation(app, spanRelations[kind], {
      has: (state, one, other) => spansIn(state, kind).one('pair', one.id, other.id) !== undefined,
      add: (related, input) => addTo(kind, related, input),
      remove: (related) => removeFrom(kind, related),
      list: (state, one) =>
        spansIn(state, kind)
          .many('datapath', one.id)
          .map((span) => state[spanKinds[kind].objects].get(objectOf(kind, span))!),
    })
}
