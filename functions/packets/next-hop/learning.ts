/**
 * Next hops in physical networks: how they are asked for, what a host remembers of that, and what it makes the switch
 * learn. What lasts is in the switch; a host that begins anew asks again.
 */
import {
  type Action,
  arpOperation,
  broadcastMac,
  buildArp,
  cookieOf,
  type Effect,
  formatMac,
  type PacketEnvironment,
  type PacketIn,
  remember,
  type State,
  send,
  sendThrough,
} from 'openvnet'
import { speakerOf } from '../../flows/exits.ts'
import { features, pipeline } from '../../flows/pipeline.ts'
import { hostAddressIn } from '../../flows/underlay.ts'

/** A next hop that does not answer is asked so many times, so far apart, before its senders are told. */
export const questionsMax = 3
export const questionIntervalMs = 1_000
/** Nobody asks again for so long. */
const failedS = 5
/** After so long somebody asks, while packets go on; who is not sent to for longer is forgotten. */
const freshS = 30
const idleS = 120
/** What a host remembers of questions and answers, at most. */
const rememberedMs = 10_000
/** Learned flows of one physical network on one datapath: two a neighbour, and one for each that does not answer. */
const learnedMax = 4_096
const failedMax = 512

const priorities = { failed: 120, fresh: 110, stale: 100 } as const
type Learned = keyof typeof priorities

/** A next hop in the network with this key, as one datapath sees it. */
export interface NextHop {
  readonly dpid: string
  readonly network: { readonly id: number; readonly tunnel_key_id: number }
  readonly address: number
}

/** What a host remembers of it. */
export type Memory =
  | { readonly kind: 'asked'; readonly count: number; readonly at: number }
  | { readonly kind: 'known'; readonly mac: number; readonly at: number }
  | { readonly kind: 'failed'; readonly at: number }

export const keyOf = ({ dpid, network, address }: NextHop) => `neighbour ${dpid} ${network.id} ${address}`

export function recall(env: PacketEnvironment, hop: NextHop): Memory | undefined {
  const known = env.remembered(keyOf(hop))
  return known && (JSON.parse(new TextDecoder().decode(known.bytes)) as Memory)
}

export const memorise = (hop: NextHop, memory: Memory): Effect =>
  remember(
    keyOf(hop),
    new TextEncoder().encode(JSON.stringify(memory)),
    memory.kind === 'failed' ? failedS * 1_000 : rememberedMs,
  )

/** The next hop of a packet that was punted on its way to one. */
export function nextHopOf(packet: PacketIn, state: State): NextHop | undefined {
  const network = state.networks.one('tunnelKey', pipeline.read(packet, 'network'))
  const address = pipeline.read(packet, 'nextHop')
  return network && { dpid: packet.dpid, network, address }
}

/** Who asks on behalf of the router that a packet is to leave by: the router where it speaks, else the host. */
function askerOf(state: State, packet: PacketIn, networkId: number) {
  const datapath = state.datapaths.one('dpid', packet.dpid)
  const member = state.interfaceNetworks.get(pipeline.read(packet, 'outRouter'))
  const host = datapath && hostAddressIn(state, datapath.id, networkId)
  if (host === undefined || member === undefined) return undefined
  if (speakerOf(state, member.interface_id, networkId) !== datapath!.id) return host
  const lease = state.ipLeases
    .many('interface', member.interface_id)
    .find(({ network_id, ipv4_address }) => network_id === networkId && ipv4_address !== 0)
  const mac = lease?.mac_lease_id == null ? undefined : state.macLeases.get(lease.mac_lease_id)?.mac_address
  return mac === undefined ? undefined : { port: host.port, mac, ipv4: lease!.ipv4_address }
}

/** An ARP request on the wire, and that it was sent. Nothing where the way out is gone. */
export function ask(packet: PacketIn, state: State, hop: NextHop, count: number, now: number): Effect[] {
  const asker = askerOf(state, packet, hop.network.id)
  if (asker === undefined) return []
  const request = buildArp(
    { destination: broadcastMac, source: asker.mac },
    {
      operation: arpOperation.request,
      senderMac: asker.mac,
      senderIpv4: asker.ipv4,
      targetMac: 0,
      targetIpv4: hop.address,
    },
  )
  return [send(request, asker.port, 'OFPP_CONTROLLER'), memorise(hop, { kind: 'asked', count, at: now })]
}

/** Big-endian, in whole pairs of bytes. */
function bytesOf(value: number, bits: number): Uint8Array {
  const bytes = new Uint8Array(2 * Math.ceil(bits / 16))
  for (let at = bytes.length - 1, rest = value; at >= 0; at--, rest = Math.floor(rest / 256))
    bytes[at] = rest % 256
  return bytes
}

function specOf(name: 'network' | 'nextHop' | 'resolution', value: number, to: 'match' | 'load') {
  const [number, offset, last] = pipeline.registers[name].bits
  const n_bits = last - offset + 1
  return { n_bits, value: bytesOf(value, n_bits), to, dst: { field: `reg${number}`, offset } }
}

const macBits = 48
const macSpec = (mac: number) => ({
  n_bits: macBits,
  value: bytesOf(mac, macBits),
  to: 'load',
  dst: { field: 'nxm_of_eth_dst', offset: 0 },
})

const lifetimes = {
  failed: { hard_timeout: failedS, idle_timeout: 0 },
  fresh: { hard_timeout: freshS, idle_timeout: 0 },
  stale: { hard_timeout: 0, idle_timeout: idleS },
} as const

/** A learned flow: what packets to the next hop get to know. One that is there already gets another content, and its time anew. */
function learn(
  { network, address }: NextHop,
  at: Learned,
  resolution: keyof typeof pipeline.registers.resolution.values,
  mac?: number,
): Action {
  const feature = at === 'failed' ? features.failedNeighbour : features.learnedNeighbour
  return {
    type: 'NXAST_LEARN2',
    ...lifetimes[at],
    priority: priorities[at],
    cookie: cookieOf(feature, network.id),
    flags: [],
    table_id: pipeline.tables.learnedNeighbour.id,
    fin_idle_timeout: 0,
    fin_hard_timeout: 0,
    limit: at === 'failed' ? failedMax : learnedMax,
    result_dst_ofs: 0,
    specs: [
      specOf('network', network.tunnel_key_id, 'match'),
      specOf('nextHop', address, 'match'),
      ...(mac === undefined ? [] : [macSpec(mac)]),
      specOf('resolution', pipeline.registers.resolution.values[resolution], 'load'),
    ],
  }
}

/** It is where this MAC address is. @param hadFailed it was learned a moment ago that it does not answer */
export const learnKnown = (hop: NextHop, mac: number, hadFailed: boolean): Effect =>
  sendThrough([
    learn(hop, 'stale', 'stale', mac),
    learn(hop, 'fresh', 'fresh', mac),
    ...(hadFailed ? [learn(hop, 'failed', 'fresh', mac)] : []),
  ])

/** It does not answer. @param wasKnown it did before */
export const learnFailed = (hop: NextHop, wasKnown: boolean): Effect =>
  sendThrough([learn(hop, 'failed', 'failed'), ...(wasKnown ? [learn(hop, 'stale', 'unknown')] : [])])

/** The MAC address that a frame is to. */
export const setDestination = (mac: number): Action => ({
  type: 'OFPAT_SET_FIELD',
  field: { field: 'eth_dst', value: formatMac(mac) },
})
