/**
 * What senders are told of packets that could not be routed (RFC 1812, 5.2.7 and 4.3): never about what must not be
 * answered.
 */
import {
  broadcastOf,
  buildIcmpError,
  cutDatagram,
  drop,
  type Effect,
  type Effects,
  type Ethernet,
  type IcmpError,
  type Ipv4,
  ipProtocol,
  isIcmpError,
  isMulticastMac,
  mayNotBeCut,
  type PacketIn,
  parseEthernet,
  parseIpv4Header,
  portsOf,
  type Rewritable,
  type Row,
  reply,
  rewrite,
  type State,
  send,
  sendThrough,
  withVlanTag,
} from 'openvnet'
import { pipeline } from '../../flows/pipeline.ts'
import { linkToExit } from '../../flows/routers/exits.ts'
import { mtuOf } from '../../state/encapsulation.ts'
import { isPhysical, type Network } from '../../state/networks.ts'
import { guestNetworksOf } from '../../state/seekers.ts'
import { outerOf } from '../../state/translation.ts'
import { vlansOf } from '../../state/vlans.ts'
import { loadOf, resubmitTo } from '../resume.ts'

const errorTtl = 64
/** Of an address in a header. */
const destinationAt = 16
/** As many packets as one event may send: enough for 46 KB on an Ethernet. */
const piecesMax = 32

const { values } = pipeline.registers.icmpError
/** What may have happened to a packet that its sender is told of. */
export type Mark = Exclude<keyof typeof values, 'none' | 'unresolved'>
const marks: ReadonlyMap<number, keyof typeof values> = new Map(
  Object.entries(values).map(([mark, value]) => [value, mark as keyof typeof values] as const),
)

type RouterLease = Row<'ipLeases'>

/** An error that is to be told, about what begins at an offset. */
interface Told {
  readonly lease: RouterLease
  readonly headers: Parameters<typeof buildIcmpError>[0]
  readonly at: number
}

/** What comes from the wire under no address of a physical network, other datapaths have sent. */
const isUplink = (state: State, interfaceId: number) => state.interfaces.get(interfaceId)?.mode === 'host'

const isAmong = (leases: readonly RouterLease[], address: number) =>
  leases.some((lease) => lease.ipv4_address === address)

export interface Sender {
  readonly interfaceId: number
  /** Where it may send under addresses that are not its own: the networks that such a packet may have come from. */
  readonly guestOf: readonly number[]
}

export function senderOf(packet: PacketIn, state: State): Sender {
  const vlan = pipeline.read(packet, 'vlan')
  const interfaceId = packet.objectId
  if (vlan === 0) return { interfaceId, guestOf: guestNetworksOf(state, interfaceId) }
  const vlans = vlansOf(state, interfaceId).filter(({ vlan_id }) => vlan_id === vlan)
  return { interfaceId, guestOf: vlans.map(({ network_id }) => network_id) }
}

/**
 * The address by which the sender knows the router: what it sent to, in the network that its own address is in. A sender
 * that has not that address sends for others, or is a physical network: then in any that it is in. Who is on another
 * datapath (interface 0), or is known by an address of the router itself, knows the router by its first.
 */
function routerLease(
  state: State,
  { interfaceId, guestOf }: Sender,
  source: number,
  mac: number,
): RouterLease | undefined {
  const router = state.macLeases.one('macAddress', mac)
  const owner = router?.interface_id == null ? undefined : state.interfaces.get(router.interface_id)
  if (router === undefined || owner?.mode !== 'simulated') return undefined
  const known = state.ipLeases.many('macLease', router.id).filter((lease) => lease.ipv4_address !== 0)
  if (interfaceId === 0 || isAmong(known, source)) return known[0]
  const all = state.ipLeases.many('interface', interfaceId)
  const own = all.filter((lease) => lease.ipv4_address === source)
  const networks =
    own.length > 0
      ? own.map((lease) => lease.network_id)
      : [...all.map((lease) => lease.network_id), ...guestOf]
  const found = known.find((lease) => networks.includes(lease.network_id))
  return found ?? (isUplink(state, interfaceId) ? known[0] : undefined)
}

/** The network that the packet was in when it was punted: where it was to go, or where it came from. */
const networkOf = (state: State, packet: PacketIn): Network | undefined =>
  state.networks.one('tunnelKey', pipeline.read(packet, 'network'))

/** Why no error may be sent, if so (RFC 1812, 4.3.2.7). Broadcasts of the network that it was to go to are no host's. */
function isNotToBeAnswered(view: DataView, ip: Ipv4, destination: number, network: Network | undefined) {
  if (isIcmpError(view, ip)) return 'icmp-error'
  if (ip.fragmentOffset !== 0) return 'fragment'
  if (isMulticastMac(destination)) return 'broadcast'
  if (network === undefined) return null
  const { ipv4_network, ipv4_prefix } = network
  const broadcasts = [ipv4_network, broadcastOf(ipv4_network, ipv4_prefix)]
  return ipv4_prefix < 31 && broadcasts.includes(ip.destination) ? 'broadcast' : null
}

/** What the registers say happened to the packet. */
export function markOf(packet: PacketIn): Mark | undefined {
  const mark = marks.get(pipeline.read(packet, 'icmpError'))
  return mark === 'none' || mark === 'unresolved' ? undefined : mark
}

function errorOf(mark: Mark, ip: Ipv4): IcmpError {
  const hasPorts = ip.protocol === ipProtocol.tcp || ip.protocol === ipProtocol.udp
  return mark === 'portUnreachable' && !hasPorts ? 'protocolUnreachable' : mark
}

/**
 * The VLAN that a packet came from which lost its tag on the way to another datapath, where it is too large for the
 * encapsulation: no router is in between, so that who was to get it tells. Null for any other.
 */
export const bridgedFromVlan = (packet: PacketIn, ethernet: Ethernet): number | null => {
  const vlan = pipeline.read(packet, 'vlan')
  return vlan === 0 || ethernet.vlan !== null ? null : vlan
}

export const intoVlan = (frame: Uint8Array, vlan: number | null) =>
  vlan === null ? frame : withVlanTag(frame, vlan)

/** Cut into pieces that fit, and sent again from the same port. */
function sendInPieces(
  packet: PacketIn,
  view: DataView,
  at: number,
  ip: Ipv4,
  mtu: number,
  bridgedFrom: number | null,
): Effect | Effect[] {
  const pieces = cutDatagram(view, at, ip, mtu)
  if (pieces.length > piecesMax) return drop('too-many-pieces')
  return pieces.map((piece) => {
    const frame = new Uint8Array(at + piece.length)
    frame.set(new Uint8Array(view.buffer, view.byteOffset, at))
    frame.set(piece, at)
    return send(intoVlan(frame, bridgedFrom), 'OFPP_TABLE', packet.inPort)
  })
}

/** What whoever sent it knows as its destination, where that was translated, or is a load balancer's member. */
function askedFor(packet: PacketIn, view: DataView, ethernet: Ethernet, quoted: Rewritable, state: State) {
  const ports = portsOf(quoted)
  const address = pipeline.read(packet, 'asked')
  if (address !== 0) return { address, port: ports === null ? null : pipeline.read(packet, 'askedPort') }
  const { translation } = pipeline.registers
  if (pipeline.read(packet, 'translation') !== translation.values.inward) return undefined
  const router = state.macLeases.one('macAddress', ethernet.destination)?.interface_id ?? undefined
  if (router === undefined) return undefined
  const place = {
    address: view.getUint32(quoted.at + destinationAt),
    port: ports === null ? null : view.getUint16(ports + 2),
  }
  return outerOf(state, router, pipeline.read(packet, 'routing'), place)
}

/** A destination that was translated is again what it was. */
function restoreDestination(
  packet: PacketIn,
  view: DataView,
  ethernet: Ethernet,
  ip: Ipv4,
  state: State,
): void {
  const quoted = { at: ethernet.payload, ...ip, isFirst: ip.fragmentOffset === 0 }
  const asked = askedFor(packet, view, ethernet, quoted, state)
  if (asked !== undefined) rewrite(view, quoted, 'destination', asked)
}

/** What the way carries that it was to take: its network, or the tunnel to where that is led to. */
export function mtuOfWay(state: State, packet: PacketIn, network: Network): number {
  const exitId = pipeline.read(packet, 'peer')
  const datapath = exitId === 0 ? undefined : state.datapaths.one('dpid', packet.dpid)
  const routeLink = state.routeLinks.one('tunnelKey', Number(packet.tunnelId))
  const way = datapath && routeLink && linkToExit(state, datapath.id, exitId, routeLink.id)
  return mtuOf(way?.network ?? network)
}

/** To another datapath that has sent the packet here to be routed, as packets get there; null: it came otherwise. */
export function routedBack(packet: PacketIn, frame: Uint8Array): Effect | null {
  const { origin } = pipeline.registers
  if (pipeline.read(packet, 'origin') !== origin.values.peerByTunnel) return null
  const routing = pipeline.read(packet, 'routing')
  return sendThrough([...loadOf('routing', routing), resubmitTo('route')], frame, 'OFPP_CONTROLLER')
}

/**
 * Back out of the port that it came by; to another datapath as packets get there: routed, or in the network of the router
 * interface that translates for it. Whose source the router has translated is there by way of the router.
 */
function sendBack(packet: PacketIn, state: State, told: Told, view: DataView, end: number): Effect {
  const { lease, headers, at } = told
  const isOwn = isAmong(state.ipLeases.many('macLease', lease.mac_lease_id!), headers.ip.destination)
  const destination = isOwn ? headers.ethernet.source : headers.ethernet.destination
  const frame = buildIcmpError({ ...headers, ethernet: { ...headers.ethernet, destination } }, view, at, end)
  const routed = routedBack(packet, frame)
  if (routed !== null) return routed
  const network = state.networks.get(lease.network_id)
  const isElsewhere =
    packet.objectId === 0 ||
    (network !== undefined && !isPhysical(network) && isUplink(state, packet.objectId))
  if (network === undefined || !(isElsewhere || isOwn)) return reply(frame)
  const into = [...loadOf('network', network.tunnel_key_id), ...loadOf('routed', 1)]
  return sendThrough([...into, resubmitTo('destination')], frame, 'OFPP_CONTROLLER')
}

/** Tells the sender of an IPv4 packet what has become of it, or sends it on in pieces. */
export function tellSender(packet: PacketIn, state: State, mark: Mark): Effects {
  const frame = packet.frame()
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
  const ethernet = parseEthernet(view)
  const ip = ethernet && parseIpv4Header(view, ethernet.payload)
  if (ethernet === null || ip === null) return drop('not-ip')
  const error = errorOf(mark, ip)
  const bridgedFrom = bridgedFromVlan(packet, ethernet)
  restoreDestination(packet, view, ethernet, ip, state)
  const network = networkOf(state, packet)
  const mtu =
    error === 'fragmentationNeeded' && network !== undefined ? mtuOfWay(state, packet, network) : undefined
  if (mtu !== undefined && !mayNotBeCut(view, ethernet.payload))
    return sendInPieces(packet, view, ethernet.payload, ip, mtu, bridgedFrom)
  const reason = isNotToBeAnswered(view, ip, ethernet.destination, network)
  if (reason !== null) return drop(reason)
  // A simulated interface has echo and services, and says so to who asks for a port or a protocol: not to other ICMP.
  if (error === 'protocolUnreachable' && ip.protocol === ipProtocol.icmp) return drop('no-service')
  const headersFrom = (source: number) => ({
    ethernet: { source: ethernet.destination, destination: ethernet.source },
    ip: { source, destination: ip.source, ttl: errorTtl },
    error,
    ...(mtu !== undefined && { mtu }),
  })
  const at = ethernet.payload
  if (bridgedFrom !== null)
    return reply(intoVlan(buildIcmpError(headersFrom(ip.destination), view, at, ip.end), bridgedFrom))
  const lease = routerLease(state, senderOf(packet, state), ip.source, ethernet.destination)
  if (lease === undefined) return drop('no-router')
  return sendBack(packet, state, { lease, headers: headersFrom(lease.ipv4_address!), at }, view, ip.end)
}
