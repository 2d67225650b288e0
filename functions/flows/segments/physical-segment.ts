/**
 * A physical segment is the wire behind the host interface that is in it, as cabled: its machines are there under their
 * own MAC addresses, with those that nobody knows. Where that host interface carries a physical network, the segment is
 * the same wire, and its frames are in that network.
 */
import { type Flow, localPort, type State } from 'openvnet'
import type { Segment } from '../../state/domains.ts'
import { isFiltered } from '../../state/filtering.ts'
import { carrierOf, type HostInterface, hostInterfacesOn } from '../../state/host-interfaces.ts'
import { isEndpoint } from '../../state/interfaces.ts'
import type { Network } from '../../state/networks.ts'
import { shortPort } from '../meters.ts'
import { segmentAntiSpoof } from '../networks/anti-spoof.ts'
import { pipeline } from '../pipeline.ts'
import type { MacLease } from '../places.ts'

/** The segment that a host interface carries: its oldest, where it is physical. */
export function segmentCarriedBy(state: State, interfaceId: number): Segment | undefined {
  const first = state.interfaceSegments.many('interface', interfaceId)[0]
  const segment = first && state.segments.get(first.segment_id)
  return segment?.mode === 'physical' ? segment : undefined
}

interface Wire {
  /** What frames of the segment carry in their register here: the key of the physical network, or its own. */
  readonly key: number
  readonly network: Network | undefined
  /** Undefined: the segment ends at this datapath. */
  readonly carrier: HostInterface | undefined
}

export function wireOf(state: State, datapathId: number, segment: Segment): Wire {
  const carrier = hostInterfacesOn(state, datapathId).find(
    ({ interfaceId }) => segmentCarriedBy(state, interfaceId)?.id === segment.id,
  )
  const network = carrier?.network
  const carries =
    network !== undefined && carrierOf(state, datapathId, network.id)?.interfaceId === carrier?.interfaceId
  return carries
    ? { key: network.tunnel_key_id, network, carrier }
    : { key: segment.tunnel_key_id, network: undefined, carrier }
}

/** What is not known is on the wire, or is the host. */
export function physicalSegment(state: State, datapathId: number, segment: Segment, cookie: bigint): Flow[] {
  const { key, network, carrier } = wireOf(state, datapathId, segment)
  if (network !== undefined || carrier === undefined) return []
  const macs = state.macLeases.many('interface', carrier.interfaceId)
  return [
    pipeline.flow('destination', {
      cookie,
      priority: 10,
      match: { network: key },
      steps: [{ output: localPort }, { output: carrier.port }],
    }),
    ...macs.map(({ mac_address }) =>
      pipeline.flow('destination', {
        cookie,
        priority: 100,
        match: { network: key, eth_dst: mac_address },
        steps: [{ output: localPort }],
      }),
    ),
  ]
}

interface Plugged {
  readonly cookie: bigint
  readonly interfaceId: number
  readonly port: number
}

/** A machine here. Who has addresses in the physical network is delivered to by that. */
export function physicalStation(
  state: State,
  datapathId: number,
  segment: Segment,
  { cookie, interfaceId, port }: Plugged,
  mac: MacLease,
): Flow[] {
  const { key, network } = wireOf(state, datapathId, segment)
  const isMember = state.ipLeases.many('macLease', mac.id).some((lease) => lease.network_id === network?.id)
  if (isMember) return []
  return [
    ...segmentAntiSpoof(state, { cookie, interfaceId, network: key }, mac, 'arp'),
    pipeline.flow('destination', {
      cookie,
      priority: 100,
      match: { network: key, eth_dst: mac.mac_address },
      steps: [
        { set: 'outInterface', to: interfaceId },
        { set: 'outPort', to: shortPort(port) },
      ],
      goto: 'output',
    }),
    // Nobody on the wire poses as a machine that is here.
    pipeline.flow('fromPhysical', {
      cookie,
      priority: 100,
      match: { network: key, eth_src: mac.mac_address },
      drop: true,
    }),
  ]
}

/** The interfaces of physical segments that are the wire of a physical network here, beside those of the network. */
export function stationsOnWire(state: State, datapathId: number, network: Network): number[] {
  const carrier = carrierOf(state, datapathId, network.id)
  const segment = carrier && segmentCarriedBy(state, carrier.interfaceId)
  if (segment === undefined) return []
  return state.interfaceSegments
    .many('segment', segment.id)
    .map(({ interface_id }) => interface_id)
    .filter((id) => {
      const iface = state.interfaces.get(id)
      return iface !== undefined && isEndpoint(iface.mode) && !isFiltered(iface)
    })
}
