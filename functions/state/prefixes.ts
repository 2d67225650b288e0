/** Addresses and prefixes of either family, as the state has them: IPv4 as numbers, IPv6 as text (RFC 5952). */
import { containsIpv6, ipv6NetworkOf, maskOf, type Row } from 'openvnet'
import { hasIpv6 } from './networks.ts'

export type IpAddress = number | string

/** Addresses that begin with the same bits. */
export interface PrefixOf<A extends IpAddress> {
  readonly network: A
  readonly bits: number
}
export type Prefix = PrefixOf<IpAddress>

/** Columns of which one family is given, or both. */
interface Columns {
  readonly ipv4_network: number | null
  readonly ipv4_prefix: number | null
  readonly ipv6_network: string | null
  readonly ipv6_prefix: number | null
}

export const isIpv4 = (address: IpAddress): address is number => typeof address === 'number'

/** One address alone. */
export const only = (address: IpAddress): Prefix => ({ network: address, bits: isIpv4(address) ? 32 : 128 })

/** Of a row that is of one family. */
export const prefixOf = ({ ipv4_network, ipv4_prefix, ipv6_network, ipv6_prefix }: Columns): Prefix =>
  ipv6_network === null
    ? { network: ipv4_network!, bits: ipv4_prefix! }
    : { network: ipv6_network, bits: ipv6_prefix! }

/** The columns of one family. */
export const ipv4PrefixOf = ({
  ipv4_network,
  ipv4_prefix,
}: {
  readonly ipv4_network: number
  readonly ipv4_prefix: number
}): PrefixOf<number> => ({ network: ipv4_network, bits: ipv4_prefix })

export const ipv6PrefixOf = ({
  ipv6_network,
  ipv6_prefix,
}: {
  readonly ipv6_network: string
  readonly ipv6_prefix: number
}): PrefixOf<string> => ({ network: ipv6_network, bits: ipv6_prefix })

/** The same as columns. */
export const columnsOf = ({ network, bits }: Prefix): Columns =>
  isIpv4(network)
    ? { ipv4_network: network, ipv4_prefix: bits, ipv6_network: null, ipv6_prefix: null }
    : { ipv4_network: null, ipv4_prefix: null, ipv6_network: network, ipv6_prefix: bits }

/** Without the bits that the prefix leaves out. */
export const firstAddressOf = <A extends IpAddress>({ network, bits }: PrefixOf<A>): A =>
  (isIpv4(network) ? (network & maskOf(bits)) >>> 0 : ipv6NetworkOf(network, bits)) as A

/** The same for the same addresses. */
export const keyOfPrefix = (prefix: Prefix): string => `${firstAddressOf(prefix)}/${prefix.bits}`

export const contains = ({ network, bits }: Prefix, address: IpAddress): boolean =>
  isIpv4(network)
    ? isIpv4(address) && ((network ^ address) & maskOf(bits)) === 0
    : !isIpv4(address) && containsIpv6(network, bits, address)

/** Whether all addresses of one prefix are in the other. */
export const isWithin = (inner: Prefix, outer: Prefix): boolean =>
  inner.bits >= outer.bits && contains(outer, inner.network)

/** The addresses that are in both. */
export const overlapOf = (a: Prefix, b: Prefix): Prefix[] =>
  isWithin(a, b) ? [a] : isWithin(b, a) ? [b] : []

/** Each once. */
export const distinctPrefixes = (prefixes: readonly Prefix[]): Prefix[] => [
  ...new Map(prefixes.map((one) => [keyOfPrefix(one), one] as const)).values(),
]

/** The subnets of a network. */
export const subnetsOf = (network: Row<'networks'>): Prefix[] => [
  { network: network.ipv4_network, bits: network.ipv4_prefix },
  ...(hasIpv6(network) ? [{ network: network.ipv6_network!, bits: network.ipv6_prefix! }] : []),
]
