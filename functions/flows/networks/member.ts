/** An interface in a network, as this datapath sees it: here, on another datapath, simulated, or nowhere. */
import { cookieOf, type Flow, type FlowFunction, type Row, type State, type Unit } from 'openvnet'
import { balancesInside } from '../../state/balancing.ts'
import { isFiltered } from '../../state/filtering.ts'
import { isEndpoint } from '../../state/interfaces.ts'
import { hasPeers, isActiveOn } from '../../state/networks.ts'
import { translates } from '../../state/translation.ts'
import { features } from '../pipeline.ts'
import { addressesIn, elsewhere, portOn } from '../places.ts'
import { known } from '../segments/known.ts'
import { legacyMember } from '../vlans/legacy-member.ts'
import { localMember } from './local-member.ts'
import type { MemberContext } from './member-context.ts'
import { alsoElsewhere, remoteMember } from './remote-member.ts'
import { simulatedMember } from './simulated-member.ts'

/** It may send from more than its leases. */
const mayHaveMore = (state: State, { id, mode }: Row<'interfaces'>) =>
  isEndpoint(mode) && state.allowedAddresses.many('interface', id).length > 0

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
  return { flows: [...flowsOf(context), ...known(context)], children: childrenOf(context, objectId) }
}

function flowsOf(context: MemberContext): Flow[] {
  const { state, datapathId, network, iface } = context
  if (iface.mode === 'simulated') return context.isAsked ? simulatedMember(context) : []
  const port = portOn(state, iface.id, datapathId)
  const peerId = hasPeers(network) ? elsewhere(state, iface.id, datapathId) : undefined
  if (port === undefined) return peerId === undefined ? legacyMember(context) : remoteMember(context, peerId)
  return [...localMember(context, port), ...(peerId === undefined ? [] : alsoElsewhere(context, peerId))]
}

function childrenOf({ state, datapathId, iface, network }: MemberContext, objectId: number): Unit[] {
  const unit = (feature: string) => [{ feature, datapathId, objectId }]
  if (iface.mode === 'simulated')
    return [
      ...(translates(state, iface.id) ? unit('translation') : []),
      ...(balancesInside(state, iface.id)
        ? [{ feature: 'balancing', datapathId, objectId: network.id }]
        : []),
    ]
  const isHere = portOn(state, iface.id, datapathId) !== undefined
  return [
    ...(isHere && isFiltered(iface) ? unit('guard') : []),
    ...(mayHaveMore(state, iface) ? unit('allowed') : []),
  ]
}
