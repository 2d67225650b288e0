/** What a DNS server says (RFC 1035, 4.1; EDNS RFC 6891). */
import {
  dnsClass,
  dnsCode,
  dnsFlag,
  dnsHeaderLength,
  dnsLengthMax,
  dnsType,
  plainDnsLengthMax,
} from './constants.ts'
import type { DnsHeader, DnsQuery } from './query.ts'
import { DnsWriter } from './writer.ts'

export interface DnsSoa {
  readonly server: string
  readonly mailbox: string
  readonly serial: number
  readonly refreshS: number
  readonly retryS: number
  readonly expireS: number
  /** How long that something is not there may be remembered. */
  readonly negativeS: number
}

export type DnsData =
  | { readonly type: 'A'; readonly address: number }
  /** 16 bytes. */
  | { readonly type: 'AAAA'; readonly address: Uint8Array }
  | { readonly type: 'CNAME' | 'PTR' | 'NS'; readonly target: string }
  | ({ readonly type: 'SOA' } & DnsSoa)

export type DnsRecord = DnsData & { readonly name: string; readonly ttlS: number }

export interface DnsAnswer {
  readonly code: number
  /** We are who decides what the name means. */
  readonly authoritative: boolean
  readonly recursionAvailable: boolean
  readonly answers: readonly DnsRecord[]
  readonly authority: readonly DnsRecord[]
  /** There is more than these, even if they fit. */
  readonly truncated?: boolean
}

/** How long an answer to a query may be, in bytes. */
export const answerLengthMax = ({ edns }: DnsQuery) =>
  edns === null ? plainDnsLengthMax : Math.min(Math.max(edns.length, plainDnsLengthMax), dnsLengthMax)

const types = {
  A: dnsType.a,
  AAAA: dnsType.aaaa,
  CNAME: dnsType.cname,
  PTR: dnsType.ptr,
  NS: dnsType.ns,
  SOA: dnsType.soa,
} as const

/** Bits of the query that every answer has, too. */
const kept = dnsFlag.recursionDesired | dnsFlag.checkingDisabled | 0x7800

const ednsLength = 11

/** The OPT record of an answer: how long a query may be, the upper bits of the code, the client's DO bit. */
export function writeEdns(writer: DnsWriter, code: number, dnssecOk: boolean): void {
  writer.u8(0)
  writer.u16(dnsType.opt)
  writer.u16(dnsLengthMax)
  writer.u8(code >>> 4)
  writer.u8(0)
  writer.u16(dnssecOk ? 0x8000 : 0)
  writer.u16(0)
}

function writeData(writer: DnsWriter, record: DnsRecord) {
  switch (record.type) {
    case 'A':
      return writer.u32(record.address)
    case 'AAAA':
      return writer.bytes(record.address)
    case 'SOA':
      writer.name(record.server)
      writer.name(record.mailbox)
      for (const number of [record.serial, record.refreshS, record.retryS, record.expireS, record.negativeS])
        writer.u32(number)
      return
    default:
      return writer.name(record.target)
  }
}

/** False, and nothing is written, where the record does not fit. */
function writeRecord(writer: DnsWriter, record: DnsRecord, reserved: number): boolean {
  const before = writer.mark()
  writer.name(record.name)
  writer.u16(types[record.type])
  writer.u16(dnsClass.internet)
  writer.u32(record.ttlS)
  const lengthAt = writer.length
  writer.u16(0)
  writeData(writer, record)
  writer.setU16(lengthAt, writer.length - lengthAt - 2)
  if (!writer.overflowed && writer.length + reserved <= writer.limit) return true
  writer.back(before)
  return false
}

/** As many records as fit; TC where those are not all. Authority that does not fit is left out. */
export function buildDnsAnswer(
  query: DnsQuery,
  answer: DnsAnswer,
  lengthMax = answerLengthMax(query),
): Uint8Array {
  const writer = new DnsWriter(lengthMax)
  const reserved = query.edns === null ? 0 : ednsLength
  writer.u16(query.id)
  writer.u16(0)
  for (const count of [1, 0, 0, query.edns === null ? 0 : 1]) writer.u16(count)
  writer.question(query.question.name, query.asked)
  const fitting = answer.answers.findIndex((record) => !writeRecord(writer, record, reserved))
  const answers = fitting === -1 ? answer.answers.length : fitting
  let authority = 0
  if (fitting === -1)
    for (const record of answer.authority) if (writeRecord(writer, record, reserved)) authority++
  writer.setU16(6, answers)
  writer.setU16(8, authority)
  writer.setU16(
    2,
    dnsFlag.response |
      (query.flags & kept) |
      (answer.authoritative ? dnsFlag.authoritative : 0) |
      (fitting === -1 && answer.truncated !== true ? 0 : dnsFlag.truncated) |
      (answer.recursionAvailable ? dnsFlag.recursionAvailable : 0) |
      (answer.code & 15),
  )
  if (query.edns !== null) writeEdns(writer, answer.code, query.edns.dnssecOk)
  return writer.finish()
}

/** An answer without records. */
export const emptyDnsAnswer = (code: number, recursionAvailable = false): DnsAnswer => ({
  code,
  authoritative: false,
  recursionAvailable,
  answers: [],
  authority: [],
})

/** An answer to what could not be read: a header, and nothing else. */
export function buildDnsError(header: DnsHeader, code: number = dnsCode.formatError): Uint8Array {
  const bytes = new Uint8Array(dnsHeaderLength)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, header.id)
  view.setUint16(2, dnsFlag.response | (header.flags & kept) | code)
  return bytes
}
