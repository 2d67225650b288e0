/**
 * A physical network that packets leave to from here. Next hops are its own machines: who has the address is asked by the
 * host, and learned by the switch from the answer. It keeps it while it is used; the flows of the state do not change.
 */
import {
  arpOperation,
  broadcastOf,
  cookieOf,
  etherType,
  type Flow,
  type FlowFunction,
  type State,
} from 'openvnet'
import { carrierOf, hostAddressIn } from '../../state/host-interfaces.ts'
import { isPhysical, type Network } from '../../state/networks.ts'
import { type IpAddress, isIpv4 } from '../../state/prefixes.ts'
import { egressRoutesInto } from '../../state/routing.ts'
import { isSpeakerLeased } from '../../state/speakers.ts'
import { datapathNeighbourMeter, datapathNeighbourMeterId, refreshMeter, refreshMeterId } from '../meters.ts'
import { features, pipeline, puntPoints } from '../pipeline.ts'
import { exitOfRoute, speakerOf } from './exits.ts'

const pointToPoint = 31

/** Nobody has these. */
export function broadcastFlows(
  cookie: bigint,
  { tunnel_key_id, ipv4_network, ipv4_prefix }: Network,
): Flow[] {
  if (ipv4_prefix >= pointToPoint) return []
  return [ipv4_network, broadcastOf(ipv4_network, ipv4_prefix)].map((ipv4_dst) =>
    pipeline.flow('neighbour', {
      cookie,
      priority: 160,
      match: { network: tunnel_key_id, ipv4_dst },
      drop: true,
    }),
  )
}

/** What is learned of the next hop: of the gateway that the route names, or of the destination. */
function lookUp(cookie: bigint, network: number): Flow[] {
  const match = { network, eth_type: etherType.ipv4 } as const
  return [
    pipeline.flow('neighbour', {
      cookie,
      priority: 140,
      match: { ...match, viaGateway: 'yes' },
      steps: [{ resubmit: 'learnedNeighbour' }],
      goto: 'resolved',
    }),
    pipeline.flow('neighbour', {
      cookie,
      priority: 50,
      match,
      steps: [{ move: 'ipv4_dst', to: 'nextHop' }, { resubmit: 'learnedNeighbour' }],
      goto: 'resolved',
    }),
  ]
}

/** What is routed to machines that are not known goes to the wire alone, past the host. The object is the network. */
export const toWire: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const network = state.networks.get(networkId)
  const carrier = network && carrierOf(state, datapathId, networkId)
  if (network === undefined || carrier === undefined) return { flows: [] }
  return {
    flows: [
      pipeline.flow('destination', {
        cookie: cookieOf(features.wayOut, networkId),
        priority: 12,
        match: { network: network.tunnel_key_id, routed: 'yes' },
        steps: [{ output: carrier.port }],
      }),
    ],
  }
}

/** The object is the network. */
export const wayOut: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const network = state.networks.get(networkId)
  const carrier = network && carrierOf(state, datapathId, networkId)
  if (network === undefined || carrier === undefined || !isPhysical(network)) return { flows: [] }
  const cookie = cookieOf(features.wayOut, networkId)
  const key = network.tunnel_key_id
  return {
    flows: [
      ...broadcastFlows(cookie, network),
      ...lookUp(cookie, key),
      // Who has moved says so to all.
      pipeline.flow('arp', {
        cookie,
        priority: 60,
        match: { network: key, origin: 'wire', eth_type: etherType.arp },
        steps: [{ resubmit: 'watchedNeighbour' }],
        goto: 'heard',
      }),
      pipeline.flow('heard', { cookie, priority: 1, match: { network: key }, goto: 'destination' }),
    ],
    children: [
      { feature: 'toWire', datapathId, objectId: networkId },
      { feature: 'resolved', datapathId, objectId: datapathId },
      { feature: 'neighbourReplies', datapathId, objectId: networkId },
    ],
  }
}

/** Whether next hops are asked in the name of a router: where it speaks, and nobody else ever could. Else the host asks. */
export const asksItself = (state: State, datapathId: number, routerId: number, networkId: number) =>
  speakerOf(state, routerId, networkId) === datapathId && !isSpeakerLeased(state, routerId, networkId)

/** The addresses that next hops answer to: those of routers that ask themselves, and the host's for all others. */
function askers(state: State, datapathId: number, network: Network) {
  const own = new Set<number>()
  const hosts = new Set<number>()
  for (const route of egressRoutesInto(state, network.id)) {
    if (exitOfRoute(state, datapathId, route) !== datapathId) continue
    if (asksItself(state, datapathId, route.router.interfaceId, network.id))
      own.add(route.router.addresses[0]!.ipv4)
    else {
      const host = hostAddressIn(state, datapathId, network.id)
      if (host !== undefined) hosts.add(host.ipv4)
    }
  }
  return { own, hosts }
}

/** After so long somebody asks, while packets go on; who is not sent to for longer is forgotten. */
const freshS = 30
const idleS = 120
/** Without a host nobody asks: then they stay for so long, while they are sent to. */
const longestS = 65_535
/** Learned flows of a network: two a neighbour, and one by which it is heard. */
const learnedMax = 4_096

/** Below what is fresh. */
const stalePriority = 100

/** By what of its answer a next hop is known, and where its MAC address is in that. */
const answered = {
  ipv4: {
    hop: { field: 'nextHop', from: 'arp_spa' },
    mac: { field: 'eth_dst', from: 'arp_sha' },
    type: {},
  },
  ipv6: {
    hop: { field: 'ipv6_dst', from: 'ipv6_nd_target' },
    mac: { field: 'eth_dst', from: 'ipv6_nd_tll' },
    type: { ethernetType: etherType.ipv6 },
  },
} as const

/** What the switch learns of a next hop, from ARP or from an advertisement. */
export function learning(networkId: number, family: keyof typeof answered = 'ipv4') {
  const cookie = cookieOf(features.learnedNeighbour, networkId)
  const common = { cookie, limit: learnedMax, result: 'watched', ...answered[family].type } as const
  const hop = (priority: number, resolution: 'fresh' | 'stale', hardSeconds: number, idleSeconds: number) =>
    ({
      learn: 'learnedNeighbour',
      flow: {
        ...{ ...common, priority, hardSeconds, idleSeconds },
        match: [{ field: 'network', from: 'network' }, answered[family].hop],
        copy: [answered[family].mac],
        set: [{ field: 'resolution', to: resolution }],
      },
    }) as const
  return [hop(stalePriority, 'stale', longestS, idleS), hop(110, 'fresh', freshS, freshS)] as const
}

/** The place of the flow that is learned of a next hop and stays longest: what is put there instead says otherwise. */
export const staleKey = ({ tunnel_key_id: network }: Pick<Network, 'tunnel_key_id'>, address: IpAddress) => ({
  priority: stalePriority,
  match: isIpv4(address)
    ? { network, [answered.ipv4.hop.field]: address }
    : { network, eth_type: answered.ipv6.type.ethernetType, [answered.ipv6.hop.field]: address },
})

/** Its ARP is heard from then on. */
export const watching = (networkId: number) =>
  ({
    learn: 'watchedNeighbour',
    flow: {
      cookie: cookieOf(features.learnedNeighbour, networkId),
      limit: learnedMax,
      result: 'watched',
      priority: 100,
      ethernetType: etherType.arp,
      hardSeconds: longestS,
      idleSeconds: idleS,
      match: [
        { field: 'network', from: 'network' },
        { field: 'arp_spa', from: 'arp_spa' },
      ],
      set: [{ field: 'watched', to: 'yes' }],
    },
  }) as const

/**
 * Answers of next hops are learned, and told to the host, since packets may wait for them. Whoever asks as the host hears
 * them as well. Who has moved says so to all. The object is the network.
 */
export const neighbourReplies: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const network = state.networks.get(networkId)
  if (network === undefined) return { flows: [] }
  const { own, hosts } = askers(state, datapathId, network)
  const key = network.tunnel_key_id
  const reply = (arp_tpa: number) => ({
    cookie: cookieOf(puntPoints.nextHopReply, networkId),
    priority: 120,
    match: { network: key, origin: 'wire', arp_op: arpOperation.reply, arp_tpa } as const,
    steps: [...learning(networkId), watching(networkId), { punt: { meterId: datapathNeighbourMeterId } }],
  })
  return {
    flows: [
      ...[...own].map((ip) => pipeline.flow('arp', reply(ip))),
      ...[...hosts].map((ip) => pipeline.flow('arp', { ...reply(ip), goto: 'destination' as const })),
      pipeline.flow('heard', {
        cookie: cookieOf(features.wayOut, networkId),
        priority: 100,
        match: { network: key, watched: 'yes', eth_type: etherType.arp },
        steps: learning(networkId),
        goto: 'destination',
      }),
    ],
    children: [{ feature: 'neighbourMeter', datapathId, objectId: datapathId }],
  }
}

export const neighbourMeter: FlowFunction = () => ({ flows: [], meters: [datapathNeighbourMeter] })

/** What becomes of a packet by what is known of its next hop. The object is the datapath. */
export const resolved: FlowFunction = ({ datapathId }) => {
  const cookie = cookieOf(features.routing, datapathId)
  const unresolved = pipeline.flow('resolved', {
    cookie,
    priority: 100,
    match: { resolution: 'unknown' },
    steps: [{ set: 'icmpError', to: 'unresolved' }],
    goto: 'icmp',
  })
  const goOn = (resolution: 'fresh' | 'stale') =>
    pipeline.flow('resolved', { cookie, priority: 100, match: { resolution }, goto: 'departure' })
  return {
    flows: [goOn('fresh'), goOn('stale'), unresolved],
    children: [{ feature: 'refresh', datapathId, objectId: datapathId }],
  }
}

/** Copies of packets to next hops that were heard of a while ago, some of them. The object is the datapath. */
export const refresh: FlowFunction = ({ datapathId }) => ({
  meters: [refreshMeter],
  flows: [
    pipeline.flow('resolved', {
      cookie: cookieOf(puntPoints.nextHopRefresh, datapathId),
      priority: 110,
      match: { resolution: 'stale' },
      steps: [{ punt: { meterId: refreshMeterId } }],
      goto: 'departure',
    }),
  ],
})
