/**
 * The filters of an interface: rules as packets to it have them, mirrored for those from it. The order among rules is
 * OpenVNet's: the longest destination, with a port before without, then the source the same way; and what names a protocol
 * before what does not. What an interface may send by `conn` is remembered under its rule, and answers pass by that.
 */
import { conntrackState, cookieOf, dhcpClientPort, type Flow, type FlowFunction, type Row } from 'openvnet'
import { type Filtering, filteringOf } from '../../state/filters.ts'
import { features, pipeline } from '../pipeline.ts'
import { prefixMatch } from '../routers/hops.ts'

type Rule = Row<'filterStatics'>

const [arp, ipv4, ipv6] = [0x0806, 0x0800, 0x86dd]
const icmp = 1
/** OpenVNet's priorities are doubled, so that there is one between any two. */
const scale = 2
const defaultPriority = 10
const answerPriority = scale * 4_310 + 1
const answer = conntrackState({ trk: true, rpl: true, inv: false })

/** One filtered interface, and where its packets go that pass. */
interface Filtered {
  readonly cookie: bigint
  readonly interfaceId: number
  readonly filtering: Filtering
  /** Its security groups decide after its filters. */
  readonly hasGroups: boolean
}

const isPort = (port: number | null) => (port ? 1 : 0)

function priorityOf({ protocol, src_prefix, src_port, dst_prefix, dst_port }: Rule): number {
  const original = 20 + (dst_prefix * 2 + isPort(dst_port)) * 66 + src_prefix * 2 + isPort(src_port)
  return original * scale + (protocol === 'ip' ? 0 : 1)
}

interface Side {
  readonly ipv4_network: number
  readonly ipv4_prefix: number
  readonly port: number
}

/** What a rule matches, of packets from one side to another. */
function matchOf({ protocol }: Rule, source: Side, destination: Side) {
  if (protocol === 'arp')
    return { eth_type: arp, ...prefixMatch('arp_spa', source), ...prefixMatch('arp_tpa', destination) }
  const addresses = {
    eth_type: ipv4,
    ...prefixMatch('ipv4_src', source),
    ...prefixMatch('ipv4_dst', destination),
  }
  if (protocol === 'ip') return addresses
  if (protocol === 'icmp') return { ...addresses, ip_proto: icmp }
  const [from, to, ip_proto] =
    protocol === 'tcp' ? (['tcp_src', 'tcp_dst', 6] as const) : (['udp_src', 'udp_dst', 17] as const)
  return {
    ...addresses,
    ip_proto,
    ...(source.port === 0 ? {} : { [from]: source.port }),
    ...(destination.port === 0 ? {} : { [to]: destination.port }),
  }
}

const sidesOf = (rule: Rule): { readonly outer: Side; readonly inner: Side } => ({
  outer: { ipv4_network: rule.src_address, ipv4_prefix: rule.src_prefix, port: rule.src_port ?? 0 },
  inner: { ipv4_network: rule.dst_address, ipv4_prefix: rule.dst_prefix, port: rule.dst_port ?? 0 },
})

/** Where passes what a rule is about: ARP is not of security groups. */
const fromNext = ({ hasGroups }: Filtered, isArp: boolean) =>
  isArp ? ('arp' as const) : hasGroups ? ('fromTracked' as const) : ('service' as const)
const toNext = ({ hasGroups }: Filtered, isArp: boolean) =>
  hasGroups && !isArp ? ('toTracked' as const) : ('output' as const)

/** What is tracked once more is untracked from there on, but where it is sent by that. */
function remember({ hasGroups }: Filtered, mark: number) {
  const entry = { zone: 'ct_zone', commit: true, mark } as const
  return hasGroups
    ? { steps: [{ conntrack: { ...entry, next: 'fromTracked' } } as const] }
    : { steps: [{ conntrack: entry }], goto: 'service' as const }
}

function ruleFlows(one: Filtered, rule: Rule): Flow[] {
  const { cookie, interfaceId } = one
  const { outer, inner } = sidesOf(rule)
  const isArp = rule.protocol === 'arp'
  const head = { cookie, priority: priorityOf(rule) }
  const from = { ...head, match: { inInterface: interfaceId, ...matchOf(rule, inner, outer) } }
  const to = { ...head, match: { outInterface: interfaceId, ...matchOf(rule, outer, inner) } }
  if (rule.action === 'drop')
    return [
      pipeline.flow('fromFilter', { ...from, goto: 'fromDenied' }),
      pipeline.flow('toFilter', { ...to, goto: 'toDenied' }),
    ]
  if (rule.action === 'pass')
    return [
      pipeline.flow('fromFilter', { ...from, goto: fromNext(one, isArp) }),
      pipeline.flow('toFilter', { ...to, goto: toNext(one, isArp) }),
    ]
  return [
    pipeline.flow('fromFilter', { ...from, ...remember(one, rule.id) }),
    pipeline.flow('toFilter', {
      cookie,
      priority: answerPriority,
      match: { outInterface: interfaceId, eth_type: ipv4, ct_state: answer, ct_mark: rule.id },
      goto: toNext(one, isArp),
    }),
  ]
}

/** What no rule is about. */
function defaults(one: Filtered): Flow[] {
  const { cookie, interfaceId, filtering } = one
  const head = { cookie, priority: defaultPriority }
  const from = (eth_type: number, goto: 'arp' | 'service' | 'fromTracked' | 'solicitation') =>
    pipeline.flow('fromFilter', { ...head, match: { inInterface: interfaceId, eth_type }, goto })
  const to = (eth_type: number, goto: 'output' | 'toTracked') =>
    pipeline.flow('toFilter', { ...head, match: { outInterface: interfaceId, eth_type }, goto })
  // Where groups decide too, IPv6 would pass them by.
  const ipv6Alone = (flow: Flow) => (one.hasGroups ? [] : [flow])
  const denied = { cookie, priority: defaultPriority - 1 }
  return [
    pipeline.flow('fromFilter', { ...denied, match: { inInterface: interfaceId }, goto: 'fromDenied' }),
    pipeline.flow('toFilter', { ...denied, match: { outInterface: interfaceId }, goto: 'toDenied' }),
    ...(filtering.egressPassthrough
      ? [from(arp, 'arp'), from(ipv4, fromNext(one, false)), ...ipv6Alone(from(ipv6, 'solicitation'))]
      : []),
    ...(filtering.ingressPassthrough
      ? [to(arp, 'output'), to(ipv4, toNext(one, false)), ...ipv6Alone(to(ipv6, 'output'))]
      : []),
  ]
}

/** A rule that lets the interface answer DHCP clients. */
const answersDhcp = ({ protocol, action, src_port }: Rule) =>
  protocol === 'udp' && action !== 'drop' && src_port === dhcpClientPort

/** The object is the interface. */
export const filters: FlowFunction = ({ datapathId, objectId: interfaceId }, state) => {
  const row = state.interfaces.get(interfaceId)
  if (row === undefined) return { flows: [] }
  const one = {
    cookie: cookieOf(features.filters, interfaceId),
    interfaceId,
    filtering: filteringOf(state, interfaceId),
    hasGroups: row.ingress_filtering_enabled,
  }
  const { rules } = one.filtering
  return {
    flows: [...rules.flatMap((rule) => ruleFlows(one, rule)), ...defaults(one)],
    children: rules.some(answersDhcp) ? [{ feature: 'dhcpServer', datapathId, objectId: interfaceId }] : [],
  }
}
