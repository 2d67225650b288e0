/** An interface in a segment, as this datapath sees it: here or on another datapath. It is known by its MAC alone. */
import { cookieOf, type Flow, type FlowFunction, type Row, type State } from 'openvnet'
import { hasStrangers, type Segment, segmentDomain } from '../../state/domains.ts'
import { isFiltered } from '../../state/filtering.ts'
import { isEndpoint } from '../../state/interfaces.ts'
import { shortPort } from '../meters.ts'
import { segmentAntiSpoof } from '../networks/anti-spoof.ts'
import { features, pipeline } from '../pipeline.ts'
import { elsewhere, type MacLease, networkOnSegment, portOn, vlanNone } from '../places.ts'
import { type Link, linkIn } from '../underlay.ts'
import { knownSender } from './learning.ts'
import { physicalStation } from './physical-segment.ts'

interface Station {
  readonly state: State
  readonly datapathId: number
  readonly segment: Segment
  readonly iface: Row<'interfaces'>
  readonly cookie: bigint
  readonly macs: readonly Row<'macLeases'>[]
}

function here({ state, datapathId, segment, iface, cookie, macs }: Station, port: number): Flow[] {
  const network = segment.tunnel_key_id
  const to = [
    { set: 'outInterface', to: iface.id } as const,
    { set: 'outPort', to: shortPort(port) } as const,
  ]
  const deliver = (mac: MacLease) => ({
    cookie,
    priority: 100,
    match: { network, eth_dst: mac.mac_address },
  })
  if (segment.mode === 'physical')
    return isFiltered(iface)
      ? []
      : macs.flatMap((mac) =>
          physicalStation(state, datapathId, segment, { cookie, interfaceId: iface.id, port }, mac),
        )
  if (!isFiltered(iface))
    return macs.flatMap((mac) => [
      ...segmentAntiSpoof(state, { cookie, interfaceId: iface.id, network }, mac),
      pipeline.flow('segment', { ...deliver(mac), steps: to, goto: 'output' }),
    ])
  // What decides what may reach it knows its networks, and nothing else of it passes.
  return macs.flatMap((mac) => {
    const of = networkOnSegment(state, mac, segment.id)
    if (of === undefined) return []
    const steps = [{ set: 'network', to: of.tunnel_key_id } as const, ...to]
    return [pipeline.flow('segment', { ...deliver(mac), steps, goto: 'toInterface' })]
  })
}

/** Over the wire a frame comes as the interface sent it: its MAC tells the segment, since MACs are unique. */
const fromWire = ({ segment, cookie, macs }: Station, { kind, interfaceId }: Link): Flow[] =>
  kind === 'tunnel'
    ? []
    : macs.map(({ mac_address }) =>
        pipeline.flow('wire', {
          cookie,
          priority: 90,
          match: { inInterface: interfaceId, vlan_vid: vlanNone, eth_src: mac_address },
          steps: [
            { set: 'network', to: segment.tunnel_key_id },
            { set: 'origin', to: 'peerByWire' },
          ],
          goto: 'segment',
        }),
      )

const there = ({ segment, cookie, macs }: Station, peerId: number): Flow[] =>
  macs.map(({ mac_address }) =>
    pipeline.flow('segment', {
      cookie,
      priority: 100,
      match: { network: segment.tunnel_key_id, eth_dst: mac_address },
      steps: [{ set: 'peer', to: peerId }],
      goto: 'toPeer',
    }),
  )

/** The object is a row of `interface_segments`. */
export const station: FlowFunction = ({ datapathId, objectId }, state) => {
  const row = state.interfaceSegments.get(objectId)
  const segment = row && state.segments.get(row.segment_id)
  const iface = row && state.interfaces.get(row.interface_id)
  if (segment === undefined || iface === undefined) return { flows: [] }
  if (!isEndpoint(iface.mode) && iface.mode !== 'remote') return { flows: [] }
  const cookie = cookieOf(features.station, objectId)
  const leases = state.macLeases.many('interface', iface.id)
  const macs = leases.filter((lease) => lease.segment_id === segment.id)
  const context = { state, datapathId, segment, iface, cookie, macs }
  const key = segment.tunnel_key_id
  const known = hasStrangers(state, segmentDomain(segment))
    ? macs.map(({ mac_address }) => knownSender(cookie, key, mac_address))
    : []
  const port = portOn(state, iface.id, datapathId)
  const peerId = segment.mode === 'physical' ? undefined : elsewhere(state, iface.id, datapathId)
  const link = peerId === undefined ? undefined : linkIn(state, datapathId, peerId, segmentDomain(segment))
  return {
    flows: [
      ...known,
      ...(port === undefined ? [] : here(context, port)),
      ...(port !== undefined || link === undefined ? [] : there(context, peerId!)),
      ...(link === undefined ? [] : fromWire(context, link)),
    ],
  }
}
