/**
 * DHCP: a machine is told the address that the state has for it. The interface is known by its port, the lease by the
 * MAC address that the anti-spoofing flows have let through and the network that they have put the packet in; nothing
 * that the client says about itself is believed.
 */
import {
  addressOption,
  alarm,
  broadcastIpv4,
  broadcastMac,
  buildDhcp,
  buildUdpFrame,
  type Dhcp,
  describe,
  dhcpClientPort,
  dhcpMessageType,
  dhcpOption,
  dhcpServerPort,
  drop,
  formatIpv4,
  formatMac,
  optionValue,
  type PacketIn,
  type Problem,
  packetIn,
  parseDhcp,
  parseEthernet,
  parseIpv4Header,
  parseUdp,
  type Row,
  reply,
  type State,
} from 'openvnet'
import { pipeline, puntPoints } from '../../flows/pipeline.ts'
import { type Server, serverOf } from '../../state/services.ts'
import { answerTo } from './answer.ts'
import { leaseTimes, networkOptions, requested } from './options.ts'

const replyTtl = 64

export default packetIn({
  name: 'dhcp',
  from: puntPoints.dhcp,
  handle(packet, { state, log }) {
    const read = readMessage(packet)
    if ('ignore' in read) {
      if (read.problem !== undefined) log.debug(describe(read.problem))
      return drop(read.ignore)
    }
    const { message } = read
    if (message.hardwareAddress !== read.source) return drop('foreign-hardware-address')
    const lease = leaseOf(state, packet, read)
    if ('ignore' in lease) return drop(lease.ignore)
    const answer = answerTo(message, lease.address, lease.server.ipv4)
    if (typeof answer === 'string') return reply(buildAnswer(answer, message, lease, state))
    if (answer.ignore !== 'declined') return drop(answer.ignore)
    const who = `${formatMac(read.source)} declined ${formatIpv4(lease.address)} in ${lease.network.uuid}`
    return [alarm('dhcp-declined', `${who}: another machine uses the address`), drop('declined')]
  },
})

interface Lease {
  readonly mac: number
  readonly address: number
  readonly network: Row<'networks'>
  readonly server: Server
}

interface FromClient {
  readonly source: number
  readonly message: Dhcp
}

function readMessage(packet: PacketIn): FromClient | { ignore: string; problem?: Problem } {
  const frame = packet.frame()
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
  const ethernet = parseEthernet(view)
  const ip = ethernet && parseIpv4Header(view, ethernet.payload)
  const udp = ip && parseUdp(view, ip)
  if (ethernet === null || !udp || udp.destinationPort !== dhcpServerPort) return { ignore: 'not-dhcp' }
  const message = parseDhcp(view, udp.payload, udp.end)
  if (!message.ok) return { ignore: 'malformed', problem: message.problem }
  return message.value.operation === 1
    ? { source: ethernet.source, message: message.value }
    : { ignore: 'not-for-a-server' }
}

/** The lease of this MAC on this interface in the network that the packet is in: of several the one that it asks for. */
function leaseOf(
  state: State,
  packet: PacketIn,
  { source: mac, message }: FromClient,
): Lease | { ignore: string } {
  const macLease = state.macLeases.one('macAddress', mac)
  const network = state.networks.one('tunnelKey', pipeline.read(packet, 'network'))
  const server = network && serverOf(state, network.id, 'dhcp')
  if (server === undefined) return { ignore: 'no-service' }
  if (macLease?.interface_id !== packet.objectId) return { ignore: 'no-lease' }
  const leases = state.ipLeases.many('macLease', macLease.id).filter((one) => one.network_id === network!.id)
  // 0.0.0.0 stands for an address that is not known.
  const addresses = leases.map((lease) => lease.ipv4_address).filter((address) => address !== 0)
  if (addresses.length === 0) return { ignore: leases.length === 0 ? 'no-lease' : 'no-address' }
  const wanted = addressOption(message, dhcpOption.requestedAddress) ?? message.clientAddress
  const address = addresses.includes(wanted) ? wanted : addresses[0]!
  return { mac, address, network: network!, server }
}

function answerOptions(
  answer: 'offer' | 'ack' | 'nak',
  message: Dhcp,
  lease: Lease,
  state: State,
): Map<number, Uint8Array> {
  const options = new Map<number, Uint8Array>([
    [dhcpOption.messageType, optionValue.byte(dhcpMessageType[answer])],
    [dhcpOption.serverIdentifier, optionValue.uint32(lease.server.ipv4)],
  ])
  const client = message.options.get(dhcpOption.clientIdentifier)
  // A client may tell its answers by the identifier that it sent (RFC 6842).
  if (client !== undefined) options.set(dhcpOption.clientIdentifier, client)
  if (answer === 'nak') return options
  const inform = message.options.get(dhcpOption.messageType)?.[0] === dhcpMessageType.inform
  if (!inform) for (const [code, value] of leaseTimes()) options.set(code, value)
  const list = message.options.get(dhcpOption.parameterRequestList)
  for (const [code, value] of requested(networkOptions(state, lease.network), list)) options.set(code, value)
  return options
}

/** The whole frame of the answer, addressed as RFC 2131, 4.1 says. */
function buildAnswer(answer: 'offer' | 'ack' | 'nak', message: Dhcp, lease: Lease, state: State): Uint8Array {
  const inform = message.options.get(dhcpOption.messageType)?.[0] === dhcpMessageType.inform
  const everyone = answer === 'nak' || (message.clientAddress === 0 && message.broadcast)
  const answered = buildDhcp({
    operation: 2,
    transactionId: message.transactionId,
    secs: 0,
    broadcast: message.broadcast,
    // RFC 2131, table 3.
    clientAddress: answer === 'ack' ? message.clientAddress : 0,
    yourAddress: answer === 'nak' || inform ? 0 : lease.address,
    serverAddress: 0,
    relayAddress: message.relayAddress,
    hardwareAddress: lease.mac,
    options: answerOptions(answer, message, lease, state),
  })
  return buildUdpFrame(
    {
      ethernet: { source: lease.server.mac, destination: everyone ? broadcastMac : lease.mac },
      ip: {
        source: lease.server.ipv4,
        destination: everyone ? broadcastIpv4 : lease.address,
        ttl: replyTtl,
      },
      sourcePort: dhcpServerPort,
      destinationPort: dhcpClientPort,
    },
    answered,
  )
}
