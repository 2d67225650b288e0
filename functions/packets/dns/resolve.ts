/** The answer to a question, as far as it can be given here. */
import {
  type DnsAnswer,
  type DnsQuestion,
  type DnsRecord,
  dnsClass,
  dnsCode,
  dnsType,
  emptyDnsAnswer,
} from 'openvnet'
import { interfaceName, type Scope } from './hosts.ts'
import { recordsUnder } from './lookup.ts'
import { isPartOfAddress, soaOf, zoneOf } from './zone.ts'

/** CNAMEs that are followed one after the other. */
const aliasesMax = 8

const codes: Readonly<Record<DnsRecord['type'], number>> = {
  A: dnsType.a,
  AAAA: dnsType.aaaa,
  CNAME: dnsType.cname,
  PTR: dnsType.ptr,
  NS: dnsType.ns,
  SOA: dnsType.soa,
}

/** Those of the type that was asked for; of ANY, those of the first type (RFC 8482, 4.1). */
const ofType = (records: readonly DnsRecord[], type: number): readonly DnsRecord[] =>
  records.filter((record) =>
    type === dnsType.any ? record.type === records[0]!.type : codes[record.type] === type,
  )

/** A zone has a SOA and a name server: us. */
function recordsOfZone(zone: string, server: string): DnsRecord[] {
  const soa = soaOf(zone, server)
  return [soa, { type: 'NS', name: zone, ttlS: soa.ttlS, target: server }]
}

interface Chain {
  readonly records: readonly DnsRecord[]
  /** What it leads to; null: it goes round in circles, or is too long. */
  readonly name: string | null
}

/** Follows CNAMEs from a name, as far as they are known here. */
function follow(scope: Scope, question: DnsQuestion): Chain {
  const records: DnsRecord[] = []
  let name = question.name
  if (question.type === dnsType.cname || question.type === dnsType.any) return { records, name }
  for (let count = 0; count <= aliasesMax; count++) {
    const alias = recordsUnder(scope, name).find((record) => record.type === 'CNAME')
    if (alias === undefined || alias.type !== 'CNAME') return { records, name }
    records.push(alias)
    name = alias.target
    if (records.some((record) => record.name === name)) break
  }
  return { records, name: null }
}

/** Others have to be asked, for the name that was asked for or for one that it leads to. */
export interface Onward {
  readonly onward: string
  /** CNAMEs from the one to the other. */
  readonly aliases: readonly DnsRecord[]
}

/** The answer, or what is not known here. @param serverId the interface that was asked */
export function resolve(
  scope: Scope,
  question: DnsQuestion,
  serverId: number,
  recursionAvailable: boolean,
): DnsAnswer | Onward {
  const none = emptyDnsAnswer(dnsCode.refused, recursionAvailable)
  if (question.class !== dnsClass.internet && question.class !== dnsClass.any) return none
  if (question.type === dnsType.axfr || question.type === dnsType.ixfr) return none
  const chain = follow(scope, question)
  if (chain.name === null) return { ...none, code: dnsCode.serverFailure }
  const zone = zoneOf(scope.network, chain.name)
  const known = recordsUnder(scope, chain.name)
  const answer: DnsAnswer = { ...none, code: dnsCode.noError, authoritative: true, answers: chain.records }
  if (zone === null && known.length === 0) return { onward: chain.name, aliases: chain.records }
  const server = interfaceName(scope, serverId) ?? 'localhost'
  const all = zone === chain.name ? [...known, ...recordsOfZone(zone, server)] : known
  const answers = [...chain.records, ...ofType(all, question.type)]
  if (answers.length > chain.records.length) return { ...answer, answers }
  // A part of an address has no records, and names below it that have (RFC 8020).
  const isThere = all.length > 0 || isPartOfAddress(chain.name)
  const code = isThere ? dnsCode.noError : dnsCode.nameError
  return { ...answer, code, authority: [soaOf(zone ?? chain.name, server)] }
}
