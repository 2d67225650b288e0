/**
 * Topologies make and remove what spans datapaths: `datapath_networks`, `_segments` and `_route_links` follow from them.
 * Whatever changes a topology settles the pairs that it touched in the same draft. Rows made by hand are left alone, and
 * where several topologies ask for the same, the row stays with the one that has it.
 */
import type { Draft, Row } from 'openvnet'
import { freeMac, freeMacOfGroup } from './macs.ts'
import { addSpan, type Span, spanKinds, spansIn } from './spans.ts'
import { membersIn, type Pair, pairsOfNoGroup } from './topology-pairs.ts'

/** What addresses are made with. */
export interface Means {
  readonly state: Draft
  random(): number
}

/** Many pairs that are settled together. */
interface Settling extends Means {
  /** Groups that were found to have no free address: they are looked through once. */
  readonly exhausted: Set<number>
}

/** That a topology wants a pair. */
interface Claim {
  readonly topology_id: number
  /** Null: the topology has the datapath itself. */
  readonly topology_layer_id: number | null
  readonly carrier: Row<'topologyDatapaths'>
}

/** Who wants a pair, the oldest membership first. */
function claimsOn(draft: Draft, { kind, datapathId, objectId }: Pair): Claim[] {
  return membersIn(draft, kind)
    .many(spanKinds[kind].index, objectId)
    .flatMap(({ topology_id }) =>
      [
        { underlay_id: topology_id, layer: null },
        ...draft.topologyLayers
          .many('overlay', topology_id)
          .map(({ underlay_id, id }) => ({ underlay_id, layer: id })),
      ].flatMap(({ underlay_id, layer }) => {
        const carrier = draft.topologyDatapaths.one('pair', underlay_id, datapathId)
        return carrier === undefined ? [] : [{ topology_id, topology_layer_id: layer, carrier }]
      }),
    )
}

type Address = Pick<Span, 'mac_address' | 'topology_mac_range_group_id'>

/** What the row has, if that is of a group of the underlay; else one of those groups, the newest first; else any. */
function addressOf(
  { state, random, exhausted }: Settling,
  { carrier }: Claim,
  present: Span | undefined,
): Address {
  const groups = state.topologyMacRangeGroups.many('topology', carrier.topology_id)
  if (present !== undefined && groups.some(({ id }) => id === present.topology_mac_range_group_id))
    return present
  for (const { id, mac_range_group_id } of groups.toReversed()) {
    const mac_address = exhausted.has(mac_range_group_id)
      ? undefined
      : freeMacOfGroup(state, mac_range_group_id, () => random())
    if (mac_address !== undefined) return { mac_address, topology_mac_range_group_id: id }
    exhausted.add(mac_range_group_id)
  }
  const mac_address = present?.mac_address ?? freeMac(state, () => random())
  return { mac_address, topology_mac_range_group_id: null }
}

function settlePair(means: Settling, pair: Pair): void {
  const { kind, datapathId, objectId } = pair
  const spans = spansIn(means.state, kind)
  const present = spans.one('pair', datapathId, objectId)
  if (present !== undefined && present.topology_id === null) return
  const claims = claimsOn(means.state, pair)
  const own = claims.find(
    (claim) =>
      claim.topology_id === present?.topology_id && claim.topology_layer_id === present.topology_layer_id,
  )
  const claim = own ?? claims[0]
  if (claim === undefined) {
    if (present !== undefined) spans.delete(present.id)
    return
  }
  const { topology_id, topology_layer_id, carrier } = claim
  const { interface_id, ip_lease_id } = carrier
  const { mac_address, topology_mac_range_group_id } = addressOf(means, claim, present)
  const source = { topology_id, topology_layer_id, topology_mac_range_group_id }
  const wanted = { interface_id, ip_lease_id, mac_address, ...source }
  if (present === undefined) addSpan(means.state, kind, objectId, { datapath_id: datapathId, ...wanted })
  else updateChanged(spans, present, wanted)
}

/** Of many rows at once the database has less to do where only what changes is said. */
function updateChanged(spans: ReturnType<typeof spansIn>, present: Span, wanted: Partial<Span>): void {
  const changed = Object.entries(wanted).filter(([key, value]) => present[key as keyof Span] !== value)
  if (changed.length > 0) spans.update(present.id, Object.fromEntries(changed))
}

/** Brings pairs of datapaths and what spans them in line with the topologies. */
export function settleSpans(means: Means, pairs: Iterable<Pair>): void {
  const settling = { state: means.state, random: () => means.random(), exhausted: new Set<number>() }
  for (const pair of [...pairs]) settlePair(settling, pair)
}

/** Brings in line what has to do with addresses of a range group: it was given a range. */
export function settleMacRangeGroup(means: Means, groupId: number): void {
  const { state } = means
  for (const { topology_id } of state.topologyMacRangeGroups.many('group', groupId))
    settleSpans(means, pairsOfNoGroup(state, topology_id))
}
