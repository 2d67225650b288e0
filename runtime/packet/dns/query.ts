/** What a DNS server reads: the header, the one question, and EDNS (RFC 1035, 4.1; RFC 6891, 6.1). */
import { failure, type Result, success } from '../../problem.ts'
import { dnsFlag, dnsHeaderLength, dnsType } from './constants.ts'
import { readDnsName } from './names.ts'

export interface DnsHeader {
  readonly id: number
  readonly flags: number
  readonly opcode: number
  readonly isResponse: boolean
}

export interface DnsQuestion {
  /** Canonical. */
  readonly name: string
  readonly type: number
  readonly class: number
}

/** What the client says of itself beyond RFC 1035. */
export interface DnsEdns {
  readonly version: number
  /** The longest message that it takes, in bytes; 512 at least. */
  readonly length: number
  readonly dnssecOk: boolean
}

export interface DnsQuery extends DnsHeader {
  readonly question: DnsQuestion
  /** The question as it was asked: the case of letters goes back unchanged. */
  readonly asked: Uint8Array
  readonly edns: DnsEdns | null
}

const malformed = (what: string, where: string, expected: string, received: string) =>
  failure({ what, where, expected, received })

/** Reads the header of the message from `start` to `end`; null when it is short. */
export function readDnsHeader(view: DataView, start: number, end: number): DnsHeader | null {
  if (end - start < dnsHeaderLength) return null
  const flags = view.getUint16(start + 2)
  return {
    id: view.getUint16(start),
    flags,
    opcode: (flags >>> 11) & 15,
    isResponse: (flags & dnsFlag.response) !== 0,
  }
}

/** Of each section, as the header says. */
export const dnsCounts = (view: DataView, start: number) => ({
  questions: view.getUint16(start + 4),
  answers: view.getUint16(start + 6),
  authority: view.getUint16(start + 8),
  additional: view.getUint16(start + 10),
})

/** Reads the one question after the header. */
export function readDnsQuestion(
  view: DataView,
  start: number,
  end: number,
): Result<{ question: DnsQuestion; next: number }> {
  const { questions } = dnsCounts(view, start)
  if (questions !== 1) return malformed('not one question', 'dns.qdcount', '1', `${questions}`)
  const name = readDnsName(view, start + dnsHeaderLength, end, start)
  if (!name.ok) return name
  const { text, next } = name.value
  if (next + 4 > end) return malformed('the question is cut', 'dns.question', '4 more bytes', `${end - next}`)
  const question = { name: text, type: view.getUint16(next), class: view.getUint16(next + 2) }
  return success({ question, next: next + 4 })
}

/** A resource record in its place. */
export interface DnsRecordPlace {
  readonly name: string
  readonly type: number
  /** Where the type begins; class, TTL and the data's length follow. */
  readonly at: number
  readonly data: number
  readonly next: number
}

const recordLength = 10

/** Reads the record at `at`. */
export function readDnsRecord(
  view: DataView,
  at: number,
  end: number,
  start: number,
): Result<DnsRecordPlace> {
  const name = readDnsName(view, at, end, start)
  if (!name.ok) return name
  const place = name.value.next
  if (place + recordLength > end)
    return malformed('a record is cut', 'dns.record', `${recordLength} bytes`, `${end - place}`)
  const data = place + recordLength
  const next = data + view.getUint16(place + 8)
  if (next > end)
    return malformed('a record runs past the end', 'dns.rdlength', `${end - data}`, `${next - data}`)
  return success({ name: name.value.text, type: view.getUint16(place), at: place, data, next })
}

const plainLength = 512

function readEdns(view: DataView, { at }: DnsRecordPlace): DnsEdns {
  return {
    length: Math.max(plainLength, view.getUint16(at + 2)),
    version: view.getUint8(at + 5),
    dnssecOk: (view.getUint16(at + 6) & 0x8000) !== 0,
  }
}

/** Reads a query of opcode QUERY. Answers in it, and two OPT records, are malformed. */
export function readDnsQuery(view: DataView, start: number, end: number): Result<DnsQuery> {
  const header = readDnsHeader(view, start, end)
  if (header === null)
    return malformed('message too short', 'dns', `${dnsHeaderLength} bytes`, `${end - start}`)
  const counts = dnsCounts(view, start)
  if (counts.answers !== 0 || counts.authority !== 0)
    return malformed('a query with answers', 'dns.ancount', '0', `${counts.answers + counts.authority}`)
  const read = readDnsQuestion(view, start, end)
  if (!read.ok) return read
  const { question, next } = read.value
  let edns: DnsEdns | null = null
  // Each record takes eleven bytes at least: the message's length bounds the loop.
  for (let count = 0, at = next; count < counts.additional; count++) {
    const record = readDnsRecord(view, at, end, start)
    if (!record.ok) return record
    at = record.value.next
    if (record.value.type !== dnsType.opt) continue
    if (edns !== null) return malformed('EDNS twice', 'dns.opt', '1', '2')
    if (record.value.name !== '') return malformed('EDNS with a name', 'dns.opt', '.', record.value.name)
    edns = readEdns(view, record.value)
  }
  const from = view.byteOffset + start + dnsHeaderLength
  const asked = new Uint8Array(view.buffer, from, next - start - dnsHeaderLength)
  return success({ ...header, question, asked, edns })
}
