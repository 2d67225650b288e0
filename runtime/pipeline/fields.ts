/** The packet fields that tables match and set, by their names in the specification: what kind of value, and what must be matched first. */
import { reservedPorts } from '../openvnet/packet.ts'
import { formatIpv4, formatMac } from '../packet/address.ts'
import { etherType } from '../packet/ethernet.ts'
import type { MatchField } from './flow.ts'

type Prerequisites = Readonly<Record<string, number>>
interface HeaderField {
  readonly kind: 'port' | 'mac' | 'ipv4' | 'ipv6' | 'number' | 'wide' | 'bits'
  readonly bits: number
  /** Exact matches that Open vSwitch demands beside this one (ovs-fields(7)). */
  readonly needs?: Prerequisites
}

const ipv4 = { eth_type: etherType.ipv4 } as const
const arp = { eth_type: etherType.arp } as const
const tcp = { ...ipv4, ip_proto: 6 } as const
const udp = { ...ipv4, ip_proto: 17 } as const
const icmp = { ...ipv4, ip_proto: 1 } as const
const ipv6 = { eth_type: etherType.ipv6 } as const
const icmpv6 = { ...ipv6, ip_proto: 58 } as const
/** A solicitation (135), unless the match says that it is an advertisement (136). */
const nd = { ...icmpv6, icmpv6_type: 135, icmpv6_code: 0 } as const
const advertisement = { ...nd, icmpv6_type: 136 } as const

/** In the order in which matches are written. */
export const headerFields = {
  in_port: { kind: 'port', bits: 32 },
  // What connection tracking says of a packet, once `conntrack` has sent it through. Bits as `conntrackState` gives them.
  ct_state: { kind: 'bits', bits: 32 },
  ct_zone: { kind: 'number', bits: 16 },
  ct_mark: { kind: 'number', bits: 32 },
  ct_label: { kind: 'wide', bits: 128 },
  tunnel_id: { kind: 'wide', bits: 64 },
  tun_src: { kind: 'ipv4', bits: 32 },
  tun_dst: { kind: 'ipv4', bits: 32 },
  vlan_vid: { kind: 'number', bits: 13 },
  eth_type: { kind: 'number', bits: 16 },
  eth_src: { kind: 'mac', bits: 48 },
  eth_dst: { kind: 'mac', bits: 48 },
  ip_proto: { kind: 'number', bits: 8, needs: ipv4 },
  nw_ttl: { kind: 'number', bits: 8, needs: ipv4 },
  ipv4_src: { kind: 'ipv4', bits: 32, needs: ipv4 },
  ipv4_dst: { kind: 'ipv4', bits: 32, needs: ipv4 },
  ipv6_src: { kind: 'ipv6', bits: 128, needs: ipv6 },
  ipv6_dst: { kind: 'ipv6', bits: 128, needs: ipv6 },
  tcp_src: { kind: 'number', bits: 16, needs: tcp },
  tcp_dst: { kind: 'number', bits: 16, needs: tcp },
  udp_src: { kind: 'number', bits: 16, needs: udp },
  udp_dst: { kind: 'number', bits: 16, needs: udp },
  icmpv4_type: { kind: 'number', bits: 8, needs: icmp },
  icmpv4_code: { kind: 'number', bits: 8, needs: icmp },
  // The first packet of the connection that this one is of, or is an error about; flows match its ct_state and eth_type too.
  ct_nw_proto: { kind: 'number', bits: 8 },
  ct_nw_src: { kind: 'ipv4', bits: 32, needs: ipv4 },
  ct_nw_dst: { kind: 'ipv4', bits: 32, needs: ipv4 },
  ct_ipv6_src: { kind: 'ipv6', bits: 128, needs: ipv6 },
  ct_ipv6_dst: { kind: 'ipv6', bits: 128, needs: ipv6 },
  ct_tp_src: { kind: 'number', bits: 16 },
  ct_tp_dst: { kind: 'number', bits: 16 },
  icmpv6_type: { kind: 'number', bits: 8, needs: icmpv6 },
  icmpv6_code: { kind: 'number', bits: 8, needs: icmpv6 },
  ipv6_nd_target: { kind: 'ipv6', bits: 128, needs: nd },
  ipv6_nd_sll: { kind: 'mac', bits: 48, needs: nd },
  ipv6_nd_tll: { kind: 'mac', bits: 48, needs: advertisement },
  nd_reserved: { kind: 'number', bits: 32, needs: nd },
  nd_options_type: { kind: 'number', bits: 8, needs: nd },
  arp_op: { kind: 'number', bits: 16, needs: arp },
  arp_spa: { kind: 'ipv4', bits: 32, needs: arp },
  arp_tpa: { kind: 'ipv4', bits: 32, needs: arp },
  arp_sha: { kind: 'mac', bits: 48, needs: arp },
  arp_tha: { kind: 'mac', bits: 48, needs: arp },
} as const satisfies Record<string, HeaderField>

export type HeaderName = keyof typeof headerFields
/** Fields whose values are text: IPv6 addresses. */
export type TextHeader = {
  [N in HeaderName]: (typeof headerFields)[N]['kind'] extends 'ipv6' ? N : never
}[HeaderName]

export const bitsOf = (name: HeaderName) => headerFields[name].bits
export const isHeader = (name: string): name is HeaderName => Object.hasOwn(headerFields, name)
export const prerequisitesOf = (name: HeaderName): Prerequisites =>
  (headerFields[name] as HeaderField).needs ?? {}

const reservedNames = new Map(Object.entries(reservedPorts).map(([name, number]) => [number as number, name]))

/** A port number as the codec has it: reserved ports by name. */
export const portValue = (port: number): number | string => reservedNames.get(port) ?? port

/** A value of the state (addresses are integers there, those of IPv6 text) as the codec has it. */
export function headerValue(name: HeaderName, value: number | string): MatchField['value'] {
  if (typeof value === 'string') {
    if (headerFields[name].kind !== 'ipv6') throw new RangeError(`${name} cannot be ${value}`)
    return value
  }
  switch (headerFields[name].kind) {
    case 'mac':
      return formatMac(value)
    case 'ipv4':
      return formatIpv4(value)
    case 'port':
      return portValue(value)
    case 'bits':
      return [value]
    case 'ipv6':
      throw new RangeError(`${name} cannot be ${value}`)
    case 'wide':
      return BigInt(value)
    default:
      return value
  }
}
