/** Leases as the API answers them. An address has no row of its own here: its id is that of its lease. */
import { formatIpv4, formatMac, type Row, type State } from 'openvnet'
import { times } from '../common/present.ts'
import { embedNetwork } from '../networks/present.ts'

type MacLease = Row<'macLeases'>
type IpLease = Row<'ipLeases'>

/** What every answer with an interface begins with. */
export const embedInterface = (row: Row<'interfaces'>) => ({
  id: row.id,
  uuid: row.uuid,
  mode: row.mode,
  display_name: row.display_name,
  enable_routing: row.enable_routing,
  enable_route_translation: row.enable_route_translation,
  ...times(row),
  enable_filtering: row.enable_filtering,
  enable_legacy_filtering: row.enable_legacy_filtering,
})

/** A MAC lease, with its address as text or as an integer. */
const macLeaseWith = <A>(row: MacLease, mac_address: A) => ({
  id: row.id,
  uuid: row.uuid,
  interface_id: row.interface_id,
  mac_address_id: row.id,
  ...times(row),
  mac_address,
  segment_id: row.segment_id,
})

const interfaceOf = (state: State, id: number | null) => (id === null ? undefined : state.interfaces.get(id))
const uuidIn = (name: string, row: { readonly uuid: string } | undefined) =>
  row === undefined ? {} : { [name]: row.uuid }

/** A MAC lease on its own. */
export function presentMacLease(state: State, row: MacLease) {
  const owner = interfaceOf(state, row.interface_id)
  return {
    ...macLeaseWith(row, formatMac(row.mac_address)),
    interface: owner === undefined ? null : embedInterface(owner),
    ...uuidIn('interface_uuid', owner),
  }
}

const ipAddress = (state: State, row: IpLease) => ({
  id: row.id,
  network_id: row.network_id,
  ipv4_address: row.ipv4_address,
  ...times(row),
  network: embedNetwork(state.networks.get(row.network_id)!),
})

const ipLease = (row: IpLease) => ({
  id: row.id,
  uuid: row.uuid,
  interface_id: row.interface_id,
  mac_lease_id: row.mac_lease_id,
  ip_address_id: row.id,
  enable_routing: row.enable_routing,
  ...times(row),
  network_id: row.network_id,
  ipv4_address: formatIpv4(row.ipv4_address),
})

function related(state: State, row: IpLease) {
  const owner = interfaceOf(state, row.interface_id)
  const macLease = row.mac_lease_id === null ? undefined : state.macLeases.get(row.mac_lease_id)
  const uuids = {
    ...uuidIn('interface_uuid', owner),
    ...uuidIn('mac_lease_uuid', macLease),
    network_uuid: state.networks.get(row.network_id)!.uuid,
  }
  return { owner, macLease, uuids }
}

/** An IP lease after it was attached or released: without the objects around it. */
export const presentIpLeaseBriefly = (state: State, row: IpLease) => ({
  ...ipLease(row),
  ...related(state, row).uuids,
})

/** An IP lease on its own, with the objects around it. */
export function presentIpLease(state: State, row: IpLease) {
  const { owner, macLease, uuids } = related(state, row)
  return {
    ...ipLease(row),
    mac_lease: macLease === undefined ? null : macLeaseWith(macLease, macLease.mac_address),
    interface: owner === undefined ? null : embedInterface(owner),
    ip_address: ipAddress(state, row),
    ...uuids,
  }
}

/** An IP lease within its interface. */
const embedIpLease = (state: State, row: IpLease) => ({
  ...ipLease(row),
  ip_address: ipAddress(state, row),
  ...related(state, row).uuids,
})

/** A MAC lease within its interface, with its IP leases. */
export const embedMacLease = (state: State, row: MacLease) => ({
  ...macLeaseWith(row, formatMac(row.mac_address)),
  ip_leases: state.ipLeases.many('macLease', row.id).map((lease) => embedIpLease(state, lease)),
  ...uuidIn('interface_uuid', interfaceOf(state, row.interface_id)),
})
