/**
 * ICMP errors of routers: the sender of a packet that could not be routed is told why (RFC 1812, 5.2.7 and 4.3). Each
 * interface at its own rate, by its meter; never about what must not be answered.
 */
import {
  broadcastOf,
  buildIcmpError,
  cutDatagram,
  drop,
  type Effect,
  type Ethernet,
  type IcmpError,
  type Ipv4,
  ipProtocol,
  isIcmpError,
  isMulticastMac,
  mayNotBeCut,
  type PacketIn,
  packetIn,
  parseEthernet,
  parseIpv4Header,
  portsOf,
  reply,
  rewrite,
  type State,
  send,
} from 'openvnet'
import { pipeline, puntPoints } from '../../flows/pipeline.ts'
import { mtuOf } from '../../state/encapsulation.ts'
import type { Network } from '../../state/networks.ts'
import { outerOf } from '../../state/translation.ts'

const errorTtl = 64
/** As many packets as one event may send: enough for 46 KB on an Ethernet. */
const piecesMax = 32

type Mark = keyof typeof pipeline.registers.icmpError.values
const marks: ReadonlyMap<number, Mark> = new Map(
  Object.entries(pipeline.registers.icmpError.values).map(([mark, value]) => [value, mark as Mark] as const),
)

/** The address by which the sender knows the router: what it sent to, in the network that its own address is in. */
function routerAddress(state: State, interfaceId: number, source: number, mac: number): number | undefined {
  const router = state.macLeases.one('macAddress', mac)
  if (router === undefined) return undefined
  const networks = state.ipLeases
    .many('interface', interfaceId)
    .flatMap((lease) => (lease.ipv4_address === source ? [lease.network_id] : []))
  return state.ipLeases
    .many('macLease', router.id)
    .find((lease) => lease.ipv4_address !== 0 && networks.includes(lease.network_id))?.ipv4_address
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
function errorOf(packet: PacketIn, ip: Ipv4): IcmpError | undefined {
  const mark = marks.get(pipeline.read(packet, 'icmpError'))
  if (mark === undefined || mark === 'none') return undefined
  const hasPorts = ip.protocol === ipProtocol.tcp || ip.protocol === ipProtocol.udp
  return mark === 'portUnreachable' && !hasPorts ? 'protocolUnreachable' : mark
}

/** Cut into pieces that fit, and sent again from the same port. */
function sendInPieces(
  packet: PacketIn,
  view: DataView,
  at: number,
  ip: Ipv4,
  mtu: number,
): Effect | Effect[] {
  const pieces = cutDatagram(view, at, ip, mtu)
  if (pieces.length > piecesMax) return drop('too-many-pieces')
  return pieces.map((piece) => {
    const frame = new Uint8Array(at + piece.length)
    frame.set(new Uint8Array(view.buffer, view.byteOffset, at))
    frame.set(piece, at)
    return send(frame, 'OFPP_TABLE', packet.inPort)
  })
}

/** A router interface has translated its destination, and whoever sent it knows it as it was. */
function restoreDestination(
  packet: PacketIn,
  view: DataView,
  ethernet: Ethernet,
  ip: Ipv4,
  state: State,
): void {
  const router = state.macLeases.one('macAddress', ethernet.destination)?.interface_id ?? undefined
  const quoted = { at: ethernet.payload, ...ip, isFirst: ip.fragmentOffset === 0 }
  const ports = portsOf(quoted)
  const place = { address: ip.destination, port: ports === null ? null : view.getUint16(ports + 2) }
  if (router === undefined) return
  const outer = outerOf(state, router, pipeline.read(packet, 'routing'), place)
  if (outer !== undefined) rewrite(view, quoted, 'destination', outer)
}

/** The answer to the sender of an IPv4 packet. */
function answer(packet: PacketIn, view: DataView, ethernet: Ethernet, ip: Ipv4, state: State) {
  const error = errorOf(packet, ip)
  if (error === undefined) return drop('no-error')
  if (pipeline.read(packet, 'translation') === pipeline.registers.translation.values.inward)
    restoreDestination(packet, view, ethernet, ip, state)
  const network = networkOf(state, packet)
  const mtu = error === 'fragmentationNeeded' && network !== undefined ? mtuOf(network) : undefined
  if (mtu !== undefined && !mayNotBeCut(view, ethernet.payload))
    return sendInPieces(packet, view, ethernet.payload, ip, mtu)
  const reason = isNotToBeAnswered(view, ip, ethernet.destination, network)
  if (reason !== null) return drop(reason)
  // A simulated interface has echo and services, and says so to who asks for a port or a protocol: not to other ICMP.
  if (error === 'protocolUnreachable' && ip.protocol === ipProtocol.icmp) return drop('no-service')
  const source = routerAddress(state, packet.objectId, ip.source, ethernet.destination)
  if (source === undefined) return drop('no-router')
  const headers = {
    ethernet: { source: ethernet.destination, destination: ethernet.source },
    ip: { source, destination: ip.source, ttl: errorTtl },
    error,
    ...(mtu !== undefined && { mtu }),
  }
  return reply(buildIcmpError(headers, view, ethernet.payload, ip.end))
}

export default packetIn({
  name: 'icmp',
  from: puntPoints.icmp,
  handle(packet, { state }) {
    const frame = packet.frame()
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
    const ethernet = parseEthernet(view)
    const ip = ethernet && parseIpv4Header(view, ethernet.payload)
    return ethernet === null || ip === null ? drop('not-ip') : answer(packet, view, ethernet, ip, state)
  },
})
