/** ICMPv6 errors of routers: the sender of a packet that could not be routed is told why (RFC 4443). */
import {
  buildIcmpv6Error,
  containsIpv6,
  drop,
  type Effect,
  type Ethernet,
  type Icmpv6Error,
  type Ipv6,
  icmpv6Protocol,
  ipProtocol,
  isIcmpv6Error,
  isMulticastMac,
  multicastIpv6,
  type PacketIn,
  parseEthernet,
  parseIpv6Header,
  reply,
  type State,
} from 'openvnet'
import { pipeline } from '../../flows/pipeline.ts'
import { bridgedFromVlan, intoVlan, type Mark, mtuOfWay, routedBack, type Sender, senderOf } from './tell.ts'

const errorHopLimit = 64
/** Where a header says what comes next, which a host that does not know it points to. */
const nextHeaderAt = 6

/** What a mark of the pipeline is in ICMPv6. */
const errors: Readonly<Record<Mark, Icmpv6Error>> = {
  networkUnreachable: 'noRoute',
  hostUnreachable: 'addressUnreachable',
  portUnreachable: 'portUnreachable',
  timeExceeded: 'timeExceeded',
  fragmentationNeeded: 'packetTooBig',
}

function errorOf(mark: Mark, { protocol }: Ipv6): Icmpv6Error {
  const error = errors[mark]
  const hasPorts = protocol === ipProtocol.tcp || protocol === ipProtocol.udp
  return error === 'portUnreachable' && !hasPorts ? 'unknownNextHeader' : error
}

/**
 * The address by which the sender knows the router: what it sent to, in the network that its own address is in. A sender
 * that has not that address sends for others, or is a physical network: then in any that it is in. Who is on another
 * datapath (interface 0) knows the router by its first.
 */
function routerAddress(
  state: State,
  { interfaceId, guestOf }: Sender,
  source: string,
  mac: number,
): string | undefined {
  const router = state.macLeases.one('macAddress', mac)
  if (router === undefined) return undefined
  const known = state.ipLeases.many('macLease', router.id).filter((lease) => lease.ipv6_address !== null)
  if (interfaceId === 0) return known[0]?.ipv6_address ?? undefined
  const all = state.ipLeases.many('interface', interfaceId)
  const own = all.filter((lease) => lease.ipv6_address === source)
  const networks =
    own.length > 0
      ? own.map((lease) => lease.network_id)
      : [...all.map((lease) => lease.network_id), ...guestOf]
  return known.find(({ network_id }) => networks.includes(network_id))?.ipv6_address ?? undefined
}

/** Why no error may be sent, if so (RFC 4443, 2.4 e). */
function isNotToBeAnswered(view: DataView, ip: Ipv6, destination: number): string | null {
  if (isIcmpv6Error(view, ip)) return 'icmp-error'
  if (ip.fragmentOffset !== 0) return 'fragment'
  const isGroup = containsIpv6(multicastIpv6.network, multicastIpv6.prefix, ip.destination)
  return isMulticastMac(destination) || isGroup ? 'multicast' : null
}

function answer(
  packet: PacketIn,
  view: DataView,
  ethernet: Ethernet,
  ip: Ipv6,
  state: State,
  mark: Mark,
): Effect {
  const error = errorOf(mark, ip)
  const reason = isNotToBeAnswered(view, ip, ethernet.destination)
  if (reason !== null) return drop(reason)
  // A simulated interface has echo and services, and says so to who asks for a port or a protocol: not to other ICMP.
  if (error === 'unknownNextHeader' && ip.protocol === icmpv6Protocol) return drop('no-service')
  const bridgedFrom = bridgedFromVlan(packet, ethernet)
  const source =
    bridgedFrom === null
      ? routerAddress(state, senderOf(packet, state), ip.source, ethernet.destination)
      : ip.destination
  if (source === undefined) return drop('no-router')
  const network = state.networks.one('tunnelKey', pipeline.read(packet, 'network'))
  const told = { packetTooBig: network && mtuOfWay(state, packet, network), unknownNextHeader: nextHeaderAt }
  const value = error === 'packetTooBig' || error === 'unknownNextHeader' ? told[error] : undefined
  const headers = {
    ethernet: { source: ethernet.destination, destination: ethernet.source },
    ip: { source, destination: ip.source, hopLimit: errorHopLimit },
    error,
    ...(value !== undefined && { value }),
  }
  const built = intoVlan(buildIcmpv6Error(headers, view, ethernet.payload, ip.end), bridgedFrom)
  return routedBack(packet, built) ?? reply(built)
}

/** The answer to the sender of an IPv6 packet. */
export function tellIpv6Sender(packet: PacketIn, state: State, mark: Mark): Effect {
  const frame = packet.frame()
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
  const ethernet = parseEthernet(view)
  const ip = ethernet && parseIpv6Header(view, ethernet.payload)
  return ethernet === null || ip === null ? drop('not-ip') : answer(packet, view, ethernet, ip, state, mark)
}
