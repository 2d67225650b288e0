/** An interface in a network, as this datapath sees it: here, on another datapath, simulated, or nowhere. */
import { cookieOf, type FlowFunction } from 'openvnet'
import { isFiltered } from '../state/filtering.ts'
import { hasPeers, isActiveOn } from '../state/networks.ts'
import { translates } from '../state/translation.ts'
import { localMember } from './local-member.ts'
import { features } from './pipeline.ts'
import { addressesIn, elsewhere, portOn } from './places.ts'
import { remoteMember } from './remote-member.ts'
import { simulatedMember } from './simulated-member.ts'

/** The object is a row of `interface_networks`. */
export const member: FlowFunction = ({ datapathId, objectId }, state) => {
  const row = state.interfaceNetworks.get(objectId)
  const network = row && state.networks.get(row.network_id)
  const iface = row && state.interfaces.get(row.interface_id)
  if (network === undefined || iface === undefined) return { flows: [] }
  const addresses = () => addressesIn(state, iface.id, network.id)
  const context = {
    state,
    datapathId,
    network,
    iface,
    cookie: cookieOf(features.member, objectId),
    addresses,
    isAsked: isActiveOn(state, network.id, datapathId),
  }
  if (iface.mode === 'simulated')
    return {
      flows: context.isAsked ? simulatedMember(context) : [],
      children: translates(state, iface.id) ? [{ feature: 'translation', datapathId, objectId }] : [],
    }
  const port = portOn(state, iface.id, datapathId)
  if (port !== undefined)
    return {
      flows: localMember(context, port),
      children: isFiltered(iface) ? [{ feature: 'guard', datapathId, objectId }] : [],
    }
  if (!hasPeers(network)) return { flows: [] }
  const peerId = elsewhere(state, iface.id, datapathId)
  return { flows: peerId === undefined ? [] : remoteMember(context, peerId) }
}
