/**
 * DNS: the names of a network's machines, and the records of its services. Whoever asks is known by its port, and its
 * network by that; names of other networks are nowhere to be found.
 */
import {
  buildDnsAnswer,
  buildDnsError,
  call,
  type DnsAnswer,
  type DnsQuery,
  describe,
  dnsCode,
  dnsFlag,
  dnsOpcode,
  drop,
  type Effects,
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
import { type DnsServer, dnsServicesOf, publicServersOf } from '../../state/dns.ts'
import { type Asked, answerFrames, lengthMaxOf, readAsked } from './client.ts'
import { type Forwarding, handBack, memoryKey } from './forwarding.ts'
import { type Onward, resolve } from './resolve.ts'
import { acknowledge, hear } from './tcp.ts'

/** Of a query that is handed on: no name and EDNS need more. */
const queryLengthMax = 1_232

export default packetIn({
  name: 'dns',
  from: puntPoints.dns,
  handle(packet, env) {
    const asked = readAsked(packet, env.state)
    if (asked === undefined) return drop('not-for-a-server')
    const { client, view, udp, tcp } = asked
    const services = dnsServicesOf(env.state, client.serverId)
    if (services === undefined) return drop('no-service')
    if (udp !== null)
      return answerQuestion(packet, { ...asked, services, start: udp.payload, end: udp.end }, env)
    const heard = hear(view, client, tcp!)
    if (heard.kind === 'frame') return reply(heard.frame)
    if (heard.kind === 'nothing') return drop(heard.reason)
    return answerQuestion(packet, { ...asked, ...heard, services }, env)
  },
})

interface Question extends Pick<Asked, 'client' | 'network' | 'view'> {
  readonly services: readonly Row<'dnsServices'>[]
  /** Where the message begins and ends. */
  readonly start: number
  readonly end: number
}

function answerQuestion(packet: PacketIn, question: Question, env: PacketEnvironment): Effects {
  const { client, view, start, end } = question
  const header = readDnsHeader(view, start, end)
  if (header === null) return drop('malformed')
  if (header.isResponse) return drop('not-a-query')
  const answer = (message: Uint8Array) => answerFrames(client, message).map(reply)
  if (header.opcode !== dnsOpcode.query) return answer(buildDnsError(header, dnsCode.notImplemented))
  const read = readDnsQuery(view, start, end)
  if (!read.ok) {
    env.log.debug(describe(read.problem))
    return answer(buildDnsError(header))
  }
  const message = answerTo(question, read.value, env)
  return message instanceof Uint8Array ? answer(message) : forward(packet, question, message)
}

type Onwards = Onward & { readonly servers: readonly DnsServer[] }

/** The answer, or what others are to be asked. */
function answerTo(question: Question, query: DnsQuery, env: PacketEnvironment): Uint8Array | Onwards {
  const { client, services } = question
  const servers = publicServersOf(services)
  const canForward = servers.length > 0
  const empty = emptyDnsAnswer(dnsCode.refused, canForward)
  const say = (answer: DnsAnswer) => buildDnsAnswer(query, answer, lengthMaxOf(client, query))
  if (query.edns !== null && query.edns.version > 0) return say({ ...empty, code: dnsCode.badVersion })
  const scope = { ...question, state: env.state }
  const resolved = resolve(scope, query.question, client.serverId, canForward)
  if (!('onward' in resolved)) return say(resolved)
  const { aliases, onward } = resolved
  if (!canForward || (query.flags & dnsFlag.recursionDesired) === 0)
    // The alias is ours; what it leads to, the client finds out elsewhere.
    return aliases.length === 0
      ? say(empty)
      : say({ ...empty, code: dnsCode.noError, authoritative: true, answers: aliases })
  const known = env.remembered(memoryKey(servers, withDnsName(query, onward)))
  if (known === undefined) return { ...resolved, servers }
  if (known.bytes.length === 0) return say({ ...empty, code: dnsCode.serverFailure })
  return handBack({ client, aliases }, query, known.bytes, known.ageMs / 1_000)
}

function forward(
  packet: PacketIn,
  { client, view, start, end }: Question,
  { onward, aliases, servers }: Onwards,
): Effects {
  if (end - start > queryLengthMax) return drop('too-long')
  const query = new Uint8Array(view.buffer, view.byteOffset + start, end - start).toHex()
  const forwarding: Forwarding = { client, dpid: packet.dpid, query, name: onward, aliases, servers }
  const called = call('dns-forward', forwarding)
  return client.tcp === null ? called : [reply(acknowledge(client)), called]
}
