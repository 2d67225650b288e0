/** What is in topologies beside datapaths: networks, segments, route links; groups of MAC ranges; and their layers. */
import type { ApiApp } from 'openvnet'
import { sizeOfMacGroup } from '../../state/macs.ts'
import { allSpanKinds } from '../../state/spans.ts'
import { settleSpans } from '../../state/topologies.ts'
import {
  addMember,
  membersIn,
  pairsOfLayer,
  pairsOfNoGroup,
  pairsOfObject,
  presentPairs,
} from '../../state/topology-pairs.ts'
import { find } from '../common/find.ts'
import { serveRelation } from '../common/relation.ts'
import { checkMode } from './mode.ts'
import { memberRelations, otherRelations } from './relations.ts'

export function serveMembers(app: ApiApp): void {
  for (const kind of allSpanKinds)
    serveRelation(app, memberRelations[kind], {
      has: (state, one, other) => membersIn(state, kind).one('pair', one.id, other.id) !== undefined,
      add: ({ one, other, environment }) => {
        const row = addMember(environment.state, one.id, kind, other.id)
        settleSpans(environment, pairsOfObject(environment.state, one.id, kind, other.id))
        return row
      },
      remove: ({ one, other, environment }) => {
        const members = membersIn(environment.state, kind)
        members.delete(members.one('pair', one.id, other.id)!.id)
        settleSpans(environment, pairsOfObject(environment.state, one.id, kind, other.id))
      },
      list: (state, one) => membersIn(state, kind).many('topology', one.id),
    })
}

export function serveMacRangeGroups(app: ApiApp): void {
  serveRelation(app, otherRelations.mac_range_group, {
    has: (state, one, other) => state.topologyMacRangeGroups.one('pair', one.id, other.id) !== undefined,
    add: ({ one, other, environment }) => {
      const { state } = environment
      checkMode(one, 'simple_underlay', 'groups of MAC ranges')
      const row = state.topologyMacRangeGroups.insert({ topology_id: one.id, mac_range_group_id: other.id })
      // Nothing has an address of it before it has a range, which settles them, too.
      if (sizeOfMacGroup(state, other.id) > 0) settleSpans(environment, pairsOfNoGroup(state, one.id))
      return row
    },
    remove: ({ one, other, environment }) => {
      const { state } = environment
      const { id } = state.topologyMacRangeGroups.one('pair', one.id, other.id)!
      const pairs = presentPairs(state, 'macRangeGroup', id)
      state.topologyMacRangeGroups.delete(id)
      settleSpans(environment, pairs)
    },
    list: (state, one) => state.topologyMacRangeGroups.many('topology', one.id),
  })
}

export function serveLayers(app: ApiApp): void {
  serveRelation(app, otherRelations.underlay, {
    has: (state, one, other) => state.topologyLayers.one('pair', one.id, other.id) !== undefined,
    add: ({ one, other, environment }) => {
      const { state } = environment
      checkMode(one, 'simple_overlay', 'underlays')
      const underlay = find(state, 'topologies', other.uuid)
      checkMode(underlay, 'simple_underlay', 'overlays', 'underlay_uuid')
      const row = state.topologyLayers.insert({ overlay_id: one.id, underlay_id: other.id })
      settleSpans(environment, pairsOfLayer(state, one.id, other.id))
      return row
    },
    remove: ({ one, other, environment }) => {
      const { state } = environment
      const { id } = state.topologyLayers.one('pair', one.id, other.id)!
      const pairs = presentPairs(state, 'layer', id)
      state.topologyLayers.delete(id)
      settleSpans(environment, pairs)
    },
    list: (state, one) =>
      state.topologyLayers.many('overlay', one.id).map((row) => state.topologies.get(row.underlay_id)!),
  })
}
