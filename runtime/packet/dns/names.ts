/**
 * Names of DNS (RFC 1035, 3.1 and 4.1.4). As text a name is canonical: lower case, labels with dots between them, none
 * at its end; '' is the root. Bytes that no host name has are written `\ddd`, so two names never look alike.
 */
import { failure, type Result, success } from '../../problem.ts'
import { dnsHeaderLength } from './constants.ts'

const labelLengthMax = 63
/** On the wire, with the length of each label and the root's. */
const nameLengthMax = 255
const pointerBits = 0xc0

const plain = /^[a-z0-9_-]$/
const labelForm = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/

export interface DnsName {
  /** Canonical text. */
  readonly text: string
  /** Where what follows the name begins. */
  readonly next: number
}

const malformed = (what: string, at: number) => failure({ what, where: `dns, byte ${at}` })

const escaped = (byte: number): string => {
  const lower = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
  const character = String.fromCharCode(lower)
  return plain.test(character) ? character : `\\${String(byte).padStart(3, '0')}`
}

function labelText(view: DataView, at: number, length: number): string {
  let text = ''
  for (let i = 0; i < length; i++) text += escaped(view.getUint8(at + i))
  return text
}

/**
 * Reads the name at `at` of a message from `start` to `end`. A pointer must lead to before where it was reached from,
 * and the length is limited, so that no name goes on for ever.
 */
export function readDnsName(view: DataView, at: number, end: number, start: number): Result<DnsName> {
  const labels: string[] = []
  let length = 1
  let next = -1
  let barrier = at
  for (let here = at; ; ) {
    if (here >= end) return malformed('a name runs past the end', here)
    const size = view.getUint8(here)
    if (size === 0) return success({ text: labels.join('.'), next: next === -1 ? here + 1 : next })
    if ((size & pointerBits) === pointerBits) {
      if (here + 2 > end) return malformed('a pointer runs past the end', here)
      if (next === -1) next = here + 2
      here = start + (view.getUint16(here) & 0x3fff)
      if (here >= barrier || here < start + dnsHeaderLength)
        return malformed('a pointer leads to no name before it', here)
      barrier = here
      continue
    }
    if (size > labelLengthMax) return malformed('an unknown kind of label', here)
    length += size + 1
    if (length > nameLengthMax) return malformed('a name is too long', here)
    if (here + 1 + size > end) return malformed('a label runs past the end', here)
    labels.push(labelText(view, here + 1, size))
    here += size + 1
  }
}

/** Text that people write as a name, as canonical text: `Www.Example.` → `www.example`. null where it is no name of hosts. */
export function canonicalDnsName(text: string): string | null {
  const name = text.toLowerCase().replace(/\.$/, '')
  const labels = name.split('.')
  // Two more than the text: the length of the first label and the root's.
  return name.length + 2 <= nameLengthMax && labels.every((label) => labelForm.test(label)) ? name : null
}

/** The labels of canonical text; none for the root. */
export const dnsLabels = (name: string): readonly string[] => (name === '' ? [] : name.split('.'))

/** Whether a name is the zone's or below it. Everything is below the root. */
export const isWithin = (name: string, zone: string): boolean =>
  zone === '' || name === zone || name.endsWith(`.${zone}`)

const octet = /^(0|[1-9]\d{0,2})$/

/** The octets that a name under in-addr.arpa stands for, the most significant first: up to four. null: it is no such name. */
export function reversedOctets(name: string): readonly number[] | null {
  const labels = dnsLabels(name)
  if (labels.length < 2 || labels.at(-1) !== 'arpa' || labels.at(-2) !== 'in-addr') return null
  const octets = labels.slice(0, -2).reverse()
  if (octets.length > 4 || !octets.every((label) => octet.test(label) && Number(label) <= 255)) return null
  return octets.map(Number)
}

const nibble = /^[0-9a-f]$/

/** The same of a name under ip6.arpa (RFC 3596, 2.5): up to 32 hexadecimal digits, the most significant first. */
export function reversedNibbles(name: string): string | null {
  const labels = dnsLabels(name)
  if (labels.length < 2 || labels.at(-1) !== 'arpa' || labels.at(-2) !== 'ip6') return null
  const digits = labels.slice(0, -2).reverse()
  return digits.length <= 32 && digits.every((label) => nibble.test(label)) ? digits.join('') : null
}

/** A name as records have it: its first label may be `*`, for all that is below the rest (RFC 4592). */
export function canonicalRecordName(text: string): string | null {
  if (text === '*' || text === '*.') return '*'
  if (!text.startsWith('*.')) return canonicalDnsName(text)
  const parent = canonicalDnsName(text.slice(2))
  return parent === null || parent.length + 2 > nameLengthMax - 2 ? null : `*.${parent}`
}

const bytes = new TextEncoder()

/** A label's bytes; `\ddd` stands for one. */
function labelBytes(label: string): Uint8Array {
  if (!label.includes('\\')) return bytes.encode(label)
  return Uint8Array.from([...label.matchAll(/\\(\d{3})|([^\\])/g)], ([, code, character]) =>
    code === undefined ? character!.charCodeAt(0) : Number(code),
  )
}

/** A name on the wire, uncompressed. Names that are too long for DNS are the caller's error. */
export function dnsNameBytes(name: string): Uint8Array {
  const parts = dnsLabels(name).map(labelBytes)
  const wire = new Uint8Array(parts.reduce((total, part) => total + part.length + 1, 1))
  let at = 0
  for (const part of parts) {
    wire[at] = part.length
    wire.set(part, at + 1)
    at += part.length + 1
  }
  return wire
}
