/** The physical side of a datapath: its host interfaces, and how it reaches other datapaths. */
import type { State } from 'openvnet'
import { type Domain, networkDomain } from '../state/domains.ts'
import { hasPeers, isPhysical, type Network } from '../state/networks.ts'
import { type IpLease, portOn } from './places.ts'

/** A host interface that is plugged in: a physical port with the host's own stack behind it. */
export interface HostInterface {
  readonly interfaceId: number
  readonly port: number
  readonly portName: string | null
  /** The physical network that it is in. */
  readonly network: Network | undefined
}

/** The host interfaces of a datapath, oldest first. */
export function hostInterfacesOn(state: State, datapathId: number): HostInterface[] {
  return state.interfaces.many('mode', 'host').flatMap(({ id }) => {
    const place = state.activeInterfaces.one('pair', id, datapathId)
    if (place === undefined || place.port_number === null) return []
    const { port_number: port, port_name: portName } = place
    return [{ interfaceId: id, port, portName, network: physicalNetworkOf(state, id) }]
  })
}

const physicalLeases = (state: State, interfaceId: number): IpLease[] =>
  state.ipLeases.many('interface', interfaceId).filter((lease) => {
    const network = state.networks.get(lease.network_id)
    return network !== undefined && isPhysical(network)
  })

const physicalNetworkOf = (state: State, interfaceId: number) => {
  const lease = physicalLeases(state, interfaceId)[0]
  return lease && state.networks.get(lease.network_id)
}

/**
 * The host interface that carries a physical network on a datapath. A second one in the same network would close a
 * loop: its frames are the host's alone.
 */
export const carrierOf = (state: State, datapathId: number, networkId: number) =>
  hostInterfacesOn(state, datapathId).find((host) => host.network?.id === networkId)

/** The host on a physical network: its port, and what it is known by there. */
export interface HostAddress {
  readonly port: number
  readonly mac: number
  readonly ipv4: number
}

/** Undefined: the datapath does not carry the network, or its host interface has no address there. */
export function hostAddressIn(state: State, datapathId: number, networkId: number): HostAddress | undefined {
  const carrier = carrierOf(state, datapathId, networkId)
  if (carrier === undefined) return undefined
  const leases = state.ipLeases.many('interface', carrier.interfaceId)
  const lease = leases.find(({ network_id, ipv4_address }) => network_id === networkId && ipv4_address !== 0)
  const mac = lease?.mac_lease_id == null ? undefined : state.macLeases.get(lease.mac_lease_id)?.mac_address
  return mac === undefined ? undefined : { port: carrier.port, mac, ipv4: lease!.ipv4_address }
}

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
