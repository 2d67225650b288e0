/** What the DNS servers of a network know: their records, and whom they ask for the rest. */
import { isWithin, parseIpv4, type Row, type State } from 'openvnet'

export type DnsRecordRow = Row<'dnsRecords'>

export const recordTypes = ['A', 'AAAA', 'CNAME', 'PTR'] as const

/** The domains of names that stand for addresses. */
const reverseDomains = ['in-addr.arpa', 'ip6.arpa']

/** A record's type follows from what it has: a target makes a CNAME, or under a name of an address a PTR. */
export function recordTypeOf(row: DnsRecordRow): (typeof recordTypes)[number] {
  if (row.ipv4_address !== null) return 'A'
  if (row.ipv6_address !== null) return 'AAAA'
  return reverseDomains.some((domain) => isWithin(row.canonical_name, domain)) ? 'PTR' : 'CNAME'
}

const dnsOf = (state: State, interfaceId: number) =>
  state.networkServices.many('interface', interfaceId).filter(({ mode }) => mode === 'dns')

/** Whether an interface is asked for names, if it is a simulated one. */
export const isDnsServer = (state: State, interfaceId: number) => dnsOf(state, interfaceId).length > 0

/** What a simulated interface knows, the oldest first; undefined: it is no DNS server. */
export function dnsServicesOf(state: State, interfaceId: number): Row<'dnsServices'>[] | undefined {
  const services = dnsOf(state, interfaceId)
  if (services.length === 0) return undefined
  return services.flatMap(({ id }) => state.dnsServices.many('networkService', id))
}

/** As many servers as one service may name. */
export const publicServersMax = 8

/** An IPv4 address, or IPv6 as text. */
export type DnsServer = number | string

/** Addresses of the servers to ask, in order, each once. */
export const publicServersOf = (services: readonly Row<'dnsServices'>[]): readonly DnsServer[] =>
  [
    ...new Set(
      services.flatMap(({ public_dns }) =>
        (public_dns ?? '')
          .split(',')
          .flatMap((text): DnsServer[] => (text === '' ? [] : [parseIpv4(text) ?? text])),
      ),
    ),
  ].slice(0, publicServersMax)
