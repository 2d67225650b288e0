/** What is in a topology: by kind, the same operations. */
import { type answer, type Entries, parameter } from 'openvnet'
import { type ModelTable, uuidOf } from '../common/models.ts'
import { relation } from '../common/relation.ts'
import {
  topology,
  topologyDatapath,
  topologyLayer,
  topologyMacRangeGroup,
  topologyNetwork,
  topologyRouteLink,
  topologySegment,
} from './present.ts'

const { described, optional } = parameter

interface Kind<P extends Entries> {
  readonly to: ModelTable
  readonly name: string
  readonly key: string
  /** What adding does, and what is listed. */
  readonly add: string
  readonly list: string
  readonly remove: string
  readonly parameters: P
  readonly answers: answer.Shape<never, object>
  /** What is listed, where that is not what adding answers. */
  readonly items?: answer.Shape<never, object>
}

const of = <const P extends Entries>({ add, list, remove, items, ...kind }: Kind<P>) =>
  relation({ of: 'topologies', ...kind, items: items ?? kind.answers, summaries: { add, list, remove } })

const member = (to: ModelTable, word: string, answers: answer.Shape<never, object>) =>
  of({
    ...{ to, name: `${word}s`, key: `${word}_uuid`, parameters: {}, answers },
    add: `Puts a ${word.replace('_', ' ')} into a topology: it spans the datapaths of that from then on.`,
    list: `Lists the ${word.replace('_', ' ')}s in a topology.`,
    remove: `Takes a ${word.replace('_', ' ')} off a topology, and so off the datapaths of that.`,
  })

/** Networks, segments and route links. */
export const memberRelations = {
  network: member('networks', 'network', topologyNetwork),
  segment: member('segments', 'segment', topologySegment),
  route_link: member('routeLinks', 'route_link', topologyRouteLink),
} as const

const hostAddress = described(
  optional(uuidOf('ipLeases')),
  'which address of the host interface: where tunnels end; its first where none is given',
)

export const otherRelations = {
  datapath: of({
    ...{ to: 'datapaths', name: 'datapaths', key: 'datapath_uuid', answers: topologyDatapath },
    add: 'Adds a datapath to an underlay.',
    list: 'Lists the datapaths of an underlay.',
    remove: 'Takes a datapath off an underlay, and so what spans it by that.',
    parameters: {
      interface_uuid: described(
        uuidOf('interfaces'),
        'the host interface of the datapath: from when its port is there',
      ),
      ip_lease_uuid: hostAddress,
    },
  }),
  mac_range_group: of({
    ...{ to: 'macRangeGroups', name: 'mac_range_groups', key: 'mac_range_group_uuid' },
    ...{ parameters: {}, answers: topologyMacRangeGroup },
    add: 'Lets an underlay, and what lies on it, take MAC addresses of a group.',
    list: 'Lists the groups of MAC ranges of an underlay.',
    remove: 'Takes a group of MAC ranges off an underlay; what had addresses of it gets others.',
  }),
  underlay: of({
    ...{ to: 'topologies', name: 'underlays', key: 'underlay_uuid' },
    ...{ parameters: {}, answers: topologyLayer, items: topology },
    add: 'Lays an overlay on an underlay: what is in it spans the datapaths of that.',
    list: 'Lists the underlays that an overlay lies on.',
    remove: 'Takes an overlay off an underlay, and so what is in it off the datapaths of that.',
  }),
} as const

/** A host interface of the datapath, and one of its addresses, or another. */
export const carrierChange = {
  interface_uuid: described(optional(uuidOf('interfaces')), 'another host interface of the datapath'),
  ip_lease_uuid: hostAddress,
}
