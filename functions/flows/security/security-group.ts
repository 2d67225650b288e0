/**
 * The rules of a security group, once for all its interfaces: a flow each. A rule about another group looks the other side
 * up among that one's members, who have a flow each, so that rules and members add up and never multiply.
 *
 * What is matched is the first packet of a connection, as tracking remembers it, for every packet in either direction: with
 * a rule, a member or an address goes what it had let pass, at once and both ways.
 */
import {
  conntrackState,
  cookieOf,
  dhcpClientPort,
  etherType,
  type Flow,
  type FlowFunction,
  type State,
} from 'openvnet'
import { ipv4PrefixOf } from '../../state/prefixes.ts'
import { type Rule, readRules } from '../../state/security-rules.ts'
import { features, pipeline } from '../pipeline.ts'
import { prefixMatch } from '../prefix-match.ts'
import { known } from './filtering.ts'

const protocolNumbers = { icmp: 1, tcp: 6, udp: 17 } as const
const untracked = conntrackState({ trk: true, inv: true })

const tables = { ingress: 'ingressRules', egress: 'egressRules' } as const
type Direction = keyof typeof tables

interface Group {
  readonly id: number
  readonly cookie: bigint
}

/** What rules of one kind have in common. */
const aboutOf = ({ protocol, port }: Rule) => ({
  eth_type: etherType.ipv4,
  ct_state: known,
  ct_nw_proto: protocolNumbers[protocol],
  ...(port === undefined ? {} : { ct_tp_dst: port }),
})

const permit = [{ set: 'permitted', to: 'yes' } as const]
/** As soon as a group has a rule for what its interfaces say, the rest needs one. */
const restrict = (direction: Direction) =>
  direction === 'egress' ? [{ set: 'restricted', to: 'yes' } as const] : []

/** A rule about a network is decided on the spot: first those about everyone, which look at no address at all. */
function ofNetwork({ id, cookie }: Group, direction: Direction, rule: Rule): Flow[] {
  const { peer } = rule
  if (!('ipv4_network' in peer)) return []
  const head = { cookie, priority: peer.ipv4_prefix === 0 ? 300 : 200, steps: permit }
  const match = { securityGroup: id, ...aboutOf(rule) }
  return direction === 'ingress'
    ? [
        pipeline.flow('ingressRules', {
          ...head,
          match: { ...match, ...prefixMatch('ct_nw_src', ipv4PrefixOf(peer)) },
        }),
      ]
    : [
        pipeline.flow('egressRules', {
          ...head,
          match: { ...match, ...prefixMatch('ct_nw_dst', ipv4PrefixOf(peer)) },
        }),
      ]
}

/** Looks the other side up among the members of groups: the group's own at last, who trust each other in everything. */
const lookUp = (groups: readonly number[]) =>
  groups.flatMap((id) => [{ set: 'securityGroup', to: id } as const, { resubmit: 'groupMembers' } as const])

const otherSides = { ingress: ['ct_nw_src', 'ipv4_src'], egress: ['ct_nw_dst', 'ipv4_dst'] } as const

/** Rules about groups: those of one protocol and port together, since a packet meets one flow of a table. */
function ofGroups({ id, cookie }: Group, direction: Direction, rule: Rule, groups: readonly number[]): Flow {
  return pipeline.flow(tables[direction], {
    cookie,
    priority: 100,
    match: { securityGroup: id, ...aboutOf(rule) },
    steps: [
      ...restrict(direction),
      { move: otherSides[direction][0], to: 'otherSide' },
      ...lookUp([...groups.filter((other) => other !== id), id]),
    ],
  })
}

/** Members hear each other in everything, also what is not tracked. */
function amongMembers({ id, cookie }: Group, direction: Direction): Flow[] {
  const [tracked, header] = otherSides[direction]
  const steps = (move: typeof tracked | typeof header) => [
    ...restrict(direction),
    { move, to: 'otherSide' } as const,
    { resubmit: 'groupMembers' } as const,
  ]
  const head = { cookie, priority: 10 }
  const match = { securityGroup: id, eth_type: etherType.ipv4 }
  return [
    pipeline.flow(tables[direction], {
      ...head,
      match: { ...match, ct_state: known },
      steps: steps(tracked),
    }),
    pipeline.flow(tables[direction], {
      ...head,
      match: { ...match, ct_state: untracked },
      steps: steps(header),
    }),
  ]
}

const idOf = (state: State, { peer }: Rule): number | undefined =>
  'groupUuid' in peer ? state.securityGroups.one('uuid', peer.groupUuid)?.id : undefined

/** The groups that rules of one protocol and port name, under each such rule. */
function references(state: State, rules: readonly Rule[]): Map<string, { rule: Rule; groups: Set<number> }> {
  const found = new Map<string, { rule: Rule; groups: Set<number> }>()
  for (const rule of rules) {
    const id = idOf(state, rule)
    if (id === undefined) continue
    const key = `${rule.protocol}:${rule.port}`
    const entry = found.get(key) ?? { rule, groups: new Set<number>() }
    found.set(key, { rule, groups: entry.groups.add(id) })
  }
  return found
}

/** The same rule written twice is one. */
const distinct = (rules: readonly Rule[]) => [
  ...new Map(
    rules.map((rule) => [JSON.stringify([rule.protocol, rule.port ?? null, rule.peer]), rule] as const),
  ).values(),
]

/** A rule that lets its interfaces answer DHCP clients. */
const answersDhcp = ({ direction, protocol, port }: Rule) =>
  direction === 'egress' && protocol === 'udp' && port === dhcpClientPort

export const securityGroup: FlowFunction = ({ objectId: id }, state) => {
  const row = state.securityGroups.get(id)
  const read = readRules(row?.rules ?? null)
  if (row === undefined || !read.ok) return { flows: [] }
  const group = { id, cookie: cookieOf(features.securityGroup, id) }
  const named = new Set([id])
  const flows = (['ingress', 'egress'] as const).flatMap((direction) => {
    const rules = distinct(read.value.filter((rule) => rule.direction === direction))
    if (direction === 'egress' && rules.length === 0) return []
    const about = [...references(state, rules).values()]
    for (const { groups } of about) for (const other of groups) named.add(other)
    return [
      ...rules.flatMap((rule) => ofNetwork(group, direction, rule)),
      ...about.map(({ rule, groups }) => ofGroups(group, direction, rule, [...groups])),
      ...amongMembers(group, direction),
    ]
  })
  const members = read.value.some(answersDhcp) ? state.securityGroupInterfaces.many('group', id) : []
  return {
    flows,
    lists: [
      { feature: 'groupMembers', objectIds: [...named] },
      { feature: 'dhcpServer', objectIds: members.map(({ interface_id }) => interface_id) },
    ],
  }
}
