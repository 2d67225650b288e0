/** Matches of packets by prefixes of either family. */
import { etherType, ipv6MaskOf, maskOf } from 'openvnet'
import {
  firstAddressOf,
  type IpAddress,
  isIpv4,
  only,
  type Prefix,
  type PrefixOf,
} from '../state/prefixes.ts'

const ends = {
  source: ['ipv4_src', 'ipv6_src'],
  destination: ['ipv4_dst', 'ipv6_dst'],
} as const

type Match<E extends keyof typeof ends> = { readonly eth_type: number } & {
  readonly [name in (typeof ends)[E][0]]?: number | { readonly value: number; readonly mask: number }
} & { readonly [name in (typeof ends)[E][1]]?: string | { readonly value: string; readonly mask: string } }

/** A match of a field by its prefix: nothing at all for /0. */
export function prefixMatch<F extends string, A extends IpAddress>(field: F, prefix: PrefixOf<A>) {
  const { bits } = prefix
  const value = firstAddressOf(prefix)
  const [whole, mask] = isIpv4(value) ? [32, maskOf(bits)] : [128, ipv6MaskOf(bits)]
  const match = bits === 0 ? {} : { [field]: bits === whole ? value : { value, mask } }
  return match as { readonly [name in F]?: A | { readonly value: A; readonly mask: A } }
}

/** Packets of the prefix's family that come from there, or go there. */
export const matchOf = <E extends keyof typeof ends>(end: E, prefix: Prefix): Match<E> => {
  const [ipv4, ipv6] = ends[end]
  return isIpv4(prefix.network)
    ? ({ eth_type: etherType.ipv4, ...prefixMatch(ipv4, prefix) } as Match<E>)
    : ({ eth_type: etherType.ipv6, ...prefixMatch(ipv6, prefix) } as Match<E>)
}

/** The same of one address. */
export const matchOfAddress = <E extends keyof typeof ends>(end: E, address: IpAddress) =>
  matchOf(end, only(address))
