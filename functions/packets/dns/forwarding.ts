/** What is handed on to the task that asks other servers, and what is remembered of their answers. */
import {
  adaptDnsForwarded,
  aliasDnsForwarded,
  buildDnsAnswer,
  type DnsQuery,
  type DnsRecord,
  dnsForwardKey,
  type Result,
  readDnsQuery,
} from 'openvnet'
import type { DnsServer } from '../../state/dns.ts'
import { type Client, lengthMaxOf } from './client.ts'

/** The call's payload: all that is needed to answer when the answer has come. */
export interface Forwarding {
  readonly client: Client
  /** Of the switch that the client is at. */
  readonly dpid: string
  /** The query, hexadecimal. */
  readonly query: string
  /** What is asked for: the query's name, or one that it leads to. */
  readonly name: string
  /** The CNAMEs that lead there. */
  readonly aliases: readonly DnsRecord[]
  /** In the order of asking. */
  readonly servers: readonly DnsServer[]
}

/** Where the answer is remembered: by its servers, so that nobody learns what another's servers say. */
export const memoryKey = (servers: readonly DnsServer[], query: DnsQuery) =>
  `dns ${servers.map(String).sort().join()} ${dnsForwardKey(query)}`

/** Whose memory it is: a network that asks for much forgets its own answers. */
export const memoryShare = ({ networkId }: Client) => `dns ${networkId}`

/** The query that a payload carries. */
export function queryOf({ query }: Forwarding): Result<DnsQuery> {
  const bytes = Uint8Array.fromHex(query)
  return readDnsQuery(new DataView(bytes.buffer), 0, bytes.length)
}

/** What is remembered where no server has answered: nothing. */
export const noAnswer = new Uint8Array(0)

/** The answer to a client from what other servers have said about its question, or about what that leads to. */
export function handBack(
  { client, aliases }: Pick<Forwarding, 'client' | 'aliases'>,
  query: DnsQuery,
  said: Uint8Array,
  ageS = 0,
): Uint8Array {
  const lengthMax = lengthMaxOf(client, query)
  return aliases.length === 0
    ? adaptDnsForwarded(said, query, ageS, lengthMax)
    : buildDnsAnswer(query, aliasDnsForwarded(said, aliases, ageS), lengthMax)
}
