/**
 * IPv6 of interfaces that security groups guard, as `guard.ts` and `filtering.ts` have it of IPv4: packets are found their
 * connections, and connections are held against rules. Neighbour discovery and DHCPv6 are the network's own, and pass.
 */
import {
  conntrackState,
  cookieOf,
  dhcpv6ServerPort,
  etherType,
  type Flow,
  type FlowFunction,
  icmpv6Protocol,
  icmpv6Type,
  ipProtocol,
  type Row,
  type State,
} from 'openvnet'
import { hasIpv6 } from '../../state/networks.ts'
import { scopeOf } from '../../state/scope.ts'
import { features, pipeline } from '../pipeline.ts'

const eth_type = etherType.ipv6
const { routerSolicitation, neighbourSolicitation, neighbourAdvertisement } = icmpv6Type
/** Of these every packet that is right belongs to a connection. */
const trackedProtocols = [icmpv6Protocol, ipProtocol.tcp, ipProtocol.udp]
const invalid = conntrackState({ trk: true, inv: true })
const fresh = conntrackState({ trk: true, new: true })
const remember = { conntrack: { zone: 'ct_zone', commit: true } } as const

/** Below what filters have for all of an interface: where filters decide, these do not come up. */
const priorities = { interface: 11, neighbours: 12 }

/** The zone where an interface's connections are known; undefined: security groups do not guard it. */
function zoneOf(state: State, datapathId: number, member: Row<'interfaceNetworks'>): number | undefined {
  const owner = state.interfaces.get(member.interface_id)
  if (owner === undefined || !owner.ingress_filtering_enabled || owner.enable_filtering) return undefined
  return state.conntrackZones.one('owner', datapathId, 'filtering', owner.id, member.network_id)?.zone
}

/** The object is the interface's membership in the network. Without a zone nothing passes. */
export const ipv6Guard: FlowFunction = ({ datapathId, objectId: memberId }, state) => {
  const member = state.interfaceNetworks.get(memberId)
  const network = member && state.networks.get(member.network_id)
  const zone = member && zoneOf(state, datapathId, member)
  if (network === undefined || zone === undefined || !hasIpv6(network)) return { flows: [] }
  const { interface_id: interfaceId } = member!
  const cookie = cookieOf(features.guard, memberId)
  const groups = state.securityGroupInterfaces
    .many('interface', interfaceId)
    .map(({ security_group_id: id }) => id)
  const key = network.tunnel_key_id
  const head = { cookie, priority: priorities.interface }
  const whose = [
    { set: 'scope', to: scopeOf(state, network.id)! } as const,
    { set: 'securityGroup', to: groups.length === 1 ? groups[0]! : 0 } as const,
  ]
  const unit = (feature: string, objectId: number) => ({ feature, datapathId, objectId })
  return {
    flows: [
      pipeline.flow('fromInterface', {
        ...head,
        match: { network: key, inInterface: interfaceId, eth_type },
        steps: [...whose, { conntrack: { zone, next: 'fromTracked' } }],
      }),
      pipeline.flow('toInterface', {
        ...head,
        match: { network: key, outInterface: interfaceId, eth_type },
        steps: [
          ...whose,
          { set: 'permitted', to: 'no' },
          { set: 'restricted', to: 'no' },
          { conntrack: { zone, next: 'toTracked' } },
        ],
      }),
    ],
    children: [unit('ipv6Filtering', datapathId), ...groups.map((id) => unit('ipv6SecurityGroup', id))],
  }
}

/** What nobody needs leave for: to look for neighbours, routers and addresses. */
function ofTheNetwork(cookie: bigint): Flow[] {
  const head = { cookie, priority: priorities.neighbours }
  return [
    ...[routerSolicitation, neighbourSolicitation, neighbourAdvertisement].map((icmpv6_type) =>
      pipeline.flow('fromInterface', { ...head, match: { icmpv6_type }, goto: 'solicitation' }),
    ),
    pipeline.flow('fromInterface', {
      ...head,
      match: { eth_type, ip_proto: ipProtocol.udp, udp_dst: dhcpv6ServerPort },
      goto: 'solicitation',
    }),
    ...[neighbourSolicitation, neighbourAdvertisement].map((icmpv6_type) =>
      pipeline.flow('toInterface', { ...head, match: { icmpv6_type }, goto: 'output' }),
    ),
  ]
}

const verdicts = (cookie: bigint): Flow[] =>
  ([{ permitted: 'yes' }, { restricted: 'no' }] as const).flatMap((passes) => [
    pipeline.flow('fromVerdict', {
      cookie,
      priority: 30,
      match: { ...passes, eth_type, ct_state: fresh },
      steps: [remember],
      goto: 'solicitation',
    }),
    pipeline.flow('fromVerdict', {
      cookie,
      priority: 25,
      match: { ...passes, eth_type },
      goto: 'solicitation',
    }),
    pipeline.flow('toVerdict', {
      cookie,
      priority: 30,
      match: { ...passes, eth_type, ct_state: fresh },
      steps: [remember],
      goto: 'output',
    }),
  ])

/** What every datapath has where security groups guard an interface with IPv6. */
export const ipv6Filtering: FlowFunction = ({ datapathId }) => {
  const cookie = cookieOf(features.filtering, datapathId)
  return {
    flows: [
      ...ofTheNetwork(cookie),
      ...trackedProtocols.flatMap((ip_proto) =>
        (['fromTracked', 'toTracked'] as const).map((table) =>
          pipeline.flow(table, {
            cookie,
            priority: 200,
            match: { ct_state: invalid, eth_type, ip_proto },
            drop: true,
          }),
        ),
      ),
      ...verdicts(cookie),
    ],
  }
}
