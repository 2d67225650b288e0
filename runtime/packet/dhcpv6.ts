/** DHCPv6 messages between clients and servers (RFC 8415, options also RFC 3646). */
import { failure, type Result, success } from '../problem.ts'
import { writeMac } from './address.ts'
import { formatIpv6 } from './ipv6-address.ts'
import { ipv6BytesOf } from './ipv6-prefix.ts'

export const dhcpv6ClientPort = 546
export const dhcpv6ServerPort = 547

export const dhcpv6MessageType = {
  solicit: 1,
  advertise: 2,
  request: 3,
  confirm: 4,
  renew: 5,
  rebind: 6,
  reply: 7,
  release: 8,
  decline: 9,
  informationRequest: 11,
} as const

export const dhcpv6Option = {
  clientIdentifier: 1,
  serverIdentifier: 2,
  nonTemporary: 3,
  temporary: 4,
  address: 5,
  requested: 6,
  preference: 7,
  statusCode: 13,
  rapidCommit: 14,
  dnsServers: 23,
  domainSearch: 24,
  prefixDelegation: 25,
} as const

export const dhcpv6Status = {
  success: 0,
  noAddresses: 2,
  noBinding: 3,
  notOnLink: 4,
  useMulticast: 5,
  noPrefixes: 6,
} as const

/** An option that may come several times, in the order in which it came. */
export type Dhcpv6Options = readonly (readonly [code: number, value: Uint8Array])[]

export interface Dhcpv6 {
  readonly type: number
  /** 24 bits. */
  readonly transactionId: number
  readonly options: Dhcpv6Options
}

const headerLength = 4
const optionHeaderLength = 4

/** Reads options from `from` to `end`; their values are views into the same bytes. */
export function parseDhcpv6Options(view: DataView, from: number, end: number): Result<Dhcpv6Options> {
  const options: [number, Uint8Array][] = []
  let at = from
  while (at < end) {
    const length = at + optionHeaderLength <= end ? view.getUint16(at + 2) : -1
    if (length < 0 || at + optionHeaderLength + length > end)
      return failure({
        what: 'option runs past its field',
        where: `dhcpv6.option at byte ${at - from}`,
        expected: `at most ${end - at - optionHeaderLength} bytes`,
        received: `${length}`,
      })
    const value = new Uint8Array(view.buffer, view.byteOffset + at + optionHeaderLength, length)
    options.push([view.getUint16(at), value])
    at += optionHeaderLength + length
  }
  return success(options)
}

/** Reads a message from `offset` to `end` of the view. */
export function parseDhcpv6(view: DataView, offset: number, end: number): Result<Dhcpv6> {
  if (end - offset < headerLength)
    return failure({
      what: 'message too short',
      where: 'dhcpv6',
      expected: `${headerLength} bytes`,
      received: `${end - offset}`,
    })
  const options = parseDhcpv6Options(view, offset + headerLength, end)
  if (!options.ok) return options
  return success({
    type: view.getUint8(offset),
    transactionId: view.getUint32(offset) & 0xff_ffff,
    options: options.value,
  })
}

/** The first option with a code. */
export const dhcpv6OptionOf = (options: Dhcpv6Options, code: number): Uint8Array | undefined =>
  options.find(([one]) => one === code)?.[1]

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** Options as bytes. */
export const dhcpv6OptionBytes = (options: Dhcpv6Options): Uint8Array =>
  concatenate(
    options.flatMap(([code, value]) => [
      new Uint8Array([code >>> 8, code & 255, value.length >>> 8, value.length & 255]),
      value,
    ]),
  )

/** The bytes of a message. */
export function buildDhcpv6({ type, transactionId, options }: Dhcpv6): Uint8Array {
  const head = new Uint8Array(headerLength)
  new DataView(head.buffer).setUint32(0, type * 0x100_0000 + transactionId)
  return concatenate([head, dhcpv6OptionBytes(options)])
}

/** An association of a client with addresses (IA_NA, RFC 8415, 21.4). */
export interface Dhcpv6Association {
  readonly id: number
  readonly options: Dhcpv6Options
}

const associationHeaderLength = 12

/** Reads the value of an association's option; null when it is malformed. */
export function parseAssociation(value: Uint8Array): Dhcpv6Association | null {
  if (value.length < associationHeaderLength) return null
  const view = new DataView(value.buffer, value.byteOffset, value.length)
  const options = parseDhcpv6Options(view, associationHeaderLength, value.length)
  return options.ok ? { id: view.getUint32(0), options: options.value } : null
}

/** The addresses within an association's options, as text. */
export const addressesOfAssociation = ({ options }: Dhcpv6Association): string[] =>
  options.flatMap(([code, value]) =>
    code === dhcpv6Option.address && value.length >= 16 ? [formatIpv6(value.subarray(0, 16))] : [],
  )

/** Values of options. */
export const dhcpv6Value = {
  /** A DUID of a MAC (RFC 8415, 11.4). */
  duidOfMac: (mac: number) => {
    const bytes = new Uint8Array(10)
    const view = new DataView(bytes.buffer)
    view.setUint32(0, 0x0003_0001)
    writeMac(view, 4, mac)
    return bytes
  },
  status: (code: number, message = '') =>
    concatenate([new Uint8Array([code >>> 8, code & 255]), new TextEncoder().encode(message)]),
  addresses: (addresses: readonly string[]) => concatenate(addresses.map(ipv6BytesOf)),
  /** Times in seconds. */
  association: (id: number, [renewS, rebindS]: readonly [number, number], options: Dhcpv6Options) => {
    const head = new Uint8Array(associationHeaderLength)
    const view = new DataView(head.buffer)
    view.setUint32(0, id)
    view.setUint32(4, renewS)
    view.setUint32(8, rebindS)
    return concatenate([head, dhcpv6OptionBytes(options)])
  },
  address: (address: string, preferredS: number, validS: number) => {
    const bytes = new Uint8Array(24)
    const view = new DataView(bytes.buffer)
    bytes.set(ipv6BytesOf(address))
    view.setUint32(16, preferredS)
    view.setUint32(20, validS)
    return bytes
  },
  /** A domain as DNS has it on the wire (RFC 8415, 10). */
  domain: (name: string) =>
    concatenate([
      ...name.split('.').flatMap((label) => {
        const text = new TextEncoder().encode(label)
        return [new Uint8Array([text.length]), text]
      }),
      new Uint8Array(1),
    ]),
}
