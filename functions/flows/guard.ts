/** An interface of a network where something decides what passes: its packets are found their connections first. */
import { conntrackState, cookieOf, type Flow, type FlowFunction, type State } from 'openvnet'
import { hasIpv6 } from '../state/networks.ts'
import { scopeOf } from '../state/scope.ts'
import { features, pipeline } from './pipeline.ts'
import { claimOf } from './zones.ts'

const ipv4 = 0x0800
const first = conntrackState({ trk: true, rpl: false })
const answer = conntrackState({ trk: true, rpl: true })

interface Guard {
  readonly cookie: bigint
  /** The network's key. */
  readonly network: number
  readonly interfaceId: number
  readonly zone: number
  readonly scope: number
  /** Ids of its security groups. */
  readonly groups: readonly number[]
}

/** Which connection a packet is of; and the group, where there is but one. */
function entrances({ cookie, network, interfaceId, zone, scope, groups }: Guard): Flow[] {
  const whose = [
    { set: 'scope', to: scope } as const,
    { set: 'securityGroup', to: groups.length === 1 ? groups[0]! : 0 } as const,
  ]
  return [
    pipeline.flow('fromInterface', {
      cookie,
      priority: 20,
      match: { network, inInterface: interfaceId, eth_type: ipv4 },
      steps: [...whose, { conntrack: { zone, next: 'fromTracked' } }],
    }),
    pipeline.flow('toInterface', {
      cookie,
      priority: 20,
      match: { network, outInterface: interfaceId, eth_type: ipv4 },
      steps: [
        ...whose,
        { set: 'permitted', to: 'no' },
        { set: 'restricted', to: 'no' },
        { conntrack: { zone, next: 'toTracked' } },
      ],
    }),
  ]
}

/** Who is in several groups is held against the rules of each; it is enough that one lets a packet pass. */
function several({ cookie, network, interfaceId, groups }: Guard): Flow[] {
  if (groups.length < 2) return []
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

/** The object is the interface's membership in the network. Without a zone nothing passes. */
export const guard: FlowFunction = ({ datapathId, objectId: memberId }, state) => {
  const member = state.interfaceNetworks.get(memberId)
  const network = member && state.networks.get(member.network_id)
  if (network === undefined) return { flows: [] }
  const { interface_id: interfaceId } = member!
  const claim = state.conntrackZones.one('owner', datapathId, 'filtering', interfaceId, network.id)
  // Filters are not there yet: where one is to decide, nothing passes.
  if (claim === undefined || state.interfaces.get(interfaceId)?.enable_filtering) return { flows: [] }
  const unit = (feature: string, objectId: number) => ({ feature, datapathId, objectId })
  const one = {
    cookie: cookieOf(features.guard, memberId),
    network: network.tunnel_key_id,
    interfaceId,
    zone: claim.zone,
    scope: scopeOf(state, network.id)!,
    groups: groupsOf(state, interfaceId),
  }
  return {
    flows: [claimOf(claim), ...entrances(one), ...several(one)],
    children: [
      unit('filtering', datapathId),
      unit('ownServices', network.id),
      ...one.groups.map((id) => unit('securityGroup', id)),
      ...(hasIpv6(network) ? [unit('ipv6Guard', memberId)] : []),
    ],
  }
}
