/** What the DNS servers of a network know: their records, and whom they ask for the rest. */
import { dnsPort, isWithin, parseIpv4, type Row, type State } from 'openvnet'

export type DnsRecordRow = Row<'dnsRecords'>

/** The domains of names that stand for addresses. */
const reverseDomains = ['in-addr.arpa', 'ip6.arpa']

/** A record's type follows from what it has: a target makes a CNAME, or under a name of an address a PTR. */
export function recordTypeOf(row: DnsRecordRow): 'A' | 'AAAA' | 'CNAME' | 'PTR' {
  if (row.ipv4_address !== null) return 'A'
  if (row.ipv6_address !== null) return 'AAAA'
  return reverseDomains.some((domain) => isWithin(row.canonical_name, domain)) ? 'PTR' : 'CNAME'
}

const dnsServersOf = (state: State, interfaceId: number) =>
  state.networkServices.many('interface', interfaceId).filter(({ mode }) => mode === 'dns')

/** The UDP ports on which a simulated interface is asked for names. */
export const dnsPortsOf = (state: State, interfaceId: number): readonly number[] => [
  ...new Set(dnsServersOf(state, interfaceId).map(({ incoming_port }) => incoming_port ?? dnsPort)),
]

/** What a simulated interface knows when it is asked on a port, the oldest first; undefined: it is no DNS server there. */
export function dnsServicesOf(
  state: State,
  interfaceId: number,
  port: number,
): Row<'dnsServices'>[] | undefined {
  const servers = dnsServersOf(state, interfaceId).filter((row) => (row.incoming_port ?? dnsPort) === port)
  if (servers.length === 0) return undefined
  return servers.flatMap(({ id }) => state.dnsServices.many('networkService', id))
}

/** As many servers as one service may name. */
export const publicServersMax = 8

/** Addresses of the servers to ask, in order, each once. */
export const publicServersOf = (services: readonly Row<'dnsServices'>[]): readonly number[] =>
  [
    ...new Set(
      services.flatMap(({ public_dns }) =>
        (public_dns ?? '').split(',').flatMap((text) => parseIpv4(text) ?? []),
      ),
    ),
  ].slice(0, publicServersMax)
