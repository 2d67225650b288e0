/** The physical side of a datapath: how it reaches other datapaths. */
import type { State } from 'openvnet'
import { type Domain, networkDomain } from '../state/domains.ts'
import { carrierOf, physicalLeases } from '../state/host-interfaces.ts'
import { hasPeers, isPhysical, type Network } from '../state/networks.ts'
import { type IpLease, portOn } from './places.ts'

/** How one datapath sends to another in a network or segment. */
export interface Link {
  /** As it is over the physical network that both are in, or encapsulated. */
  readonly kind: 'wire' | 'tunnel'
  /** Our host interface. */
  readonly interfaceId: number
  readonly localAddress: number
  readonly peerAddress: number
  /** Under this MAC a broadcast of the network reaches the peer over the wire, and what the peer has routed comes. */
  readonly peerMac: number
  /** The same of our own. */
  readonly localMac: number
}

interface End {
  readonly interfaceId: number
  readonly mac: number
  readonly lease: IpLease
}

/** A datapath's relation to a network or segment. */
export const relationOf = (state: State, datapathId: number, { kind, id }: Pick<Domain, 'kind' | 'id'>) =>
  kind === 'network'
    ? state.datapathNetworks.one('pair', datapathId, id)
    : state.datapathSegments.one('pair', datapathId, id)

/** Where a datapath takes part in a domain: the host interface and address that its relation to it names. */
function endOf(state: State, datapathId: number, domain: Pick<Domain, 'kind' | 'id'>): End | undefined {
  const row = relationOf(state, datapathId, domain)
  if (row === undefined || row.interface_id === null) return undefined
  // Plugged in elsewhere: it carries nothing here until it comes.
  const places = state.activeInterfaces.many('interface', row.interface_id)
  if (places.length > 0 && !places.some((place) => place.datapath_id === datapathId)) return undefined
  const leases = physicalLeases(state, row.interface_id)
  const lease = leases.find(({ id }) => id === row.ip_lease_id) ?? leases[0]
  return lease && { interfaceId: row.interface_id, mac: row.mac_address, lease }
}

/** Undefined: the two are not linked in this domain. */
export function linkIn(
  state: State,
  datapathId: number,
  peerId: number,
  domain: Pick<Domain, 'kind' | 'id'>,
): Link | undefined {
  const ours = endOf(state, datapathId, domain)
  const theirs = ours && endOf(state, peerId, domain)
  if (ours === undefined || theirs === undefined) return undefined
  return {
    kind: ours.lease.network_id === theirs.lease.network_id ? 'wire' : 'tunnel',
    interfaceId: ours.interfaceId,
    localAddress: ours.lease.ipv4_address,
    peerAddress: theirs.lease.ipv4_address,
    peerMac: theirs.mac,
    localMac: ours.mac,
  }
}

/** The same in a network. */
export const linkTo = (state: State, datapathId: number, peerId: number, networkId: number) =>
  linkIn(state, datapathId, peerId, { kind: 'network', id: networkId })

/**
 * The port by which frames of a network leave a datapath as they are, if any do: that of the physical network, or that
 * to datapaths which are in the same one.
 */
export function wirePortOf(state: State, datapathId: number, network: Network): number | undefined {
  if (isPhysical(network)) return carrierOf(state, datapathId, network.id)?.port
  return hasPeers(network) ? wirePortToPeers(state, datapathId, networkDomain(network)) : undefined
}

/** The port by which frames of a domain go to datapaths in the same physical network, if there are any. */
export function wirePortToPeers(state: State, datapathId: number, domain: Domain): number | undefined {
  const related =
    domain.kind === 'network'
      ? state.datapathNetworks.many('network', domain.id)
      : state.datapathSegments.many('segment', domain.id)
  for (const { datapath_id: peerId } of related) {
    const link = peerId === datapathId ? undefined : linkIn(state, datapathId, peerId, domain)
    if (link?.kind === 'wire') return portOn(state, link.interfaceId, datapathId)
  }
  return undefined
}
