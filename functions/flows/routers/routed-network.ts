/**
 * A network that is routed to from here, whether an interface of it is here or not: who has its addresses, and the way to
 * the other datapaths that have it.
 */
import { cookieOf, etherType, type Flow, type FlowFunction, type State, type UnitList } from 'openvnet'
import { holderOf, leaseOf } from '../../state/allowed-addresses.ts'
import { hostAddressIn } from '../../state/host-interfaces.ts'
import { hasPeers, isActiveOn, isPhysical, type Network } from '../../state/networks.ts'
import type { IpAddress } from '../../state/prefixes.ts'
import { egressRoutesInto } from '../../state/routing.ts'
import { seekerOf } from '../../state/seekers.ts'
import { translates } from '../../state/translation.ts'
import { features, pipeline } from '../pipeline.ts'
import { type Address, addressesIn, homeIn } from '../places.ts'
import { speakerOf } from './exits.ts'
import { gatewaysIn } from './hops.ts'
import { isReached } from './neighbour.ts'
import { isSharedSpeaker, speech } from './speakers.ts'

/** The MAC of an interface that a gateway's address belongs to, if packets get there from here. */
export function macOfGateway(state: State, datapathId: number, network: Network, address: IpAddress) {
  const interfaceId =
    leaseOf(state, network.id, address)?.interface_id ?? holderOf(state, network.id, address)?.interface_id
  if (interfaceId === undefined || !isReached(state, datapathId, network, interfaceId)) return undefined
  const all = addressesIn(state, interfaceId, network.id)
  const own =
    all.find(({ ips, ipv6s }) => [...ips, ...ipv6s].includes(address)) ??
    homeIn(state, interfaceId, network.id)
  return own?.mac.mac_address
}

/** Gateways that are interfaces. Who is none is asked for where there may be machines that nobody has leased an address to. */
function gatewayFlows(state: State, datapathId: number, network: Network, isSought: boolean): Flow[] {
  const gateways = gatewaysIn(egressRoutesInto(state, network.id))
  if (gateways.size === 0) return []
  const cookie = cookieOf(features.gateway, network.id)
  const match = { network: network.tunnel_key_id, viaGateway: 'yes', eth_type: etherType.ipv4 } as const
  return [
    ...[...gateways].flatMap((nextHop): Flow[] => {
      const mac = macOfGateway(state, datapathId, network, nextHop)
      if (mac === undefined) return []
      return [
        pipeline.flow('neighbour', {
          cookie,
          priority: 145,
          match: { ...match, nextHop },
          steps: [{ set: 'eth_dst', to: mac }],
          goto: 'departure',
        }),
      ]
    }),
    ...(isPhysical(network) || isSought
      ? []
      : [
          pipeline.flow('neighbour', {
            cookie,
            priority: 140,
            match,
            steps: [{ set: 'icmpError', to: 'hostUnreachable' }],
            goto: 'icmp',
          }),
        ]),
  ]
}

/** The members of a network that is routed to, as neighbours; where it is active they are its own already. */
export function routedMembers(
  state: State,
  datapathId: number,
  networkId: number,
  neighbour: 'neighbour' | 'ipv6Neighbour',
): UnitList[] {
  const objectIds = state.interfaceNetworks.many('network', networkId).map(({ id }) => id)
  const lists = [{ feature: neighbour, objectIds }]
  return isActiveOn(state, networkId, datapathId) ? lists : [...lists, { feature: 'member', objectIds }]
}

/** The object is the network. */
export const routedNetwork: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const network = state.networks.get(networkId)
  if (network === undefined) return { flows: [] }
  const unit = (feature: string, objectId: number) => ({ feature, datapathId, objectId })
  const isSought = seekerOf(state, datapathId, network) !== undefined
  return {
    flows: gatewayFlows(state, datapathId, network, isSought),
    children: [
      ...(hasPeers(network) ? [unit('peers', networkId)] : []),
      ...(isPhysical(network) ? [unit('wayOut', networkId)] : []),
      ...(isSought ? [unit('seeking', networkId)] : []),
    ],
    lists: routedMembers(state, datapathId, networkId, 'neighbour'),
  }
}

/**
 * The MAC of a router interface where it sends. In a physical network one datapath sends under its own; others under that
 * of the host, which physical switches know to be there.
 */
export function departsAs(
  state: State,
  datapathId: number,
  memberId: number,
  /** Under its first address that is so. */
  isMeant: (address: Address) => boolean = () => true,
): number | undefined {
  const member = state.interfaceNetworks.get(memberId)
  const network = member && state.networks.get(member.network_id)
  if (network === undefined) return undefined
  const { interface_id } = member!
  if (isPhysical(network) && speakerOf(state, interface_id, network.id) !== datapathId)
    return hostAddressIn(state, datapathId, network.id)?.mac
  return addressesIn(state, interface_id, network.id).find(isMeant)?.mac.mac_address
}

/** The object is the membership of a router interface in a network that packets leave to by it. */
export const routerPort: FlowFunction = ({ datapathId, objectId: memberId }, state) => {
  const member = state.interfaceNetworks.get(memberId)
  const mac = departsAs(state, datapathId, memberId)
  if (mac === undefined || member === undefined) return { flows: [] }
  const network = state.networks.get(member.network_id)!
  const seeks = seekerOf(state, datapathId, network) === datapathId
  const cookie = cookieOf(features.routerPort, memberId)
  const next = translates(state, member.interface_id) ? 'translateOutward' : 'destination'
  const isShared = isSharedSpeaker(state, datapathId, member)
  return {
    flows: [
      pipeline.flow('departure', {
        cookie,
        priority: 100,
        match: { outRouter: memberId, eth_type: etherType.ipv4 },
        steps: [
          { set: 'eth_src', to: mac },
          { decrementTtl: true },
          { forgetPort: true },
          { set: 'routed', to: 'yes' },
          // What another datapath sent here for that may go to the one where its machine is.
          ...(seeks ? [{ set: 'origin', to: 'local' } as const] : []),
          ...(isShared ? [{ resubmit: 'speakers' } as const] : []),
        ],
        goto: isShared ? 'speech' : next,
      }),
      ...(isShared ? speech(state, datapathId, member, etherType.ipv4, next) : []),
    ],
  }
}
