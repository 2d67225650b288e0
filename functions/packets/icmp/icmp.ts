/**
 * ICMP errors of routers: the sender of a packet that could not be routed is told why (RFC 1812, 5.2.7 and 4.3). Each
 * interface at its own rate, by its meter; never about what must not be answered.
 */
import {
  broadcastOf,
  buildIcmpError,
  drop,
  type IcmpError,
  type Ipv4,
  ipProtocol,
  isIcmpError,
  isMulticastMac,
  markIn,
  type PacketIn,
  packetIn,
  parseEthernet,
  parseIpv4Header,
  reply,
  type State,
  valueIn,
} from 'openvnet'
import { pipeline, puntPoints } from '../../flows/pipeline.ts'
import { mtuOf } from '../../state/encapsulation.ts'
import type { Network } from '../../state/networks.ts'

const errorTtl = 64
const { registers } = pipeline

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
function networkOf(state: State, packet: PacketIn): Network | undefined {
  const key = valueIn(registers.network, packet.register(registers.network.bits[0]))
  return state.networks.one('tunnelKey', key)
}

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
  const mark = markIn(registers.icmpError, packet.register(registers.icmpError.bits[0]))
  if (mark === undefined || mark === 'none') return undefined
  const hasPorts = ip.protocol === ipProtocol.tcp || ip.protocol === ipProtocol.udp
  return mark === 'portUnreachable' && !hasPorts ? 'protocolUnreachable' : mark
}

export default packetIn({
  name: 'icmp',
  from: puntPoints.icmp,
  handle(packet, { state }) {
    const view = new DataView(
      packet.bytes.buffer,
      packet.bytes.byteOffset + packet.frameOffset,
      packet.length,
    )
    const ethernet = parseEthernet(view)
    const ip = ethernet && parseIpv4Header(view, ethernet.payload)
    if (ethernet === null || ip === null) return drop('not-ip')
    const error = errorOf(packet, ip)
    if (error === undefined) return drop('no-error')
    const network = networkOf(state, packet)
    const reason = isNotToBeAnswered(view, ip, ethernet.destination, network)
    if (reason !== null) return drop(reason)
    // What asks nothing of anyone needs no answer: a service that is not there is told to who wants one.
    if (error === 'protocolUnreachable' && ip.protocol === ipProtocol.icmp) return drop('no-service')
    const source = routerAddress(state, packet.objectId, ip.source, ethernet.destination)
    if (source === undefined) return drop('no-router')
    const headers = {
      ethernet: { source: ethernet.destination, destination: ethernet.source },
      ip: { source, destination: ip.source, ttl: errorTtl },
      error,
      ...(error === 'fragmentationNeeded' && network !== undefined && { mtu: mtuOf(network) }),
    }
    return reply(buildIcmpError(headers, view, ethernet.payload, ip.end))
  },
})
