/**
 * DNS: the names of a network's machines, and the records of its services. Whoever asks is known by its port, and its
 * network by that; names of other networks are nowhere to be found.
 */
import {
  buildDnsAnswer,
  buildDnsError,
  type DnsQuery,
  describe,
  dnsCode,
  dnsOpcode,
  drop,
  emptyDnsAnswer,
  packetIn,
  readDnsHeader,
  readDnsQuery,
  reply,
} from 'openvnet'
import { puntPoints } from '../../flows/pipeline.ts'
import { dnsServicesOf } from '../../state/dns.ts'
import { answerFrame, readAsked } from './client.ts'
import { resolve } from './resolve.ts'

export default packetIn({
  name: 'dns',
  from: puntPoints.dns,
  handle(packet, { state, log }) {
    const asked = readAsked(packet, state)
    if (asked === undefined) return drop('not-for-a-server')
    const { client, network, view, start, end } = asked
    const services = dnsServicesOf(state, client.serverId, client.serverPort)
    if (services === undefined) return drop('no-service')
    const header = readDnsHeader(view, start, end)
    if (header === null) return drop('malformed')
    if (header.isResponse) return drop('not-a-query')
    const answer = (message: Uint8Array) => reply(answerFrame(client, message))
    if (header.opcode !== dnsOpcode.query) return answer(buildDnsError(header, dnsCode.notImplemented))
    const read = readDnsQuery(view, start, end)
    if (!read.ok) {
      log.debug(describe(read.problem))
      return answer(buildDnsError(header))
    }
    const query = read.value
    const refuse = (code: number) => answer(buildDnsAnswer(query, emptyDnsAnswer(code)))
    if (isOfFuture(query)) return refuse(dnsCode.badVersion)
    const scope = { state, network, services }
    const resolved = resolve(scope, query.question, client.serverId, false)
    return resolved === null ? refuse(dnsCode.refused) : answer(buildDnsAnswer(query, resolved))
  },
})

/** EDNS has one version. */
const isOfFuture = ({ edns }: DnsQuery) => edns !== null && edns.version > 0
