/**
 * Who finds machines that nobody has leased an address to: in a network that may have such, one datapath asks for them by
 * ARP, and routers elsewhere send it what is for addresses that the state does not know.
 */
import type { State } from 'openvnet'
import { activeDatapaths, type Domain, networkDomain, segmentDomain, strangerPortsOf } from './domains.ts'
import { hasPeers, isPhysical, liesOn, type Network } from './networks.ts'

/** What carries the packets of a network, and so the questions: itself, or the segment that it lies on. */
export const domainOf = (state: State, network: Network): Domain =>
  liesOn(network) ? segmentDomain(state.segments.get(network.segment_id)!) : networkDomain(network)

/** The datapaths where a network may have such machines: behind a port with strangers; on a segment, behind any port. */
function placesOf(state: State, network: Network): number[] {
  if (isPhysical(network)) return []
  if (!liesOn(network))
    return strangerPortsOf(state, networkDomain(network)).map(({ datapathId }) => datapathId)
  const segment = state.segments.get(network.segment_id)!
  return segment.mode === 'physical' ? [] : activeDatapaths(state, segmentDomain(segment))
}

/**
 * The datapath that asks for addresses of a network on behalf of another; undefined: nobody does. A network that does not
 * stretch over datapaths is asked for by each for itself.
 */
export function seekerOf(state: State, datapathId: number, network: Network): number | undefined {
  const places = placesOf(state, network)
  if (!hasPeers(network)) return places.includes(datapathId) ? datapathId : undefined
  return places.length === 0 ? undefined : Math.min(...places)
}

/** Whose packets may come to routers of a network: its interfaces, and those of the segment that it lies on. */
export function* sendersIn(state: State, networkId: number): Generator<number> {
  for (const { interface_id } of state.interfaceNetworks.many('network', networkId)) yield interface_id
  const network = state.networks.get(networkId)
  if (network === undefined || !liesOn(network)) return
  for (const { interface_id } of state.interfaceSegments.many('segment', network.segment_id))
    yield interface_id
}

/** The networks that an interface may send to without an address of theirs: one with strangers behind it, or on a segment. */
export const guestNetworksOf = (state: State, interfaceId: number): number[] => [
  ...state.interfaceNetworks.many('interface', interfaceId).map(({ network_id }) => network_id),
  ...state.interfaceSegments
    .many('interface', interfaceId)
    .flatMap(({ segment_id }) => state.networks.many('segment', segment_id).filter(liesOn))
    .map(({ id }) => id),
]
