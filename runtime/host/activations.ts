/**
 * What comes to be at a datapath: a MAC address, where a port comes under an interface or an interface at a port gets a
 * MAC; a VLAN, where a trunk port begins to serve it; and a router interface, where the datapath begins to speak for it.
 */
import type { Change, Row, State } from '../../db/state/types.ts'
import type { EventOf } from '../openvnet/events.ts'

type Activation = EventOf<'mac-activated' | 'vlan-activated' | 'router-activated'>

function activationOf(
  state: State,
  place: Row<'activeInterfaces'>,
  macAddress: number,
): readonly Activation[] {
  const datapath = state.datapaths.get(place.datapath_id)
  if (datapath === undefined) return []
  return [{ type: 'mac-activated', dpid: datapath.dpid, interfaceId: place.interface_id, macAddress }]
}

const ofPlace = (state: State, place: Row<'activeInterfaces'>) =>
  state.macLeases
    .many('interface', place.interface_id)
    .flatMap((lease) => activationOf(state, place, lease.mac_address))

const ofLease = (state: State, lease: Row<'macLeases'>) =>
  lease.interface_id === null
    ? []
    : state.activeInterfaces
        .many('interface', lease.interface_id)
        .flatMap((place) => activationOf(state, place, lease.mac_address))

function ofVlan(state: State, row: Row<'activeVlans'>): readonly Activation[] {
  const datapath = row.datapath_id === null ? undefined : state.datapaths.get(row.datapath_id)
  if (row.interface_id === null || datapath === undefined) return []
  const { network_id: networkId, vlan_id: vlanId } = row
  return [{ type: 'vlan-activated', dpid: datapath.dpid, networkId, vlanId }]
}

function ofRouter(state: State, row: Row<'activeRouters'>): readonly Activation[] {
  const datapath = row.datapath_id === null ? undefined : state.datapaths.get(row.datapath_id)
  if (!row.speaks || datapath === undefined) return []
  const { interface_id: interfaceId, network_id: networkId } = row
  return [{ type: 'router-activated', dpid: datapath.dpid, interfaceId, networkId }]
}

function ofChange(state: State, { table, before, after }: Change): readonly Activation[] {
  if (after === null) return []
  const differs = (...columns: string[]) => columns.some((column) => before?.[column] !== after[column])
  if (table === 'activeInterfaces' && differs('port_number', 'datapath_id'))
    return ofPlace(state, after as unknown as Row<'activeInterfaces'>)
  if (table === 'macLeases' && differs('interface_id', 'mac_address'))
    return ofLease(state, after as unknown as Row<'macLeases'>)
  if (table === 'activeVlans' && differs('interface_id', 'datapath_id', 'leased'))
    return ofVlan(state, after as unknown as Row<'activeVlans'>)
  if (table === 'activeRouters' && differs('speaks', 'datapath_id', 'leased'))
    return ofRouter(state, after as unknown as Row<'activeRouters'>)
  return []
}

function keyOf(activation: Activation): string {
  const { type, dpid } = activation
  switch (type) {
    case 'mac-activated':
      return `${dpid} ${activation.macAddress}`
    case 'vlan-activated':
      return `${dpid} ${activation.networkId} ${activation.vlanId}`
    case 'router-activated':
      return `${dpid} router ${activation.interfaceId} ${activation.networkId}`
  }
}

/** What changes have brought, each MAC, VLAN and router interface once a datapath; the state is the one after them. */
export const activationsIn = (state: State, changes: readonly Change[]): Iterable<Activation> =>
  new Map(
    changes.flatMap((change) => ofChange(state, change)).map((activation) => [keyOf(activation), activation]),
  ).values()

/** Every MAC that is at a datapath now. */
export const activationsOn = (state: State, datapathId: number): readonly Activation[] =>
  state.activeInterfaces.many('datapath', datapathId).flatMap((place) => ofPlace(state, place))

/** What a datapath serves now, maybe in the place of another: VLANs, and router interfaces that it speaks for. */
export const servedOn = (state: State, datapathId: number): readonly Activation[] => [
  ...state.activeVlans.many('datapath', datapathId).flatMap((row) => ofVlan(state, row)),
  ...state.activeRouters.many('datapath', datapathId).flatMap((row) => ofRouter(state, row)),
]
