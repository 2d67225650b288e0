/** Neighbour discovery for IPv6 (RFC 4861): solicitations as they come, advertisements as they are sent. */
import { readMac, writeMac } from './address.ts'
import { buildIcmpv6Frame, type Icmpv6Frame, icmpv6Type } from './icmpv6.ts'
import type { Ipv6 } from './ipv6.ts'
import { formatIpv6 } from './ipv6-address.ts'
import { ipv6BytesOf, ipv6GroupMac } from './ipv6-prefix.ts'

/** Neighbours are within one hop: who sends with less comes from farther away (RFC 4861, 3.1). */
export const neighbourHopLimit = 255

const option = { sourceMac: 1, targetMac: 2, prefix: 3, mtu: 5, dnsServers: 25, dnsSearch: 31 } as const
/** Lengths of options count in units of so many bytes. */
const unit = 8
const infinite = 0xffff_ffff
/** The group of an address ends in the last 24 bits of it (RFC 4291, 2.7.1). */
const solicitedNodes = 'ff02::1:ff00:0'

export interface Solicitation {
  /** As text. */
  readonly target: string
  /** What the sender says its MAC is; null: nothing. */
  readonly sourceMac: number | null
}

/** The MAC in the first option of a kind from `at` on; null: there is none, undefined: the options are malformed. */
function macOption(view: DataView, at: number, end: number, kind: number): number | null | undefined {
  let next = at
  while (next < end) {
    const length = next + 2 <= end ? view.getUint8(next + 1) * unit : 0
    if (length === 0 || next + length > end) return undefined
    if (view.getUint8(next) === kind && length === unit) return readMac(view, next + 2)
    next += length
  }
  return null
}

/** Reads a neighbour solicitation; null when it is none, or breaks the rules of RFC 4861, 7.1.1. */
export function parseSolicitation(view: DataView, ip: Ipv6): Solicitation | null {
  const { payload: at, end } = ip
  if (end - at < 24 || view.getUint8(at) !== icmpv6Type.neighbourSolicitation || view.getUint8(at + 1) !== 0)
    return null
  if (ip.hopLimit !== neighbourHopLimit) return null
  const sourceMac = macOption(view, at + 24, end, option.sourceMac)
  if (sourceMac === undefined) return null
  return { target: formatIpv6(new Uint8Array(view.buffer, view.byteOffset + at + 8, 16)), sourceMac }
}

/** A whole frame that asks all that may have an address who has it (RFC 4861, 4.3). */
export function buildSolicitation(
  from: { readonly mac: number; readonly ipv6: string },
  target: string,
): Uint8Array {
  const wanted = ipv6BytesOf(target)
  const group = ipv6BytesOf(solicitedNodes)
  group.set(wanted.subarray(13), 13)
  const body = new Uint8Array(28)
  const view = new DataView(body.buffer)
  body.set(wanted, 4)
  view.setUint8(20, option.sourceMac)
  view.setUint8(21, 1)
  writeMac(view, 22, from.mac)
  const headers = {
    ethernet: { source: from.mac, destination: ipv6GroupMac(group) },
    ...{ source: from.ipv6, destination: formatIpv6(group) },
  }
  return buildIcmpv6Frame({ ...headersOf(headers), type: icmpv6Type.neighbourSolicitation }, body)
}

export interface ReceivedAdvertisement {
  /** As text. */
  readonly target: string
  /** What its sender says is the MAC of the target; null: nothing. */
  readonly targetMac: number | null
}

/** Reads a neighbour advertisement; null when it is none, or breaks the rules of RFC 4861, 7.1.2. */
export function parseAdvertisement(view: DataView, ip: Ipv6): ReceivedAdvertisement | null {
  const { payload: at, end } = ip
  if (end - at < 24 || view.getUint8(at) !== icmpv6Type.neighbourAdvertisement) return null
  if (ip.hopLimit !== neighbourHopLimit || view.getUint8(at + 1) !== 0) return null
  const targetMac = macOption(view, at + 24, end, option.targetMac)
  if (targetMac === undefined) return null
  return { target: formatIpv6(new Uint8Array(view.buffer, view.byteOffset + at + 8, 16)), targetMac }
}

type Headers = Pick<Icmpv6Frame, 'ethernet'> & { readonly source: string; readonly destination: string }

const headersOf = ({ ethernet, source, destination }: Headers) => ({
  ethernet,
  ip: { source, destination, hopLimit: neighbourHopLimit },
})

export interface Advertisement {
  /** As text. */
  readonly target: string
  readonly mac: number
  readonly isRouter: boolean
  /** It answers a solicitation of its destination. */
  readonly isSolicited: boolean
}

/** A whole frame that says who has an address; it counts more than what was known before. */
export function buildAdvertisement(
  headers: Headers,
  { target, mac, isRouter, isSolicited }: Advertisement,
): Uint8Array {
  const body = new Uint8Array(28)
  const view = new DataView(body.buffer)
  view.setUint32(0, ((isRouter ? 0x8000_0000 : 0) | (isSolicited ? 0x4000_0000 : 0) | 0x2000_0000) >>> 0)
  body.set(ipv6BytesOf(target), 4)
  view.setUint8(20, option.targetMac)
  view.setUint8(21, 1)
  writeMac(view, 22, mac)
  return buildIcmpv6Frame({ ...headersOf(headers), type: icmpv6Type.neighbourAdvertisement }, body)
}

export interface AdvertisedPrefix {
  /** As text. */
  readonly network: string
  readonly prefix: number
  /** Machines may make addresses of it by themselves. */
  readonly isAutonomous: boolean
  /** Seconds; undefined: for ever. */
  readonly lifetimeS?: number
}

export interface RouterAdvertisement {
  readonly mac: number
  /** How long it may be the default router, in seconds, 0 to 65535; 0: it is none. */
  readonly lifetimeS: number
  /** Addresses are given by DHCPv6. */
  readonly isManaged: boolean
  /** Other things are told by DHCPv6. */
  readonly hasOther: boolean
  readonly mtu: number
  readonly prefixes: readonly AdvertisedPrefix[]
  /** As text (RFC 8106). */
  readonly dnsServers: readonly string[]
  readonly dnsLifetimeS: number
}

function prefixOption({ network, prefix, isAutonomous, lifetimeS = infinite }: AdvertisedPrefix): Uint8Array {
  const bytes = new Uint8Array(32)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, option.prefix)
  view.setUint8(1, 4)
  view.setUint8(2, prefix)
  view.setUint8(3, isAutonomous ? 0xc0 : 0x80)
  view.setUint32(4, lifetimeS)
  view.setUint32(8, lifetimeS)
  bytes.set(ipv6BytesOf(network), 16)
  return bytes
}

function mtuOption(mtu: number): Uint8Array {
  const bytes = new Uint8Array(8)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, (option.mtu << 8) | 1)
  view.setUint32(4, mtu)
  return bytes
}

function macOptionOf(mac: number): Uint8Array {
  const bytes = new Uint8Array(8)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, (option.sourceMac << 8) | 1)
  writeMac(view, 2, mac)
  return bytes
}

function dnsOption(servers: readonly string[], lifetimeS: number): Uint8Array {
  const bytes = new Uint8Array(8 + servers.length * 16)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, (option.dnsServers << 8) | (1 + servers.length * 2))
  view.setUint32(4, lifetimeS)
  for (const [index, server] of servers.entries()) bytes.set(ipv6BytesOf(server), 8 + index * 16)
  return bytes
}

/** A whole frame of a router advertisement. */
export function buildRouterAdvertisement(headers: Headers, told: RouterAdvertisement): Uint8Array {
  const head = new Uint8Array(12)
  const view = new DataView(head.buffer)
  view.setUint8(0, 64)
  view.setUint8(1, (told.isManaged ? 0x80 : 0) | (told.hasOther ? 0x40 : 0))
  view.setUint16(2, told.lifetimeS)
  const parts = [
    head,
    macOptionOf(told.mac),
    mtuOption(told.mtu),
    ...told.prefixes.map(prefixOption),
    ...(told.dnsServers.length === 0 ? [] : [dnsOption(told.dnsServers, told.dnsLifetimeS)]),
  ]
  const body = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    body.set(part, at)
    at += part.length
  }
  return buildIcmpv6Frame({ ...headersOf(headers), type: icmpv6Type.routerAdvertisement }, body)
}
