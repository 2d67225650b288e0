/** An interface of a network where something decides what passes: its packets are found their connections first. */
import { conntrackState, cookieOf, etherType, type Flow, type FlowFunction, type State } from 'openvnet'
import { isTracked } from '../../state/filtering.ts'
import { hasIpv6, type Network } from '../../state/networks.ts'
import { scopeOf } from '../../state/scope.ts'
import { features, pipeline } from '../pipeline.ts'
import { claimOf } from '../zones.ts'

const first = conntrackState({ trk: true, rpl: false })
const answer = conntrackState({ trk: true, rpl: true })

/** Where filters decide they decide on everything, before what is asked of the network itself. */
const priorities = { filters: { tracked: 120, rest: 115 }, groups: 20 } as const

interface Guard {
  readonly cookie: bigint
  /** The network's key. */
  readonly network: number
  readonly interfaceId: number
  /** Undefined: its connections need not be known. */
  readonly zone: number | undefined
  readonly scope: number
  /** Its filters decide, before its groups. */
  readonly hasFilters: boolean
  /** Ids of its security groups; undefined: they decide nothing. */
  readonly groups: readonly number[] | undefined
}

/** Which connection a packet is of; and the group, where there is but one. */
function entrances({ cookie, network, interfaceId, zone, scope, hasFilters, groups = [] }: Guard): Flow[] {
  if (zone === undefined) return []
  const priority = hasFilters ? priorities.filters.tracked : priorities.groups
  const [only, second] = groups
  const whose = [
    { set: 'scope', to: scope } as const,
    { set: 'securityGroup', to: only === undefined || second !== undefined ? 0 : only } as const,
  ]
  return [
    pipeline.flow('fromInterface', {
      cookie,
      priority,
      match: { network, inInterface: interfaceId, eth_type: etherType.ipv4 },
      steps: [...whose, { conntrack: { zone, next: hasFilters ? 'fromFilter' : 'fromTracked' } }],
    }),
    pipeline.flow('toInterface', {
      cookie,
      priority,
      match: { network, outInterface: interfaceId, eth_type: etherType.ipv4 },
      steps: [
        ...whose,
        { set: 'permitted', to: 'no' },
        { set: 'restricted', to: 'no' },
        { conntrack: { zone, next: hasFilters ? 'toFilter' : 'toTracked' } },
      ],
    }),
  ]
}

/** What is of no connection, ARP for one, is the filters' too. */
const toFilters = ({ cookie, network, interfaceId, hasFilters }: Guard): Flow[] =>
  hasFilters
    ? [
        pipeline.flow('fromInterface', {
          cookie,
          priority: priorities.filters.rest,
          match: { network, inInterface: interfaceId },
          goto: 'fromFilter',
        }),
        pipeline.flow('toInterface', {
          cookie,
          priority: priorities.filters.rest,
          match: { network, outInterface: interfaceId },
          goto: 'toFilter',
        }),
      ]
    : []

/** Who is in several groups is held against the rules of each; it is enough that one lets a packet pass. */
function several({ cookie, network, interfaceId, zone, groups = [] }: Guard): Flow[] {
  if (groups.length < 2 || zone === undefined) return []
  const heard = [
    { set: 'restricted', to: 'yes' } as const,
    ...groups.flatMap((id) => [
      { set: 'securityGroup', to: id } as const,
      { resubmit: 'ingressRules' } as const,
    ]),
  ]
  const said = groups.flatMap((id) => [
    { set: 'securityGroup', to: id } as const,
    { resubmit: 'egressRules' } as const,
  ])
  const head = { cookie, priority: 150 }
  const from = { network, inInterface: interfaceId }
  const to = { network, outInterface: interfaceId }
  return [
    pipeline.flow('fromTracked', {
      ...head,
      match: { ...from, ct_state: first },
      steps: said,
      goto: 'fromVerdict',
    }),
    pipeline.flow('fromTracked', {
      ...head,
      match: { ...from, ct_state: answer },
      steps: heard,
      goto: 'fromVerdict',
    }),
    pipeline.flow('toTracked', {
      ...head,
      match: { ...to, ct_state: first },
      steps: heard,
      goto: 'toVerdict',
    }),
    pipeline.flow('toTracked', {
      ...head,
      match: { ...to, ct_state: answer },
      steps: said,
      goto: 'toVerdict',
    }),
  ]
}

const groupsOf = (state: State, interfaceId: number) =>
  state.securityGroupInterfaces.many('interface', interfaceId).map(({ security_group_id: id }) => id)

/** The object is the interface's membership in the network. Where it needs a zone and has none, nothing passes. */
export const guard: FlowFunction = ({ datapathId, objectId: memberId }, state) => {
  const member = state.interfaceNetworks.get(memberId)
  const network = member && state.networks.get(member.network_id)
  const owner = member && state.interfaces.get(member.interface_id)
  if (network === undefined || owner === undefined) return { flows: [] }
  const tracked = isTracked(state, owner)
  const claim = tracked
    ? state.conntrackZones.one('owner', datapathId, 'filtering', owner.id, network.id)
    : undefined
  if (tracked && claim === undefined) return { flows: [] }
  const one: Guard = {
    cookie: cookieOf(features.guard, memberId),
    network: network.tunnel_key_id,
    interfaceId: owner.id,
    zone: claim?.zone,
    scope: scopeOf(state, network.id)!,
    hasFilters: owner.enable_filtering,
    groups: owner.ingress_filtering_enabled ? groupsOf(state, owner.id) : undefined,
  }
  return {
    flows: [
      ...(claim === undefined ? [] : [claimOf(claim)]),
      ...entrances(one),
      ...toFilters(one),
      ...several(one),
    ],
    children: childrenOf(one, datapathId, network, memberId),
  }
}

function childrenOf(
  { interfaceId, hasFilters, groups }: Guard,
  datapathId: number,
  network: Network,
  memberId: number,
) {
  const unit = (feature: string, objectId: number) => ({ feature, datapathId, objectId })
  return [
    unit('denied', interfaceId),
    ...(hasFilters ? [unit('filters', interfaceId)] : []),
    ...(groups === undefined
      ? []
      : [
          unit('filtering', datapathId),
          unit('ownServices', network.id),
          ...groups.map((id) => unit('securityGroup', id)),
        ]),
    ...(hasIpv6(network) ? [unit('ipv6Guard', memberId)] : []),
  ]
}
