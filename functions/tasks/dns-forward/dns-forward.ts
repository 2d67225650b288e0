/**
 * Asks other DNS servers, one after the other, and brings the answer to who wanted to know it, if that is still where it
 * was. Nobody waits for it but the one who asked.
 */
import {
  buildDnsAnswer,
  buildDnsForward,
  type DnsQuery,
  dnsCode,
  dnsForwardKey,
  dnsPort,
  type Effect,
  emptyDnsAnswer,
  exchange,
  localPort,
  readDnsForwarded,
  remember,
  type State,
  send,
  type TaskEnvironment,
  task,
  withDnsName,
  withVlanTag,
} from 'openvnet'
import { portOn } from '../../flows/places.ts'
import { answerFrames, isStillThere } from '../../packets/dns/client.ts'
import {
  type Forwarding,
  handBack,
  memoryKey,
  memoryShare,
  noAnswer,
  queryOf,
} from '../../packets/dns/forwarding.ts'
import type { DnsServer } from '../../state/dns.ts'

/** All attempts together end before a client that waits for the usual five seconds. */
const attemptsMax = 3
const attemptTimeoutMs = 1_200
/** How long answers are remembered at most, whatever their servers say. */
const ttlMaxS = 3_600
/** Who asks again while no server answers is told at once. */
const noAnswerTtlMs = 2_000
/** A server that did not answer is asked after the others for so long. */
const silentTtlMs = 10_000

/** The payload of an exchange: which server was asked. */
interface Attempt {
  readonly forwarding: Forwarding
  readonly server: DnsServer
}

const silentKey = (server: DnsServer) => `dns silent ${server}`

/** Those that answered last before those that did not. */
function inOrder(servers: readonly DnsServer[], env: TaskEnvironment): DnsServer[] {
  const silent = (server: DnsServer) => Number(env.remembered(silentKey(server)) !== undefined)
  return [...servers].sort((a, b) => silent(a) - silent(b))
}

function ask(
  forwarding: Forwarding,
  query: DnsQuery,
  server: DnsServer,
  env: TaskEnvironment,
  transport: 'udp' | 'tcp' = 'udp',
): Effect {
  const message = buildDnsForward(query, Math.floor(env.random() * 0x1_0000))
  return exchange({
    transport,
    address: server,
    port: dnsPort,
    message,
    expect: message.subarray(0, 2),
    timeoutMs: attemptTimeoutMs,
    payload: { forwarding, server } satisfies Attempt,
    // Whoever asks the same meanwhile gets the same answer.
    join: dnsForwardKey(query),
  })
}

/** To the port where the client is now: who has its port since then must not see the answer. */
function deliver(state: State, { client, dpid }: Forwarding, message: Uint8Array): Effect[] {
  const datapath = state.datapaths.one('dpid', dpid)
  const port = datapath && portOn(state, client.portInterfaceId, datapath.id)
  if (port === undefined || !isStillThere(state, client)) return []
  const to = port === localPort ? 'OFPP_LOCAL' : port
  return answerFrames(client, message).map((frame) =>
    send(client.vlan === null ? frame : withVlanTag(frame, client.vlan), to),
  )
}

/** Codes after which another server may know better. */
const isFailure = (code: number) => code !== dnsCode.noError && code !== dnsCode.nameError

export default task({
  name: 'dns-forward',
  handle({ payload, answer, exchanges }, env) {
    if (exchanges === 0) {
      const called = payload as Forwarding
      const forwarding = { ...called, servers: inOrder(called.servers, env) }
      const read = queryOf(forwarding)
      return read.ok
        ? ask(forwarding, withDnsName(read.value, called.name), forwarding.servers[0]!, env)
        : undefined
    }
    const { forwarding, server } = payload as Attempt
    const read = queryOf(forwarding)
    if (!read.ok) return undefined
    const query = read.value
    const asked = withDnsName(query, forwarding.name)
    const key = memoryKey(forwarding.servers, asked)
    const share = memoryShare(forwarding.client)
    const forwarded = answer === null ? undefined : readDnsForwarded(answer, asked)
    const effects: Effect[] = answer === null ? [remember(silentKey(server), noAnswer, silentTtlMs)] : []
    if (forwarded?.ok && !isFailure(forwarded.value.code)) {
      // Who has come over TCP wants all of it.
      if (forwarded.value.truncated && forwarding.client.tcp !== null && exchanges <= attemptsMax)
        return ask(forwarding, asked, server, env, 'tcp')
      const ttlMs = Math.min(forwarded.value.ttlS, ttlMaxS) * 1_000
      if (ttlMs > 0) effects.push(remember(key, answer!, ttlMs, share))
      return [...effects, ...deliver(env.state, forwarding, handBack(forwarding, query, answer!))]
    }
    const next = forwarding.servers[exchanges % forwarding.servers.length]!
    if (exchanges < attemptsMax) return [...effects, ask(forwarding, asked, next, env)]
    const failed = buildDnsAnswer(query, emptyDnsAnswer(dnsCode.serverFailure, true))
    return [
      ...effects,
      remember(key, noAnswer, noAnswerTtlMs, share),
      ...deliver(env.state, forwarding, failed),
    ]
  },
})
