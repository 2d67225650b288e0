/** The services of a network: simulated interfaces in it, with an address, that answer for something. */
import type { ServiceMode, State } from 'openvnet'

export interface Server {
  readonly mac: number
  readonly ipv4: number
}

function addressIn(state: State, interfaceId: number, networkId: number): Server | undefined {
  for (const lease of state.ipLeases.many('interface', interfaceId)) {
    // 0.0.0.0 stands for an address that is not known.
    if (lease.network_id !== networkId || lease.mac_lease_id === null || lease.ipv4_address === 0) continue
    const mac = state.macLeases.get(lease.mac_lease_id)?.mac_address
    if (mac !== undefined) return { mac, ipv4: lease.ipv4_address }
  }
  return undefined
}

/** The simulated interfaces of a network, the oldest first. */
const simulatedIn = (state: State, networkId: number) =>
  state.interfaceNetworks.many('networkMode', networkId, 'simulated').map((row) => row.interface_id)

/** The interfaces that serve a mode (dhcp, dns) in a network, the oldest first. */
export const serversIn = (state: State, networkId: number, mode: ServiceMode): number[] =>
  simulatedIn(state, networkId).filter((interfaceId) =>
    state.networkServices.many('interface', interfaceId).some((service) => service.mode === mode),
  )

/** Who serves a mode in a network; the oldest that has an address there. */
export function serverOf(state: State, networkId: number, mode: ServiceMode): Server | undefined {
  for (const interfaceId of serversIn(state, networkId, mode)) {
    const server = addressIn(state, interfaceId, networkId)
    if (server !== undefined) return server
  }
  return undefined
}

/** The router of a network: its first simulated interface with routing. */
export function gatewayOf(state: State, networkId: number): Server | undefined {
  for (const interfaceId of simulatedIn(state, networkId)) {
    if (state.interfaces.get(interfaceId)?.enable_routing !== true) continue
    const router = addressIn(state, interfaceId, networkId)
    if (router !== undefined) return router
  }
  return undefined
}
