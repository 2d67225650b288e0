import { formatIpv4, formatMac, type Row, type State } from 'openvnet'
import { times, timeText } from '../common/present.ts'
import { embedInterface, embedMacLease } from '../leases/present.ts'

/** The first addresses of an interface, for clients that know of one each. */
function firstAddresses(state: State, leases: readonly Row<'macLeases'>[]) {
  const [first] = leases
  if (first === undefined) return {}
  const [ipLease] = state.ipLeases.many('macLease', first.id)
  if (ipLease === undefined) return { mac_address: formatMac(first.mac_address) }
  return {
    mac_address: formatMac(first.mac_address),
    network_uuid: state.networks.get(ipLease.network_id)!.uuid,
    ipv4_address: formatIpv4(ipLease.ipv4_address),
  }
}

/** Its first port's name, and the datapaths where it is plugged in at this moment. */
function places(state: State, { id }: Row<'interfaces'>) {
  const active = state.activeInterfaces.many('interface', id)
  return {
    port_name: state.interfacePorts.many('interface', id)[0]?.port_name ?? null,
    active_datapath_uuids: active.map((row) => state.datapaths.get(row.datapath_id)!.uuid),
  }
}

/** An interface as the API answers it, with its leases; `ip_leases` are those of the last MAC lease, as in OpenVNet. */
export function presentInterface(state: State, row: Row<'interfaces'>) {
  const leases = state.macLeases.many('interface', row.id)
  const mac_leases = leases.map((lease) => embedMacLease(state, lease))
  const last = mac_leases.at(-1)
  return {
    ...embedInterface(row),
    mac_leases,
    ...firstAddresses(state, leases),
    ...(last === undefined ? {} : { ip_leases: last.ip_leases }),
    ...places(state, row),
  }
}

const uuidOfDatapath = (state: State, id: number | null) =>
  id === null ? null : state.datapaths.get(id)!.uuid

/** A port of an interface. */
export const presentPort = (state: State, row: Row<'interfacePorts'>) => ({
  id: row.id,
  interface_id: row.interface_id,
  datapath_id: row.datapath_id,
  port_name: row.port_name,
  singular: row.singular,
  interface_mode: row.interface_mode,
  ...times(row),
  interface_uuid: state.interfaces.get(row.interface_id)!.uuid,
  datapath_uuid: uuidOfDatapath(state, row.datapath_id),
})

export const presentMembership = (state: State, row: Row<'interfaceNetworks'>) => ({
  id: row.id,
  interface_id: row.interface_id,
  network_id: row.network_id,
  static: row.static,
  ...times(row),
  network_uuid: state.networks.get(row.network_id)!.uuid,
})

export const presentSegmentMembership = (state: State, row: Row<'interfaceSegments'>) => ({
  id: row.id,
  interface_id: row.interface_id,
  segment_id: row.segment_id,
  static: row.static,
  ...times(row),
  segment_uuid: state.segments.get(row.segment_id)!.uuid,
})

export const presentRouteLinkMembership = (state: State, row: Row<'interfaceRouteLinks'>) => ({
  id: row.id,
  interface_id: row.interface_id,
  route_link_id: row.route_link_id,
  static: row.static,
  ...times(row),
  route_link_uuid: state.routeLinks.get(row.route_link_id)!.uuid,
})

/** A membership that ended with this very request: the one answer that shows a deleted row. */
export const ended = (answer: object & { readonly id: number }, now: number) => ({
  ...answer,
  static: false,
  deleted_at: timeText(now),
  is_deleted: answer.id,
})
