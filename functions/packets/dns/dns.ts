/**
 * DNS: the names of a network's machines, and the records of its services. Whoever asks is known by its port, and its
 * network by that; names of other networks are nowhere to be found.
 */
import {
  adaptDnsForwarded,
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
} from 'openvnet'
import { puntPoints } from '../../flows/pipeline.ts'
import { dnsServicesOf, publicServersOf } from '../../state/dns.ts'
import { type Asked, answerFrame, readAsked } from './client.ts'
import { type Forwarding, memoryKey } from './forwarding.ts'
import { resolve } from './resolve.ts'

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
    const servers = publicServersOf(services)
    const message = answerTo(asked, read.value, services, servers, env)
    return message === null ? forward(packet, asked, servers) : answer(message)
  },
})

/** The answer, or null: others are to be asked. */
function answerTo(
  { client, network }: Asked,
  query: DnsQuery,
  services: readonly Row<'dnsServices'>[],
  servers: readonly number[],
  env: PacketEnvironment,
): Uint8Array | null {
  const canForward = servers.length > 0
  const empty = (code: number) => buildDnsAnswer(query, emptyDnsAnswer(code, canForward))
  if (query.edns !== null && query.edns.version > 0) return empty(dnsCode.badVersion)
  const scope = { state: env.state, network, services }
  const resolved = resolve(scope, query.question, client.serverId, canForward)
  if (resolved !== null) return buildDnsAnswer(query, resolved)
  if (!canForward || (query.flags & dnsFlag.recursionDesired) === 0) return empty(dnsCode.refused)
  const known = env.remembered(memoryKey(servers, query))
  if (known === undefined) return null
  if (known.bytes.length === 0) return empty(dnsCode.serverFailure)
  return adaptDnsForwarded(known.bytes, query, known.ageMs / 1_000)
}

function forward(packet: PacketIn, { client, view, start, end }: Asked, servers: readonly number[]): Effect {
  const query = new Uint8Array(view.buffer, view.byteOffset + start, end - start).toHex()
  const forwarding: Forwarding = { client, dpid: packet.dpid, query, servers }
  return end - start > queryLengthMax ? drop('too-long') : call('dns-forward', forwarding)
}
