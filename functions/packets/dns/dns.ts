/**
 * DNS: the names of a network's machines, and the records of its services. Whoever asks is known by its port, and its
 * network by that; names of other networks are nowhere to be found.
 */
import {
  buildDnsAnswer,
  buildDnsError,
  call,
  type DnsQuery,
  describe,
  dnsCode,
  dnsFlag,
  dnsOpcode,
  drop,
  type Effect,
  emptyDnsAnswer,
  type PacketEnvironment,
  type PacketIn,
  packetIn,
  type Row,
  readDnsHeader,
  readDnsQuery,
  reply,
  withDnsName,
} from 'openvnet'
import { puntPoints } from '../../flows/pipeline.ts'
import { dnsServicesOf, publicServersOf } from '../../state/dns.ts'
import { type Asked, answerFrame, readAsked } from './client.ts'
import { type Forwarding, handBack, memoryKey } from './forwarding.ts'
import { type Onward, resolve } from './resolve.ts'

/** Of a query that is handed on: no name and EDNS need more. */
const queryLengthMax = 1_232

export default packetIn({
  name: 'dns',
  from: puntPoints.dns,
  handle(packet, env) {
    const asked = readAsked(packet, env.state)
    if (asked === undefined) return drop('not-for-a-server')
    const { client, view, start, end } = asked
    const services = dnsServicesOf(env.state, client.serverId, client.serverPort)
    if (services === undefined) return drop('no-service')
    const header = readDnsHeader(view, start, end)
    if (header === null) return drop('malformed')
    if (header.isResponse) return drop('not-a-query')
    const answer = (message: Uint8Array) => reply(answerFrame(client, message))
    if (header.opcode !== dnsOpcode.query) return answer(buildDnsError(header, dnsCode.notImplemented))
    const read = readDnsQuery(view, start, end)
    if (!read.ok) {
      env.log.debug(describe(read.problem))
      return answer(buildDnsError(header))
    }
    const message = answerTo(asked, read.value, services, env)
    return message instanceof Uint8Array ? answer(message) : forward(packet, asked, message)
  },
})

type Onwards = Onward & { readonly servers: readonly number[] }

/** The answer, or what others are to be asked. */
function answerTo(
  { client, network }: Asked,
  query: DnsQuery,
  services: readonly Row<'dnsServices'>[],
  env: PacketEnvironment,
): Uint8Array | Onwards {
  const servers = publicServersOf(services)
  const canForward = servers.length > 0
  const empty = emptyDnsAnswer(dnsCode.refused, canForward)
  const fail = (code: number) => buildDnsAnswer(query, { ...empty, code })
  if (query.edns !== null && query.edns.version > 0) return fail(dnsCode.badVersion)
  const scope = { state: env.state, network, services }
  const resolved = resolve(scope, query.question, client.serverId, canForward)
  if (!('onward' in resolved)) return buildDnsAnswer(query, resolved)
  const { aliases, onward } = resolved
  if (!canForward || (query.flags & dnsFlag.recursionDesired) === 0)
    // The alias is ours; what it leads to, the client finds out elsewhere.
    return aliases.length === 0
      ? fail(dnsCode.refused)
      : buildDnsAnswer(query, { ...empty, code: dnsCode.noError, authoritative: true, answers: aliases })
  const known = env.remembered(memoryKey(servers, withDnsName(query, onward)))
  if (known === undefined) return { ...resolved, servers }
  if (known.bytes.length === 0) return fail(dnsCode.serverFailure)
  return handBack(query, aliases, known.bytes, known.ageMs / 1_000)
}

function forward(
  packet: PacketIn,
  { client, view, start, end }: Asked,
  { onward, aliases, servers }: Onwards,
): Effect {
  const query = new Uint8Array(view.buffer, view.byteOffset + start, end - start).toHex()
  const forwarding: Forwarding = { client, dpid: packet.dpid, query, name: onward, aliases, servers }
  return end - start > queryLengthMax ? drop('too-long') : call('dns-forward', forwarding)
}
