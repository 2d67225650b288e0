/** A network on a datapath: its members, its peers, its broadcast, and what is particular to its mode. */
import {
  broadcastMac,
  cookieOf,
  type Flow,
  type FlowFunction,
  ipv6MaskOf,
  localPort,
  multicastIpv6,
  type State,
} from 'openvnet'
import { hasStrangers, networkDomain } from '../../state/domains.ts'
import { carrierOf } from '../../state/host-interfaces.ts'
import { carriesIpv6, hasIpv6, hasPeers, isPhysical, liesOn, type Network } from '../../state/networks.ts'
import { features, pipeline } from '../pipeline.ts'
import { multicast } from '../places.ts'

/** Who is not known in a physical network is on the wire, or is the host. */
function physicalFlows(state: State, datapathId: number, network: Network, cookie: bigint): Flow[] {
  const carrier = carrierOf(state, datapathId, network.id)
  if (carrier === undefined) return []
  return [
    pipeline.flow('destination', {
      cookie,
      priority: 10,
      match: { network: network.tunnel_key_id },
      steps: [{ output: localPort }, { output: carrier.port }],
    }),
  ]
}

const ipv4Groups = { value: 0xe000_0000, mask: 0xf000_0000 }
/** The MAC of an IPv4 group ends in the lowest 23 bits of its address (RFC 1112, 6.4). */
const groupMac = 0x0100_5e00_0000
const groupBits = 23
const ipv6Groups = { value: multicastIpv6.network, mask: ipv6MaskOf(multicastIpv6.prefix) }
/** That of an IPv6 group in the lowest 32 (RFC 2464, 7). */
const ipv6GroupMacs = 0x3333_0000_0000
const ipv6GroupBits = 32

const ipv6GroupOf = (
  cookie: bigint,
  copy: { readonly network: number; readonly origin: 'peerByWire'; readonly eth_dst: number },
): Flow =>
  pipeline.flow('destination', {
    cookie,
    priority: 112,
    match: { ...copy, ipv6_dst: ipv6Groups },
    steps: [
      { set: 'eth_dst', to: ipv6GroupMacs },
      { move: 'ipv6_dst', to: 'eth_dst', bits: ipv6GroupBits },
    ],
    goto: 'flood',
  })

/**
 * Over the wire a broadcast comes as a copy for this datapath, under the MAC of its relation to the network; here it
 * gets its own again: the address of a group tells its MAC, anything else is a broadcast. Real broadcasts of peers' interfaces are announcements for physical switches.
 */
function wireFlows(state: State, datapathId: number, network: Network, cookie: bigint): Flow[] {
  const relation = state.datapathNetworks.one('pair', datapathId, network.id)
  if (relation === undefined) return []
  const match = { network: network.tunnel_key_id, origin: 'peerByWire' } as const
  const copy = { ...match, eth_dst: relation.mac_address }
  return [
    ...(hasIpv6(network) ? [ipv6GroupOf(cookie, copy)] : []),
    pipeline.flow('destination', {
      cookie,
      priority: 112,
      match: { ...copy, ipv4_dst: ipv4Groups },
      steps: [
        { set: 'eth_dst', to: groupMac },
        { move: 'ipv4_dst', to: 'eth_dst', bits: groupBits },
      ],
      goto: 'flood',
    }),
    pipeline.flow('destination', {
      cookie,
      priority: 110,
      match: copy,
      steps: [{ set: 'eth_dst', to: broadcastMac }],
      goto: 'flood',
    }),
    pipeline.flow('destination', {
      cookie,
      priority: 90,
      match: { ...match, eth_dst: multicast },
      drop: true,
    }),
  ]
}

/**
 * A network on a segment answers and routes; the segment delivers, to whomever it is. What was routed has the MAC of a
 * router interface, which is on every datapath: physical switches must not see that.
 */
function ontoSegment(state: State, network: Network & { segment_id: number }, cookie: bigint): Flow[] {
  const to = state.segments.get(network.segment_id)!.tunnel_key_id
  const key = network.tunnel_key_id
  const steps = [{ set: 'network', to } as const]
  const down = (priority: number, match: { readonly eth_dst?: typeof multicast }) =>
    pipeline.flow('destination', {
      cookie,
      priority,
      match: { network: key, ...match },
      steps,
      goto: 'segment',
    })
  const routed = [...steps, { set: 'encapsulate', to: 'yes' } as const]
  return [
    down(85, { eth_dst: multicast }),
    pipeline.flow('destination', {
      cookie,
      priority: 2,
      match: { network: key, routed: 'yes' },
      steps: routed,
      goto: 'segment',
    }),
    down(1, {}),
  ]
}

function flowsOf(state: State, datapathId: number, network: Network): Flow[] {
  const cookie = cookieOf(features.network, network.id)
  if (isPhysical(network)) return physicalFlows(state, datapathId, network, cookie)
  if (liesOn(network)) return ontoSegment(state, network, cookie)
  return hasPeers(network) ? wireFlows(state, datapathId, network, cookie) : []
}

export const network: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const row = state.networks.get(networkId)
  if (row === undefined) return { flows: [] }
  const unit = (feature: string, objectId: number) => ({ feature, datapathId, objectId })
  const members = state.interfaceNetworks.many('network', networkId)
  const strangers = hasStrangers(state, networkDomain(row))
  return {
    flows: flowsOf(state, datapathId, row),
    children: [
      ...(liesOn(row) ? [] : [unit('flood', networkId)]),
      ...(hasPeers(row) ? [unit('peers', networkId)] : []),
      unit('router', networkId),
      unit('seekerReplies', networkId),
      ...(hasIpv6(row) && !liesOn(row) ? [unit('ipv6SeekerReplies', networkId)] : []),
      ...(isPhysical(row) ? [unit('exitsHere', networkId)] : []),
      ...(carriesIpv6(row) ? [unit('ipv6', datapathId), unit('ipv6Router', networkId)] : []),
      ...(strangers ? [unit('networkStrangers', networkId), unit('unknownFromPeers', datapathId)] : []),
    ],
    lists: [{ feature: 'member', objectIds: members.map(({ id }) => id) }],
  }
}
