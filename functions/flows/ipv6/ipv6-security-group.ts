/**
 * The rules of a security group for IPv6, once for all its interfaces: a flow each, as `security-group.ts` has them for
 * IPv4. A rule about another group looks the other side up among that one's members, who have two flows for each address:
 * for the side that began a connection, and for the side that was asked.
 */
import {
  conntrackState,
  cookieOf,
  etherType,
  type Flow,
  type FlowFunction,
  icmpv6Protocol,
  ipProtocol,
  type State,
} from 'openvnet'
import { ipv6PrefixOf, isIpv4 } from '../../state/prefixes.ts'
import { type Rule, readRules } from '../../state/security-rules.ts'
import { features, pipeline } from '../pipeline.ts'
import { prefixMatch } from '../prefix-match.ts'
import { addressesOf } from '../security/group-members.ts'

const eth_type = etherType.ipv6
const protocolNumbers = { icmp: icmpv6Protocol, tcp: ipProtocol.tcp, udp: ipProtocol.udp } as const
const known = conntrackState({ trk: true, inv: false })
const untracked = conntrackState({ trk: true, inv: true })

const tables = { ingress: 'ingressRules', egress: 'egressRules' } as const
/** Which end of the connection a rule is about. */
const ends = { ingress: 'source', egress: 'destination' } as const
type Direction = keyof typeof tables

interface Group {
  readonly id: number
  readonly cookie: bigint
}

const aboutOf = ({ protocol, port }: Rule) => ({
  eth_type,
  ct_state: known,
  ct_nw_proto: protocolNumbers[protocol],
  ...(port === undefined ? {} : { ct_tp_dst: port }),
})

/** As soon as a group has a rule for what its interfaces say, the rest needs one. */
const restrict = (direction: Direction) =>
  direction === 'egress' ? [{ set: 'restricted', to: 'yes' } as const] : []

/** A rule about a network is decided on the spot. */
function ofNetwork({ id, cookie }: Group, direction: Direction, rule: Rule): Flow[] {
  const { peer } = rule
  if (!('ipv6_network' in peer)) return []
  const steps = [{ set: 'permitted', to: 'yes' } as const]
  const head = { cookie, priority: peer.ipv6_prefix === 0 ? 300 : 200, steps }
  const match = { securityGroup: id, ...aboutOf(rule) }
  return direction === 'ingress'
    ? [
        pipeline.flow('ingressRules', {
          ...head,
          match: { ...match, ...prefixMatch('ct_ipv6_src', ipv6PrefixOf(peer)) },
        }),
      ]
    : [
        pipeline.flow('egressRules', {
          ...head,
          match: { ...match, ...prefixMatch('ct_ipv6_dst', ipv6PrefixOf(peer)) },
        }),
      ]
}

/** Looks the other side up among the members of groups: the group's own at last, who trust each other in everything. */
const lookUp = (direction: Direction, groups: readonly number[]) => [
  ...restrict(direction),
  { set: 'otherEnd', to: ends[direction] } as const,
  ...groups.flatMap((id) => [
    { set: 'securityGroup', to: id } as const,
    { resubmit: 'groupMembers' } as const,
  ]),
]

/** The groups that rules of one protocol and port name, under each such rule. */
function references(state: State, rules: readonly Rule[]): { rule: Rule; groups: Set<number> }[] {
  const found = new Map<string, { rule: Rule; groups: Set<number> }>()
  for (const rule of rules) {
    const { peer } = rule
    const id = 'groupUuid' in peer ? state.securityGroups.one('uuid', peer.groupUuid)?.id : undefined
    if (id === undefined) continue
    const key = `${rule.protocol}:${rule.port}`
    const entry = found.get(key) ?? { rule, groups: new Set<number>() }
    found.set(key, { rule, groups: entry.groups.add(id) })
  }
  return [...found.values()]
}

/** What is not tracked everywhere needs a rule as well, and has none. */
const restrictUntracked = ({ id, cookie }: Group, direction: Direction): Flow[] =>
  direction === 'ingress'
    ? []
    : [
        pipeline.flow('egressRules', {
          cookie,
          priority: 10,
          match: { securityGroup: id, eth_type, ct_state: untracked },
          steps: restrict(direction),
        }),
      ]

function flowsOf(
  group: Group,
  direction: Direction,
  rules: readonly Rule[],
  about: ReturnType<typeof references>,
) {
  const { id, cookie } = group
  const flow = (priority: number, match: object, groups: readonly number[]) =>
    pipeline.flow(tables[direction], {
      cookie,
      priority,
      match: { securityGroup: id, eth_type, ct_state: known, ...match },
      steps: lookUp(direction, groups),
    })
  return [
    ...rules.flatMap((rule) => ofNetwork(group, direction, rule)),
    ...about.map(({ rule, groups }) =>
      flow(100, aboutOf(rule), [...[...groups].filter((other) => other !== id), id]),
    ),
    flow(10, {}, [id]),
    ...restrictUntracked(group, direction),
  ]
}

/** The same rule written twice is one. */
const distinct = (rules: readonly Rule[]) => [
  ...new Map(
    rules.map((rule) => [JSON.stringify([rule.protocol, rule.port ?? null, rule.peer]), rule] as const),
  ).values(),
]

/** The object is the group. */
export const ipv6SecurityGroup: FlowFunction = ({ objectId: id }, state) => {
  const row = state.securityGroups.get(id)
  const read = readRules(row?.rules ?? null)
  if (row === undefined || !read.ok) return { flows: [] }
  const group = { id, cookie: cookieOf(features.securityGroup, id) }
  const named = new Set([id])
  const flows = (['ingress', 'egress'] as const).flatMap((direction) => {
    const rules = distinct(read.value.filter((rule) => rule.direction === direction))
    if (direction === 'egress' && rules.length === 0) return []
    const about = references(state, rules)
    for (const { groups } of about) for (const other of groups) named.add(other)
    return flowsOf(group, direction, rules, about)
  })
  return { flows, lists: [{ feature: 'ipv6GroupMembers', objectIds: [...named] }] }
}

/** The object is the group. */
export const ipv6GroupMembers: FlowFunction = ({ objectId }, state) => {
  const members = state.securityGroupInterfaces.many('group', objectId)
  return { flows: [], lists: [{ feature: 'ipv6GroupMember', objectIds: members.map(({ id }) => id) }] }
}

/** The object is the row that makes the interface a member. */
export const ipv6GroupMember: FlowFunction = ({ objectId }, state) => {
  const row = state.securityGroupInterfaces.get(objectId)
  if (row === undefined) return { flows: [] }
  const cookie = cookieOf(features.groupMember, objectId)
  return {
    flows: addressesOf(state, row).flatMap(({ scope, network, bits, priority }) => {
      if (isIpv4(network)) return []
      const member = { securityGroup: row.security_group_id, scope, eth_type, ct_state: known }
      const prefix = { network, bits }
      const head = { cookie, priority, steps: [permit] }
      return [
        pipeline.flow('groupMembers', {
          ...head,
          match: { ...member, otherEnd: 'source', ...prefixMatch('ct_ipv6_src', prefix) },
        }),
        pipeline.flow('groupMembers', {
          ...head,
          match: { ...member, otherEnd: 'destination', ...prefixMatch('ct_ipv6_dst', prefix) },
        }),
      ]
    }),
  }
}

const permit = { set: 'permitted', to: 'yes' } as const
