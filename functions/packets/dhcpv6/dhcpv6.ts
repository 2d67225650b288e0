/**
 * DHCPv6: a machine is told the IPv6 addresses that the state has for it, name servers and the domain. Who waits for
 * addresses of a lease policy gets them by asking; else nothing that a client says changes who has which.
 */
import {
  alarm,
  buildDhcpv6,
  buildUdpFrame,
  canonicalDnsName,
  type Dhcpv6Options,
  describe,
  dhcpv6ClientPort,
  dhcpv6MessageType,
  dhcpv6Option,
  dhcpv6OptionOf,
  dhcpv6ServerPort,
  dhcpv6Status,
  dhcpv6Value,
  drop,
  formatMac,
  packetIn,
  reply,
  type State,
} from 'openvnet'
import { puntPoints } from '../../flows/pipeline.ts'
import { ipv6DnsServersOf } from '../../state/ipv6.ts'
import { type Kind, kindOf } from './answer.ts'
import { endedOf, givenTo, isInHurry, isOnLink, refusedOf } from './associations.ts'
import { type Client, leasesOf, readClient } from './client.ts'
import { stateForUse } from './lease.ts'

const replyHopLimit = 64
/** Longer ones are no DUID (RFC 8415, 11.1). */
const duidBytesMax = 130

const same = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, at) => byte === b[at])

/** Why a message is discarded, if it is (RFC 8415, 16). */
function whyNot({ message, server }: Client, { server: names, does }: Kind): string | null {
  const client = dhcpv6OptionOf(message.options, dhcpv6Option.clientIdentifier)
  if (client === undefined && does !== 'inform') return 'no-client-identifier'
  if (client !== undefined && (client.length === 0 || client.length > duidBytesMax)) return 'malformed'
  const named = dhcpv6OptionOf(message.options, dhcpv6Option.serverIdentifier)
  if (named === undefined) return names === 'must' ? 'no-server-identifier' : null
  if (names === 'never') return 'server-identifier'
  return same(named, dhcpv6Value.duidOfMac(server.mac)) ? null : 'other-server'
}

/** What all clients of the network are told. */
function networkOptions({ network }: Client, state: State): Dhcpv6Options {
  const servers = ipv6DnsServersOf(state, network)
  const domain = network.domain_name === '' ? null : canonicalDnsName(network.domain_name)
  return [
    ...(servers.length === 0 ? [] : [[dhcpv6Option.dnsServers, dhcpv6Value.addresses(servers)] as const]),
    ...(domain === null ? [] : [[dhcpv6Option.domainSearch, dhcpv6Value.domain(domain)] as const]),
  ]
}

/** What is said of the client's addresses; null: nothing can be said, and somebody else may know. */
function told(client: Client, { does }: Kind, state: State, now: number): Dhcpv6Options | null {
  switch (does) {
    case 'give':
      return [...givenTo(client, state, now), ...refusedOf(client), ...networkOptions(client, state)]
    case 'check': {
      const onLink = isOnLink(client)
      if (onLink === null) return null
      const code = onLink ? dhcpv6Status.success : dhcpv6Status.notOnLink
      return [[dhcpv6Option.statusCode, dhcpv6Value.status(code)]]
    }
    case 'end':
      return endedOf(client)
    case 'inform':
      return networkOptions(client, state)
  }
}

function answerFrame(client: Client, kind: Kind, options: Dhcpv6Options): Uint8Array {
  const { message, server, mac, address } = client
  const isRapid = kind.answer === 'advertise' && isInHurry(client)
  const own = dhcpv6OptionOf(message.options, dhcpv6Option.clientIdentifier)
  const bytes = buildDhcpv6({
    type: dhcpv6MessageType[isRapid ? 'reply' : kind.answer],
    transactionId: message.transactionId,
    options: [
      ...(own === undefined ? [] : [[dhcpv6Option.clientIdentifier, own] as const]),
      [dhcpv6Option.serverIdentifier, dhcpv6Value.duidOfMac(server.mac)],
      ...(isRapid ? [[dhcpv6Option.rapidCommit, new Uint8Array(0)] as const] : []),
      ...options,
    ],
  })
  return buildUdpFrame(
    {
      ethernet: { source: server.mac, destination: mac },
      ip: { source: server.linkLocal, destination: address, ttl: replyHopLimit },
      sourcePort: dhcpv6ServerPort,
      destinationPort: dhcpv6ClientPort,
    },
    bytes,
  )
}

export default packetIn({
  name: 'dhcpv6',
  from: puntPoints.dhcpv6,
  handle(packet, env) {
    const { log } = env
    const client = readClient(packet, env.state)
    if ('ignore' in client) {
      if (client.problem !== undefined) log.debug(describe(client.problem))
      return drop(client.ignore)
    }
    const kind = kindOf(client.message.type)
    if (kind === undefined) return drop('not-for-a-server')
    const reason = whyNot(client, kind)
    if (reason !== null) return drop(reason)
    const state = kind.does === 'give' ? stateForUse(env, client) : env.state
    const options = told({ ...client, leases: leasesOf(client, state) }, kind, state, env.now)
    if (options === null) return drop('nothing-to-check')
    const answer = reply(answerFrame(client, kind, options))
    if (client.message.type !== dhcpv6MessageType.decline) return answer
    const who = `${formatMac(client.mac)} declined an IPv6 address in ${client.network.uuid}`
    return [alarm('dhcp-declined', `${who}: another machine uses it`, {}, [client.network.uuid]), answer]
  },
})
