/**
 * Next hops that are asked for, in physical networks and among machines that the state does not know: how that is done, and what a host remembers of that for a moment. What lasts the
 * switch has learned from the answers; a host that begins anew asks again.
 */
import {
  type Action,
  arpOperation,
  broadcastMac,
  buildArp,
  buildSolicitation,
  cookieOf,
  type Effect,
  formatMac,
  linkLocalOf,
  type PacketEnvironment,
  type PacketIn,
  parseEthernet,
  parseIpv6Header,
  putFlow,
  remember,
  type State,
  send,
  sendThrough,
  unspecifiedIpv6,
} from 'openvnet'
import { features, pipeline } from '../../flows/pipeline.ts'
import { asksItself, staleKey } from '../../flows/routers/way-out.ts'
import { hostAddressIn } from '../../state/host-interfaces.ts'
import { isPhysical, type Network } from '../../state/networks.ts'
import { type IpAddress, isIpv4 } from '../../state/prefixes.ts'
import { domainOf } from '../../state/seekers.ts'
import { isIpv6 } from '../icmp/family.ts'
import { loadOf, resubmitTo } from '../resume.ts'

/** A next hop that does not answer is asked so many times, so far apart, before its senders are told. */
export const questionsMax = 3
export const questionIntervalMs = 1_000
/** Nobody asks again for so long. */
const failedS = 5
/** How long a host remembers that it asked, who answered a moment ago, and who did not. */
const rememberedMs = { asked: 10_000, known: 2_000, failed: failedS * 1_000 } as const

/** A next hop in the network with this key, as one datapath sees it. */
export interface NextHop {
  readonly dpid: string
  readonly network: { readonly id: number; readonly tunnel_key_id: number }
  readonly address: IpAddress
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
  remember(keyOf(hop), new TextEncoder().encode(JSON.stringify(memory)), rememberedMs[memory.kind])

/** The next hop of a packet that was punted on its way to one. */
export function nextHopOf(packet: PacketIn, state: State): NextHop | undefined {
  const network = state.networks.one('tunnelKey', pipeline.read(packet, 'network'))
  const address = isIpv6(packet) ? ipv6NextHop(packet, state) : pipeline.read(packet, 'nextHop')
  return network && address !== undefined ? { dpid: packet.dpid, network, address } : undefined
}

/** The gateway that its route names, or where it is to. */
function ipv6NextHop(packet: PacketIn, state: State): string | undefined {
  const isRouted = pipeline.read(packet, 'viaGateway') === pipeline.registers.viaGateway.values.yes
  if (isRouted) return state.routes.get(pipeline.read(packet, 'nextHop'))?.ipv6_gateway ?? undefined
  const frame = packet.frame()
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
  const ethernet = parseEthernet(view)
  return (ethernet && parseIpv6Header(view, ethernet.payload))?.destination
}

/** Who asks, and how the question gets to all in the network. */
interface Asker {
  readonly mac: number
  readonly ipv4: number
  readonly ipv6: string
  send(frame: Uint8Array): Effect
}

/** The router that a packet is to leave by, under its first address in the network. */
function routerAddress(state: State, interfaceId: number, networkId: number, isOfIpv6: boolean) {
  const leases = state.ipLeases
    .many('interface', interfaceId)
    .filter(({ network_id }) => network_id === networkId)
  const lease = leases.find((one) => (isOfIpv6 ? one.ipv6_address !== null : one.ipv4_address !== 0))
  const mac = lease?.mac_lease_id == null ? undefined : state.macLeases.get(lease.mac_lease_id)?.mac_address
  if (mac === undefined) return undefined
  return { mac, ipv4: lease!.ipv4_address, ipv6: lease!.ipv6_address ?? unspecifiedIpv6 }
}

/** On behalf of the router that a packet is to leave by: the router, or the host. */
function askerOnWire(
  state: State,
  datapathId: number,
  routerId: number,
  networkId: number,
  isOfIpv6: boolean,
): Asker | undefined {
  const host = hostAddressIn(state, datapathId, networkId)
  const isHost = !asksItself(state, datapathId, routerId, networkId)
  const own = isHost ? undefined : routerAddress(state, routerId, networkId, isOfIpv6)
  if (host === undefined || (own === undefined && !isHost)) return undefined
  // A host makes a link-local address of its MAC, whichever others it has.
  const asker = own ?? { ...host, ipv6: linkLocalOf(host.mac) }
  return { ...asker, send: (frame: Uint8Array) => send(frame, host.port, 'OFPP_CONTROLLER') }
}

/** As a broadcast of the network, or of the segment that it lies on; encapsulated, as answers are. */
function askerInNetwork(
  state: State,
  routerId: number,
  network: Network,
  isOfIpv6: boolean,
): Asker | undefined {
  const asker = routerAddress(state, routerId, network.id, isOfIpv6)
  const steps = [
    ...loadOf('network', domainOf(state, network).key),
    ...loadOf('encapsulate', 1),
    resubmitTo('flood'),
  ]
  return asker && { ...asker, send: (frame) => sendThrough(steps, frame, 'OFPP_CONTROLLER') }
}

function askerOf(state: State, packet: PacketIn, { network: { id: networkId }, address }: NextHop) {
  const datapath = state.datapaths.one('dpid', packet.dpid)
  const routerId = state.interfaceNetworks.get(pipeline.read(packet, 'outRouter'))?.interface_id
  const network = state.networks.get(networkId)
  if (datapath === undefined || routerId === undefined || network === undefined) return undefined
  return isPhysical(network)
    ? askerOnWire(state, datapath.id, routerId, networkId, !isIpv4(address))
    : askerInNetwork(state, routerId, network, !isIpv4(address))
}

/** An ARP request, or a solicitation, and that it was sent. Nothing where the way out is gone. */
export function ask(packet: PacketIn, state: State, hop: NextHop, count: number, now: number): Effect[] {
  const asker = askerOf(state, packet, hop)
  if (asker === undefined) return []
  const request = questionFor(asker, hop.address)
  return [asker.send(request), memorise(hop, { kind: 'asked', count, at: now })]
}

function questionFor(asker: Asker, address: IpAddress): Uint8Array {
  if (!isIpv4(address)) return buildSolicitation(asker, address)
  return buildArp(
    { destination: broadcastMac, source: asker.mac },
    {
      operation: arpOperation.request,
      senderMac: asker.mac,
      senderIpv4: asker.ipv4,
      targetMac: 0,
      targetIpv4: address,
    },
  )
}

/**
 * It no longer answers: what the switch has learned of it says nothing from now on. By a flow in its place, not by a packet
 * that makes one: so packets that are under way are looked at again, too.
 */
export const forget = ({ dpid, network, address }: NextHop): Effect =>
  putFlow(
    dpid,
    pipeline.flow('learnedNeighbour', {
      cookie: cookieOf(features.wayOut, network.id),
      ...staleKey(network, address),
      drop: true,
    }),
    failedS,
  )

/** The MAC address that a frame is to. */
export const setDestination = (mac: number): Action => ({
  type: 'OFPAT_SET_FIELD',
  field: { field: 'eth_dst', value: formatMac(mac) },
})
