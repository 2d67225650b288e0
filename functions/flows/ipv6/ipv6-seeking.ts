/**
 * IPv6 of machines that the state does not know, as `routers/seeking.ts` has it of IPv4: the same datapath asks for them, by
 * neighbour solicitations. Gateways, and segments, are not asked for.
 */
import { cookieOf, etherType, type Flow, type FlowFunction, icmpv6Type, type State } from 'openvnet'
import { egressIpv6RoutesInto } from '../../state/ipv6-routing.ts'
import { hasIpv6, hasPeers, liesOn, type Network } from '../../state/networks.ts'
import { seekerOf } from '../../state/seekers.ts'
import { datapathNeighbourMeterId } from '../meters.ts'
import { features, pipeline, puntPoints } from '../pipeline.ts'
import { matchOf } from '../prefix-match.ts'
import { noWay, sendToSeeker } from '../routers/seeking.ts'
import { learning } from '../routers/way-out.ts'

const eth_type = etherType.ipv6
const said = { icmpv6_type: icmpv6Type.neighbourAdvertisement, icmpv6_code: 0 } as const
const noMac = 0

/** The network, and who asks in it; undefined: nobody does. */
export function soughtIpv6(state: State, datapathId: number, networkId: number) {
  const network = state.networks.get(networkId)
  if (network === undefined || !hasIpv6(network) || liesOn(network)) return undefined
  const seekerId = seekerOf(state, datapathId, network)
  return seekerId === undefined ? undefined : { network, seekerId }
}

/** What is for addresses of the network that the state does not know. */
const unknownIn = ({ tunnel_key_id, ipv6_network, ipv6_prefix }: Network) => ({
  network: tunnel_key_id,
  ...matchOf('destination', { network: ipv6_network!, bits: ipv6_prefix! }),
})

/** On a datapath that routes into the network, which is the object. */
export const ipv6Seeking: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const sought = soughtIpv6(state, datapathId, networkId)
  if (sought === undefined) return { flows: [] }
  const { network, seekerId } = sought
  const cookie = cookieOf(features.seeking, networkId)
  const match = unknownIn(network)
  if (seekerId === datapathId)
    return {
      flows: [
        pipeline.flow('neighbour', {
          cookie,
          priority: 50,
          match,
          steps: [{ resubmit: 'learnedNeighbour' }],
          goto: 'resolved',
        }),
      ],
      children: [{ feature: 'resolved', datapathId, objectId: datapathId }],
    }
  return {
    flows: [
      pipeline.flow('neighbour', {
        cookie,
        priority: 50,
        match: { ...match, origin: 'local' },
        steps: sendToSeeker(state, datapathId, seekerId, network, egressIpv6RoutesInto(state, network.id)),
      }),
      noWay(cookie, network, seekerId, eth_type),
    ],
  }
}

/** Answers to those who ask are learned, and told to the host. One without a MAC address says nothing. */
const answersTo = (networkId: number, network: number, ipv6_dst: string): Flow[] =>
  ([{ origin: 'local', admitted: 'yes' }, { origin: 'peerByTunnel' }] as const).flatMap((from) => [
    pipeline.flow('solicitation', {
      cookie: cookieOf(puntPoints.nextHopReply, networkId),
      priority: 170,
      match: { network, ...from, ...said, ipv6_dst },
      steps: [...learning(networkId, 'ipv6'), { punt: { meterId: datapathNeighbourMeterId } }],
    }),
    pipeline.flow('solicitation', {
      cookie: cookieOf(features.seeking, networkId),
      priority: 171,
      match: { network, ...from, ...said, ipv6_dst, ipv6_nd_tll: noMac },
      drop: true,
    }),
  ])

/** What is said to a router that another datapath asks for goes there; what another sends on is taken in. */
const passedOn = (networkId: number, network: number, eth_dst: number, seekerId?: number): Flow => {
  const head = { cookie: cookieOf(features.seeking, networkId), priority: 120 }
  const match = { network, eth_dst, icmpv6_type: said.icmpv6_type }
  return seekerId === undefined
    ? pipeline.flow('destination', {
        ...head,
        match: { ...match, origin: 'peerByTunnel' },
        steps: [{ resubmit: 'solicitation' }],
      })
    : pipeline.flow('destination', {
        ...head,
        match: { ...match, origin: 'local' },
        steps: [
          { set: 'peer', to: seekerId },
          { set: 'encapsulate', to: 'yes' },
        ],
        goto: 'toPeer',
      })
}

/** On a datapath that has the network, which is the object. */
export const ipv6SeekerReplies: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const sought = soughtIpv6(state, datapathId, networkId)
  const routers = egressIpv6RoutesInto(state, networkId).flatMap(({ router }) => router.addresses)
  if (sought === undefined || routers.length === 0) return { flows: [] }
  const { network, seekerId } = sought
  const key = network.tunnel_key_id
  const macs = [...new Set(routers.map(({ mac }) => mac))]
  if (seekerId !== datapathId) return { flows: macs.map((mac) => passedOn(networkId, key, mac, seekerId)) }
  const ips = [...new Set(routers.map(({ ipv6 }) => ipv6))]
  return {
    flows: [
      ...ips.flatMap((ip) => answersTo(networkId, key, ip)),
      ...(hasPeers(network) ? macs.map((mac) => passedOn(networkId, key, mac)) : []),
    ],
    children: [
      { feature: 'neighbourMeter', datapathId, objectId: datapathId },
      { feature: 'exitsHere', datapathId, objectId: networkId },
    ],
  }
}
