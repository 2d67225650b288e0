/** Matches of packets by prefixes of either family. */
import { etherType, ipv6MaskOf, maskOf } from 'openvnet'
import { firstAddressOf, type IpAddress, isIpv4, only, type Prefix } from '../state/prefixes.ts'

const ends = {
  source: ['ipv4_src', 'ipv6_src'],
  destination: ['ipv4_dst', 'ipv6_dst'],
} as const

type Match<E extends keyof typeof ends> = { readonly eth_type: number } & {
  readonly [name in (typeof ends)[E][0]]?: number | { readonly value: number; readonly mask: number }
} & { readonly [name in (typeof ends)[E][1]]?: string | { readonly value: string; readonly mask: string } }

/** Packets of the prefix's family that come from there, or go there. */
export function matchOf<E extends keyof typeof ends>(end: E, prefix: Prefix): Match<E> {
  const { bits } = prefix
  const value = firstAddressOf(prefix)
  const eth_type = isIpv4(value) ? etherType.ipv4 : etherType.ipv6
  if (bits === 0) return { eth_type } as Match<E>
  const [ipv4, ipv6] = ends[end]
  const masked = isIpv4(value)
    ? { [ipv4]: bits === 32 ? value : { value, mask: maskOf(bits) } }
    : { [ipv6]: bits === 128 ? value : { value, mask: ipv6MaskOf(bits) } }
  return { eth_type, ...masked } as Match<E>
}

/** The same of one address. */
export const matchOfAddress = <E extends keyof typeof ends>(end: E, address: IpAddress) =>
  matchOf(end, only(address))
