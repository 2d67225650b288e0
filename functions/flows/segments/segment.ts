/**
 * A segment on a datapath: its interfaces, its peers, its broadcast. Whatever a frame carries, it goes by MAC address.
 * Broadcasts cross the wire as copies under the MAC of the peer's relation to the segment. Frames for other groups, and
 * for MACs that nobody knows, would lose that address by it: they go encapsulated.
 */
import { broadcastMac, cookieOf, type Flow, type FlowFunction, maskOf, type State } from 'openvnet'
import { hasStrangers, type Segment, segmentDomain } from '../../state/domains.ts'
import { liesOn } from '../../state/networks.ts'
import { features, pipeline } from '../pipeline.ts'
import { multicast } from '../places.ts'
import { relationOf } from '../underlay.ts'
import { physicalSegment } from './physical-segment.ts'

/** Over the wire a broadcast comes as a copy for this datapath; real ones of peers are announcements for physical switches. */
function wireFlows(state: State, datapathId: number, segment: Segment, cookie: bigint): Flow[] {
  const relation = relationOf(state, datapathId, segmentDomain(segment))
  if (relation === undefined) return []
  const match = { network: segment.tunnel_key_id, origin: 'peerByWire' } as const
  return [
    pipeline.flow('segment', {
      cookie,
      priority: 110,
      match: { ...match, eth_dst: relation.mac_address },
      steps: [{ set: 'eth_dst', to: broadcastMac }],
      goto: 'flood',
    }),
    pipeline.flow('segment', { cookie, priority: 90, match: { ...match, eth_dst: multicast }, drop: true }),
  ]
}

/** What is for all, and what is for nobody whom the state knows. */
function toMany(segment: Segment, cookie: bigint, strangers: boolean): Flow[] {
  const network = segment.tunnel_key_id
  const encapsulate = { set: 'encapsulate', to: 'yes' } as const
  const groups = { ...{ cookie, priority: 70 }, match: { network, eth_dst: multicast } }
  return [
    pipeline.flow('segment', {
      cookie,
      priority: 80,
      match: { network, eth_dst: broadcastMac },
      goto: 'flood',
    }),
    pipeline.flow('segment', { ...groups, steps: [encapsulate], goto: 'flood' }),
    ...(strangers
      ? []
      : [
          pipeline.flow('segment', {
            cookie,
            priority: 20,
            match: { network, origin: 'peerByWire' },
            drop: true,
          }),
          pipeline.flow('segment', {
            cookie,
            priority: 10,
            match: { network },
            steps: [encapsulate],
            goto: 'unknown',
          }),
        ]),
  ]
}

/** From the segment: what is for a network on it takes part in that, the rest stays. */
function admission(state: State, segment: Segment, cookie: bigint): Flow[] {
  const match = { network: segment.tunnel_key_id, origin: 'local', admitted: 'yes' } as const
  // Of two with the same addresses it is the older one.
  const networks = new Map(
    state.networks
      .many('segment', segment.id)
      .filter(liesOn)
      .toReversed()
      .map((network) => [`${network.ipv4_network}/${network.ipv4_prefix}`, network]),
  )
  return [
    pipeline.flow('admission', { cookie, priority: 10, match, goto: 'segment' }),
    ...[...networks.values()].flatMap((network) => {
      const { ipv4_network: value, ipv4_prefix: prefix, tunnel_key_id: to } = network
      const subnet = prefix === 32 ? value : { value, mask: maskOf(prefix) }
      const head = { cookie, priority: 50 + prefix, steps: [{ set: 'network', to } as const] }
      return [
        pipeline.flow('admission', { ...head, match: { ...match, ipv4_dst: subnet }, goto: 'service' }),
        pipeline.flow('admission', { ...head, match: { ...match, arp_tpa: subnet }, goto: 'arp' }),
      ]
    }),
  ]
}

/** The object is the segment. */
export const segment: FlowFunction = ({ datapathId, objectId: segmentId }, state) => {
  const row = state.segments.get(segmentId)
  if (row === undefined) return { flows: [] }
  const cookie = cookieOf(features.segment, segmentId)
  const unit = (feature: string, objectId: number) => ({ feature, datapathId, objectId })
  const networks = state.networks.many('segment', segmentId).filter(liesOn)
  const stations = state.interfaceSegments.many('segment', segmentId)
  const lists = [{ feature: 'station', objectIds: stations.map(({ id }) => id) }]
  if (row.mode === 'physical')
    return {
      flows: physicalSegment(state, datapathId, row, cookie),
      children: [unit('segmentFlood', segmentId)],
      lists,
    }
  return {
    flows: [
      ...wireFlows(state, datapathId, row, cookie),
      ...toMany(row, cookie, hasStrangers(state, segmentDomain(row))),
      ...admission(state, row, cookie),
    ],
    children: [
      ...['segmentFlood', 'segmentPeers', 'segmentStrangers'].map((feature) => unit(feature, segmentId)),
      unit('unknownFromPeers', datapathId),
      ...networks.map(({ id }) => unit('seekerReplies', id)),
    ],
    lists,
  }
}
