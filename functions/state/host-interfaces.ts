/** The host interfaces of datapaths: physical ports with the host's own stack behind them, and the networks that they carry. */
import type { Row, State } from 'openvnet'
import { isPhysical, type Network } from './networks.ts'

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

export const physicalLeases = (state: State, interfaceId: number): Row<'ipLeases'>[] =>
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
