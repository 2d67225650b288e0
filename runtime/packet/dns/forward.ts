/** Queries handed on to another server, and its answers handed back (RFC 1035; caching RFC 2308). */
import { failure, type Result, success } from '../../problem.ts'
import { answerLengthMax, type DnsAnswer, type DnsRecord, emptyDnsAnswer, writeEdns } from './answer.ts'
import { dnsCode, dnsFlag, dnsHeaderLength, dnsType, plainDnsLengthMax } from './constants.ts'
import { dnsNameBytes, readDnsName } from './names.ts'
import {
  type DnsQuery,
  type DnsRecordPlace,
  dnsCounts,
  readDnsHeader,
  readDnsQuestion,
  readDnsRecord,
} from './query.ts'
import { DnsWriter } from './writer.ts'

/** Type and class, after the name. */
const questionEndLength = 4

const dnssecOkOf = ({ edns }: DnsQuery) => edns?.dnssecOk === true

/** The query as we ask it: recursion, and EDNS whatever the client has. */
export function buildDnsForward(query: DnsQuery, id: number): Uint8Array {
  const writer = new DnsWriter(plainDnsLengthMax)
  writer.u16(id)
  writer.u16(dnsFlag.recursionDesired | (query.flags & dnsFlag.checkingDisabled))
  for (const count of [1, 0, 0, 1]) writer.u16(count)
  writer.bytes(query.asked)
  writeEdns(writer, 0, dnssecOkOf(query))
  return writer.finish()
}

/** What decides the answer to a query beside the server that is asked. */
export const dnsForwardKey = (query: DnsQuery): string => {
  const { name, type, class: kind } = query.question
  return `${type} ${kind} ${query.flags & dnsFlag.checkingDisabled} ${dnssecOkOf(query) ? 1 : 0} ${name}`
}

interface Sections {
  readonly answers: readonly DnsRecordPlace[]
  readonly authority: readonly DnsRecordPlace[]
  readonly additional: readonly DnsRecordPlace[]
}

/** Each record takes eleven bytes at least, so the message's length bounds the loops. */
function readSections(view: DataView, next: number): Result<Sections> {
  const counts = dnsCounts(view, 0)
  let at = next
  const lists: DnsRecordPlace[][] = [[], [], []]
  for (const [index, count] of [counts.answers, counts.authority, counts.additional].entries())
    for (let done = 0; done < count; done++) {
      const record = readDnsRecord(view, at, view.byteLength, 0)
      if (!record.ok) return record
      lists[index]!.push(record.value)
      at = record.value.next
    }
  const [answers = [], authority = [], additional = []] = lists
  return success({ answers, authority, additional })
}

export interface DnsForwarded {
  readonly code: number
  readonly truncated: boolean
  /** How long it may be remembered, in seconds; 0: not at all. */
  readonly ttlS: number
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

/** A TTL with its highest bit set counts as none (RFC 2181, 8). */
const ttlAt = (view: DataView, { at }: DnsRecordPlace) => {
  const ttl = view.getUint32(at + 4)
  return ttl > 0x7fff_ffff ? 0 : ttl
}

/** The last of a SOA record's numbers: how long what is not there may be remembered (RFC 2308, 4). */
function negativeTtl(view: DataView, { authority }: Sections): number {
  const soa = authority.find(({ type, data, next }) => type === dnsType.soa && next - data >= 22)
  return soa === undefined ? 0 : Math.min(ttlAt(view, soa), view.getUint32(soa.next - 4))
}

function ttlOf(view: DataView, sections: Sections, code: number, truncated: boolean): number {
  if (truncated || (code !== dnsCode.noError && code !== dnsCode.nameError)) return 0
  const records = [...sections.answers, ...sections.authority]
  const least = Math.min(...records.map((record) => ttlAt(view, record)), 0x7fff_ffff)
  const isNegative = code === dnsCode.nameError || sections.answers.length === 0
  return isNegative ? Math.min(least, negativeTtl(view, sections)) : least
}

/** Reads the answer to a query that was handed on. Fails where it is none, or to something else. */
export function readDnsForwarded(bytes: Uint8Array, query: DnsQuery): Result<DnsForwarded> {
  const view = viewOf(bytes)
  const header = readDnsHeader(view, 0, bytes.length)
  const where = 'dns'
  if (header === null || !header.isResponse || header.opcode !== 0)
    return failure({ what: 'no answer to a query', where })
  const read = readDnsQuestion(view, 0, bytes.length)
  if (!read.ok) return read
  const { question, next } = read.value
  const { name, type, class: kind } = query.question
  if (question.name !== name || question.type !== type || question.class !== kind)
    return failure({ what: 'an answer to another question', where, expected: name, received: question.name })
  const truncated = (header.flags & dnsFlag.truncated) !== 0
  const code = header.flags & 15
  const sections = readSections(view, next)
  // What was cut off need not end where a record does.
  if (!sections.ok) return truncated ? success({ code, truncated, ttlS: 0 }) : sections
  const edns = sections.value.additional.find((record) => record.type === dnsType.opt)
  if (edns !== undefined && view.getUint8(edns.at + 4) !== 0)
    return failure({ what: 'an extended code', where, received: `${view.getUint8(edns.at + 4)}` })
  return success({ code, truncated, ttlS: ttlOf(view, sections.value, code, truncated) })
}

/**
 * An answer that was read before, as one to this query: its question byte for byte, as many whole records as it may
 * have, their TTLs less by what has passed. Additional records are left out: they are for servers.
 * @param ageS seconds since it came
 */
export function adaptDnsForwarded(
  bytes: Uint8Array,
  query: DnsQuery,
  ageS: number,
  lengthMax = answerLengthMax(query),
): Uint8Array {
  const copy = bytes.slice()
  const view = viewOf(copy)
  const begin = dnsHeaderLength + query.asked.length
  const read = readSections(view, begin)
  const { answers, authority } = read.ok ? read.value : { answers: [], authority: [] }
  const room = lengthMax - (query.edns === null ? 0 : 11)
  const fitting = answers.filter(({ next }) => next <= room)
  const isWhole = fitting.length === answers.length
  const rest = isWhole ? authority.filter(({ next }) => next <= room) : []
  const kept = [...fitting, ...rest]
  for (const record of kept)
    view.setUint32(record.at + 4, Math.max(0, ttlAt(view, record) - Math.floor(ageS)))
  const writer = new DnsWriter(lengthMax)
  const flags = view.getUint16(2)
  const cut = (flags & dnsFlag.truncated) | (isWhole ? 0 : dnsFlag.truncated)
  const asked = dnsFlag.recursionDesired | dnsFlag.checkingDisabled
  writer.u16(query.id)
  writer.u16(dnsFlag.response | dnsFlag.recursionAvailable | cut | (query.flags & asked) | (flags & 15))
  for (const count of [1, fitting.length, rest.length, query.edns === null ? 0 : 1]) writer.u16(count)
  writer.bytes(query.asked)
  writer.bytes(copy.subarray(begin, kept.at(-1)?.next ?? begin))
  if (query.edns !== null) writeEdns(writer, 0, query.edns.dnssecOk)
  return writer.finish()
}

/** A query with another name in place of its own. */
export function withDnsName(query: DnsQuery, name: string): DnsQuery {
  if (name === query.question.name) return query
  const wire = dnsNameBytes(name)
  const asked = new Uint8Array([...wire, ...query.asked.subarray(-questionEndLength)])
  return { ...query, question: { ...query.question, name }, asked }
}

function addressRecordOf(view: DataView, place: DnsRecordPlace, ttlS: number): DnsRecord | undefined {
  const { name, type, data, next } = place
  if (type === dnsType.a && next - data === 4) return { type: 'A', name, ttlS, address: view.getUint32(data) }
  if (type === dnsType.aaaa && next - data === 16)
    return { type: 'AAAA', name, ttlS, address: new Uint8Array(view.buffer.slice(data, next)) }
  if (type !== dnsType.cname) return undefined
  const target = readDnsName(view, data, next, 0)
  return target.ok ? { type: 'CNAME', name, ttlS, target: target.value.text } : undefined
}

/**
 * An answer that was read before, where a query's name is another name of what was asked for: after the CNAMEs that
 * lead there, addresses and further CNAMEs. Records of other types are left to who wants them.
 */
export function aliasDnsForwarded(bytes: Uint8Array, aliases: readonly DnsRecord[], ageS: number): DnsAnswer {
  const view = new DataView(bytes.slice().buffer)
  const question = readDnsQuestion(view, 0, bytes.length)
  const read = question.ok ? readSections(view, question.value.next) : question
  const records = (read.ok ? read.value.answers : []).flatMap(
    (place) => addressRecordOf(view, place, Math.max(0, ttlAt(view, place) - Math.floor(ageS))) ?? [],
  )
  return {
    ...emptyDnsAnswer(view.getUint16(2) & 15, true),
    answers: [...aliases, ...records],
    truncated: (view.getUint16(2) & dnsFlag.truncated) !== 0,
  }
}
