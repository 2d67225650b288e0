/**
 * DHCP: a machine is told the address that the state has for it, or is given one by its lease policy. The interface is
 * known by its port, the lease by the MAC address that the anti-spoofing flows have let through and the network that
 * they have put the packet in; nothing that the client says about itself is believed.
 */
import {
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
  type HandlerResult,
  optionValue,
  type PacketEnvironment,
  type PacketIn,
  type Problem,
  packetIn,
  parseDhcp,
  parseEthernet,
  parseIpv4Header,
  parseUdp,
  reply,
  type State,
} from 'openvnet'
import { puntPoints } from '../../flows/pipeline.ts'
import { type Boot, bootOf, isHttpClient } from '../../state/boot.ts'
import { hostLabelOf } from '../../state/names.ts'
import { answerTo, typeOf } from './answer.ts'
import {
  type FromClient,
  giveBack,
  givenBack,
  hasJustGivenBack,
  keepLease,
  type Lease,
  leaseFor,
  replaceLease,
  secondsLeft,
} from './lease.ts'
import { bootOptions, leaseTimes, nameOption, networkOptions, requested } from './options.ts'

const replyTtl = 64

export default packetIn({
  name: 'dhcp',
  from: puntPoints.dhcp,
  handle(packet, env) {
    const read = readMessage(packet)
    if ('ignore' in read) {
      if (read.problem !== undefined) env.log.debug(describe(read.problem))
      return drop(read.ignore)
    }
    if (read.message.hardwareAddress !== read.source) return drop('foreign-hardware-address')
    const lease = leaseFor(env, packet, read)
    if ('ignore' in lease) return drop(lease.ignore)
    return 'exhausted' in lease
      ? [alarm('addresses-exhausted', lease.exhausted, {}, [lease.about]), drop('no-free-address')]
      : answerClient(env, read.message, lease)
  },
})

function answerClient(env: PacketEnvironment, message: Dhcp, lease: Lease): HandlerResult {
  const answer = answerTo(message, lease.address, lease.server.ipv4)
  if (typeof answer === 'string') {
    const isUse = answer === 'offer' || (answer === 'ack' && typeOf(message) !== dhcpMessageType.inform)
    const state = isUse ? keepLease(env, lease) : env.state
    return reply(buildAnswer(answer, message, lease, state, env.now))
  }
  if (answer.ignore !== 'released' && answer.ignore !== 'declined') return drop(answer.ignore)
  if (hasJustGivenBack(env, answer.ignore, lease)) return drop('given-back-too-often')
  if (answer.ignore === 'released')
    return giveBack(env, message, lease) ? [givenBack('released', lease), drop('released')] : drop('released')
  return answerDecline(env, lease)
}

function answerDecline(env: PacketEnvironment, lease: Lease): HandlerResult {
  const isReplaced = replaceLease(env, lease)
  const who = `${formatMac(lease.mac)} declined ${formatIpv4(lease.address)} in ${lease.network.uuid}`
  const what = `${who}: another machine uses the address`
  const declined = [alarm('dhcp-declined', what, {}, [lease.network.uuid]), drop('declined')]
  return isReplaced ? [givenBack('declined', lease), ...declined] : declined
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

function answerOptions(
  answer: 'offer' | 'ack' | 'nak',
  message: Dhcp,
  lease: Lease,
  state: State,
  now: number,
  boot: Boot | undefined,
): Map<number, Uint8Array> {
  const options = new Map<number, Uint8Array>([
    [dhcpOption.messageType, optionValue.byte(dhcpMessageType[answer])],
    [dhcpOption.serverIdentifier, optionValue.uint32(lease.server.ipv4)],
  ])
  const client = message.options.get(dhcpOption.clientIdentifier)
  // A client may tell its answers by the identifier that it sent (RFC 6842).
  if (client !== undefined) options.set(dhcpOption.clientIdentifier, client)
  if (answer === 'nak') return options
  const inform = typeOf(message) === dhcpMessageType.inform
  if (!inform)
    for (const [code, value] of leaseTimes(secondsLeft(state, lease, now))) options.set(code, value)
  const list = message.options.get(dhcpOption.parameterRequestList)
  const owner = lease.row?.interface_id ?? null
  const name = owner === null ? undefined : hostLabelOf(state, owner, lease.network.id)
  const told = [...networkOptions(state, lease.network), ...nameOption(name, list), ...bootOptions(boot)]
  for (const [code, value] of requested(told, list)) options.set(code, value)
  // Firmware that boots by HTTP takes no answer without it.
  if (boot !== undefined && boot.file !== '' && isHttpClient(message))
    options.set(dhcpOption.vendorClass, optionValue.text('HTTPClient'))
  return options
}

/** The whole frame of the answer, addressed as RFC 2131, 4.1 says. */
function buildAnswer(
  answer: 'offer' | 'ack' | 'nak',
  message: Dhcp,
  lease: Lease,
  state: State,
  now: number,
): Uint8Array {
  const inform = typeOf(message) === dhcpMessageType.inform
  const boot = answer === 'nak' ? undefined : bootOf(state, lease.network.id, message)
  const everyone = answer === 'nak' || (message.clientAddress === 0 && message.broadcast)
  const answered = buildDhcp({
    operation: 2,
    transactionId: message.transactionId,
    secs: 0,
    broadcast: message.broadcast,
    // RFC 2131, table 3.
    clientAddress: answer === 'ack' ? message.clientAddress : 0,
    yourAddress: answer === 'nak' || inform ? 0 : lease.address,
    serverAddress: boot?.nextServer ?? 0,
    relayAddress: message.relayAddress,
    hardwareAddress: lease.mac,
    ...(boot === undefined ? {} : { bootFile: boot.file }),
    options: answerOptions(answer, message, lease, state, now, boot),
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
