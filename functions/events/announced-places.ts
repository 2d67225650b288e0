/** Where the addresses of a VLAN's network, or of a router interface, are announced, and which those are. */
import type { Row, State } from 'openvnet'
import { carrierOf } from '../state/host-interfaces.ts'
import { isEndpoint } from '../state/interfaces.ts'
import { isPhysical } from '../state/networks.ts'
import { isLegacyMachine, type ServedVlan } from '../state/vlans.ts'
import { type Announced, type Audience, announcedBy } from './announcing.ts'

export function vlanAudience(state: State, vlan: ServedVlan): Audience {
  const { networkId, vlanId, port, datapathId } = vlan
  return { key: `vlan ${networkId} ${vlanId}`, dpid: state.datapaths.get(datapathId)!.dpid, port, vlanId }
}

/** Every MAC with an address in the network that is not behind legacy switches itself. */
export const addressesOfNetwork = (state: State, networkId: number): Announced[] =>
  state.interfaceNetworks
    .many('network', networkId)
    .flatMap(({ interface_id: id, interface_mode: mode }) =>
      (mode !== 'simulated' && !isEndpoint(mode)) || isLegacyMachine(state, id)
        ? []
        : announcedBy(state, id, networkId),
    )

/** Undefined: nobody speaks for it to a wire. */
export function routerAudience(state: State, row: Row<'activeRouters'>): Audience | undefined {
  const network = state.networks.get(row.network_id)
  if (!row.speaks || row.datapath_id === null || network === undefined || !isPhysical(network))
    return undefined
  const carrier = carrierOf(state, row.datapath_id, network.id)
  const datapath = state.datapaths.get(row.datapath_id)
  if (carrier === undefined || datapath === undefined) return undefined
  return { key: `router ${row.id}`, dpid: datapath.dpid, port: carrier.port, vlanId: null }
}

export const addressesOfRouter = (state: State, row: Row<'activeRouters'>): Announced[] =>
  announcedBy(state, row.interface_id, row.network_id)
