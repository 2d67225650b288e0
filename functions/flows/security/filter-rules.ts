/**
 * What the rules of filters match, of either family, and their order. It is OpenVNet's: the longest destination, with a
 * port before without, then the source the same way; and what names a protocol before what does not.
 */
import { etherType, icmpv6Protocol, ipProtocol, type Row } from 'openvnet'
import { prefixMatch } from '../prefix-match.ts'

export type Rule = Row<'filterStatics'>
type Side = 'src' | 'dst'

const icmp = 1
const ipv6PrefixMax = 128

/** A rule about IPv6 has addresses of it. */
export const isIpv6 = ({ ipv6_src_address }: Rule) => ipv6_src_address !== null

/** The addresses of one side of a rule, as those that a packet comes from or goes to. */
function addressMatch(rule: Rule, side: Side, as: Side) {
  if (isIpv6(rule))
    return prefixMatch(`ipv6_${as}`, {
      network: rule[`ipv6_${side}_address`]!,
      bits: rule[`ipv6_${side}_prefix`]!,
    })
  const prefix = { network: rule[`${side}_address`], bits: rule[`${side}_prefix`] }
  if (rule.protocol !== 'arp') return prefixMatch(`ipv4_${as}`, prefix)
  return prefixMatch(as === 'src' ? 'arp_spa' : 'arp_tpa', prefix)
}

function portMatch({ protocol, ...rule }: Rule, side: Side, as: Side) {
  const port = rule[`${side}_port`]
  if (!port || (protocol !== 'tcp' && protocol !== 'udp')) return {}
  return { [`${protocol}_${as}`]: port } as { readonly [name in `${'tcp' | 'udp'}_${Side}`]?: number }
}

function protocolMatch(rule: Rule) {
  const { protocol } = rule
  if (protocol === 'arp') return { eth_type: etherType.arp }
  const eth_type = isIpv6(rule) ? etherType.ipv6 : etherType.ipv4
  if (protocol === 'ip') return { eth_type }
  if (protocol === 'icmp') return { eth_type, ip_proto: isIpv6(rule) ? icmpv6Protocol : icmp }
  return { eth_type, ip_proto: ipProtocol[protocol] }
}

/** What a rule matches of packets to its interface, as it is written; of those from it, mirrored. */
export function matchOf(rule: Rule, way: 'to' | 'from') {
  const [source, destination] = way === 'to' ? (['src', 'dst'] as const) : (['dst', 'src'] as const)
  return {
    ...protocolMatch(rule),
    ...addressMatch(rule, source, 'src'),
    ...addressMatch(rule, destination, 'dst'),
    ...portMatch(rule, source, 'src'),
    ...portMatch(rule, destination, 'dst'),
  }
}

const isPort = (port: number | null) => (port ? 1 : 0)
const isProtocol = ({ protocol }: Rule) => (protocol === 'ip' ? 0 : 1)

/** OpenVNet's priorities are doubled, so that there is one between any two. */
const scale = 2
/** Answers to what the interface has asked come before rules, but for those about one address and port of it. */
export const answerPriorities = { ipv4: scale * 4_310 + 1, ipv6: 40_000 } as const
const ipv6First = 20

function ipv4PriorityOf(rule: Rule): number {
  const { src_prefix, src_port, dst_prefix, dst_port } = rule
  const original = 20 + (dst_prefix * 2 + isPort(dst_port)) * 66 + src_prefix * 2 + isPort(src_port)
  return original * scale + isProtocol(rule)
}

/** The same order among rules about IPv6, which has more lengths of prefixes than flows have priorities. */
function ipv6Rank(rule: Rule): number {
  const { ipv6_src_prefix, src_port, ipv6_dst_prefix, dst_port } = rule
  const [inner, outer] = [ipv6_dst_prefix! * 2 + isPort(dst_port), ipv6_src_prefix! * 2 + isPort(src_port)]
  return (inner * (ipv6PrefixMax + 1) * 2 + outer) * 2 + isProtocol(rule)
}

const isOfOneService = ({ ipv6_dst_prefix, dst_port }: Rule) =>
  ipv6_dst_prefix === ipv6PrefixMax && isPort(dst_port) === 1

/** The priority of each of these rules, all of one interface: of those about IPv6, the ranks that there are, are numbered. */
export function prioritiesOf(rules: readonly Rule[]): (rule: Rule) => number {
  const ranks = [...new Set(rules.filter(isIpv6).map(ipv6Rank))].sort((a, b) => a - b)
  const places = new Map(ranks.map((rank, place) => [rank, place + 1] as const))
  return (rule) => {
    if (!isIpv6(rule)) return ipv4PriorityOf(rule)
    return (isOfOneService(rule) ? answerPriorities.ipv6 : ipv6First) + places.get(ipv6Rank(rule))!
  }
}
