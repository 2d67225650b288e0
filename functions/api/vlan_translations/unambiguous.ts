/** A VLAN of a port is one network, and a network one VLAN of it: two would be joined to one. */
import { ApiError, type Draft } from 'openvnet'
import { vlansOf } from '../../state/vlans.ts'

/** Refuses VLANs of an interface that mean two networks, and networks in two VLANs of it. */
export function checkVlansUnambiguous(draft: Draft, interfaceId: number): void {
  const { uuid } = draft.interfaces.get(interfaceId)!
  const networks = new Map<number, number>()
  const vlans = new Map<number, number>()
  for (const { network_id, vlan_id } of vlansOf(draft, interfaceId)) {
    const name = draft.networks.get(network_id)!.uuid
    const other = vlans.get(vlan_id)
    if (other !== undefined)
      throw new ApiError(
        'AddressInUse',
        `vlan_id: ${vlan_id} of ${uuid} is ${draft.networks.get(other)!.uuid} already`,
      )
    if (networks.has(network_id))
      throw new ApiError('AlreadyRelated', `${uuid}: ${name} <=> VLAN ${networks.get(network_id)}`)
    vlans.set(vlan_id, network_id)
    networks.set(network_id, vlan_id)
  }
}
