/**
 * The filters of an interface: rules as packets to it have them, mirrored for those from it. What an interface may send by
 * `conn` is remembered under its rule, and answers pass by that.
 */
import { conntrackState, cookieOf, dhcpClientPort, etherType, type Flow, type FlowFunction } from 'openvnet'
import { type Filtering, filteringOf } from '../../state/filters.ts'
import { features, pipeline } from '../pipeline.ts'
import { answerPriorities, isIpv6, matchOf, prioritiesOf, type Rule } from './filter-rules.ts'

const { arp, ipv4, ipv6 } = etherType
const defaultPriority = 10
const answer = conntrackState({ trk: true, rpl: true, inv: false })

/** One filtered interface, and where its packets go that pass. */
interface Filtered {
  readonly cookie: bigint
  readonly interfaceId: number
  readonly filtering: Filtering
  /** Its security groups decide after its filters. */
  readonly hasGroups: boolean
}

/** Where goes on what passes: ARP is not of security groups, and of IPv6 the network answers solicitations first. */
const entries = { [arp]: 'arp', [ipv4]: 'service', [ipv6]: 'solicitation' } as const
type EtherType = keyof typeof entries

const fromNext = ({ hasGroups }: Filtered, type: EtherType) =>
  hasGroups && type !== arp ? ('fromTracked' as const) : entries[type]
const toNext = ({ hasGroups }: Filtered, type: EtherType) =>
  hasGroups && type !== arp ? ('toTracked' as const) : ('output' as const)

const typeOf = (rule: Rule): EtherType => (rule.protocol === 'arp' ? arp : isIpv6(rule) ? ipv6 : ipv4)

/** What is tracked once more is untracked from there on, but where it is sent by that. */
function remember({ hasGroups }: Filtered, rule: Rule) {
  const entry = { zone: 'ct_zone', commit: true, mark: rule.id } as const
  return hasGroups
    ? { steps: [{ conntrack: { ...entry, next: 'fromTracked' } } as const] }
    : { steps: [{ conntrack: entry }], goto: entries[typeOf(rule)] }
}

function ruleFlows(one: Filtered, rule: Rule, priority: number): Flow[] {
  const { cookie, interfaceId } = one
  const type = typeOf(rule)
  const from = { cookie, priority, match: { inInterface: interfaceId, ...matchOf(rule, 'from') } }
  const to = { cookie, priority, match: { outInterface: interfaceId, ...matchOf(rule, 'to') } }
  if (rule.action === 'drop')
    return [
      pipeline.flow('fromFilter', { ...from, goto: 'fromDenied' }),
      pipeline.flow('toFilter', { ...to, goto: 'toDenied' }),
    ]
  if (rule.action === 'pass')
    return [
      pipeline.flow('fromFilter', { ...from, goto: fromNext(one, type) }),
      pipeline.flow('toFilter', { ...to, goto: toNext(one, type) }),
    ]
  return [
    pipeline.flow('fromFilter', { ...from, ...remember(one, rule) }),
    pipeline.flow('toFilter', {
      cookie,
      priority: isIpv6(rule) ? answerPriorities.ipv6 : answerPriorities.ipv4,
      match: { outInterface: interfaceId, eth_type: type, ct_state: answer, ct_mark: rule.id },
      goto: toNext(one, type),
    }),
  ]
}

/** What no rule is about. */
function defaults(one: Filtered): Flow[] {
  const { cookie, interfaceId, filtering } = one
  const passing = { cookie, priority: defaultPriority }
  const denied = { cookie, priority: defaultPriority - 1 }
  const types = [arp, ipv4, ipv6] as const
  return [
    pipeline.flow('fromFilter', { ...denied, match: { inInterface: interfaceId }, goto: 'fromDenied' }),
    pipeline.flow('toFilter', { ...denied, match: { outInterface: interfaceId }, goto: 'toDenied' }),
    ...(filtering.egressPassthrough ? types : []).map((eth_type) =>
      pipeline.flow('fromFilter', {
        ...passing,
        match: { inInterface: interfaceId, eth_type },
        goto: fromNext(one, eth_type),
      }),
    ),
    ...(filtering.ingressPassthrough ? types : []).map((eth_type) =>
      pipeline.flow('toFilter', {
        ...passing,
        match: { outInterface: interfaceId, eth_type },
        goto: toNext(one, eth_type),
      }),
    ),
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
  const priorityOf = prioritiesOf(rules)
  return {
    flows: [...rules.flatMap((rule) => ruleFlows(one, rule, priorityOf(rule))), ...defaults(one)],
    children: rules.some(answersDhcp) ? [{ feature: 'dhcpServer', datapathId, objectId: interfaceId }] : [],
  }
}
