/** What spans a datapath: networks, segments and route links, by the same operations. */
import { type answer, parameter } from 'openvnet'
import type { SpanKind } from '../../state/spans.ts'
import { type ModelTable, uuidOf } from '../common/models.ts'
import { relation } from '../common/relation.ts'
import { network } from '../networks/present.ts'
import { routeLink } from '../route_links/present.ts'
import { segment } from '../segments/present.ts'
import { datapathNetwork, datapathRouteLink, datapathSegment } from './present.ts'

const { described, mac, optional } = parameter

const carrier = {
  interface_uuid: described(
    uuidOf('interfaces'),
    'the host interface of the datapath that carries it: from when its port is there',
  ),
  mac_address: described(
    optional(mac),
    'the address of its broadcasts to this datapath where they are not encapsulated; made up where it is not given',
  ),
  mac_range_group_uuid: described(
    optional(uuidOf('macRangeGroups')),
    'the group that this address is taken from where mac_address is not given',
  ),
}

interface Kind {
  readonly to: ModelTable
  readonly name: string
  readonly answers: answer.Shape<never, object>
  readonly items: answer.Shape<never, object>
}

const spanRelation = (word: SpanKind, { to, name, answers, items }: Kind) =>
  relation({
    ...{ of: 'datapaths', to, name, key: `${word}_uuid`, parameters: carrier, answers, items },
    summaries: {
      add: `Lets a ${word.replace('_', ' ')} span a datapath.`,
      list: `Lists the ${name.replace('_', ' ')} that span a datapath.`,
      remove: `Takes a ${word.replace('_', ' ')} off a datapath that was added by hand; a topology takes off its own.`,
    },
    refusals: { add: ['AddressInUse'], remove: ['DeleteRestrictionError'] },
  })

export const spanRelations = {
  network: spanRelation('network', {
    ...{ to: 'networks', name: 'networks', answers: datapathNetwork, items: network },
  }),
  segment: spanRelation('segment', {
    ...{ to: 'segments', name: 'segments', answers: datapathSegment, items: segment },
  }),
  route_link: spanRelation('route_link', {
    ...{ to: 'routeLinks', name: 'route_links', answers: datapathRouteLink, items: routeLink },
  }),
} as const
