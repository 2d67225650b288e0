/**
 * IPv6 of interfaces that are guarded, as `guard.ts` and `filtering.ts` have it of IPv4: packets are found their
 * connections, which are held against the rules of security groups. Neighbour discovery is the network's own, and passes;
 * so does DHCPv6, unless filters decide on it.
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
import { isTracked } from '../../state/filtering.ts'
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

/** Filters decide before what is asked of the network itself, but for its neighbours. */
const priorities = { interface: 11, dhcpv6: 12, filtered: 120, neighbours: 125 }

/** The zone where an interface's connections are known; undefined: neither groups nor filters need to know them. */
function zoneOf(state: State, datapathId: number, owner: Row<'interfaces'>, networkId: number) {
  return isTracked(state, owner)
    ? state.conntrackZones.one('owner', datapathId, 'filtering', owner.id, networkId)?.zone
    : undefined
}

interface Entrance {
  readonly cookie: bigint
  readonly network: number
  readonly interfaceId: number
  readonly zone: number
  readonly scope: number
  readonly groups: readonly number[]
  readonly hasFilters: boolean
}

/** Which connection a packet is of. */
function entrances({ cookie, network, interfaceId, zone, scope, groups, hasFilters }: Entrance): Flow[] {
  const head = { cookie, priority: hasFilters ? priorities.filtered : priorities.interface }
  const whose = [
    { set: 'scope', to: scope } as const,
    { set: 'securityGroup', to: groups.length === 1 ? groups[0]! : 0 } as const,
  ]
  return [
    pipeline.flow('fromInterface', {
      ...head,
      match: { network, inInterface: interfaceId, eth_type },
      steps: [...whose, { conntrack: { zone, next: hasFilters ? 'fromFilter' : 'fromTracked' } }],
    }),
    pipeline.flow('toInterface', {
      ...head,
      match: { network, outInterface: interfaceId, eth_type },
      steps: [
        ...whose,
        { set: 'permitted', to: 'no' },
        { set: 'restricted', to: 'no' },
        { conntrack: { zone, next: hasFilters ? 'toFilter' : 'toTracked' } },
      ],
    }),
  ]
}

/** The object is the interface's membership in the network. Without a zone that it needs nothing passes: `guard` sees to that. */
export const ipv6Guard: FlowFunction = ({ datapathId, objectId: memberId }, state) => {
  const member = state.interfaceNetworks.get(memberId)
  const network = member && state.networks.get(member.network_id)
  const owner = member && state.interfaces.get(member.interface_id)
  if (network === undefined || owner === undefined || !hasIpv6(network)) return { flows: [] }
  const hasGroups = owner.ingress_filtering_enabled
  const groups = hasGroups ? state.securityGroupInterfaces.many('interface', owner.id) : []
  const groupIds = groups.map(({ security_group_id: id }) => id)
  const zone = zoneOf(state, datapathId, owner, network.id)
  const one = {
    cookie: cookieOf(features.guard, memberId),
    network: network.tunnel_key_id,
    interfaceId: owner.id,
    scope: scopeOf(state, network.id)!,
    groups: groupIds,
    hasFilters: owner.enable_filtering,
  }
  const unit = (feature: string, objectId: number) => ({ feature, datapathId, objectId })
  return {
    flows: zone === undefined ? [] : entrances({ ...one, zone }),
    children: [
      unit('ipv6Discovery', datapathId),
      ...(hasGroups ? [unit('ipv6Filtering', datapathId)] : []),
      ...groupIds.map((id) => unit('ipv6SecurityGroup', id)),
    ],
  }
}

/** What nobody needs leave for: to look for neighbours and routers. The object is the datapath. */
export const ipv6Discovery: FlowFunction = ({ datapathId }) => {
  const head = { cookie: cookieOf(features.filtering, datapathId), priority: priorities.neighbours }
  return {
    flows: [
      ...[routerSolicitation, neighbourSolicitation, neighbourAdvertisement].map((icmpv6_type) =>
        pipeline.flow('fromInterface', { ...head, match: { icmpv6_type }, goto: 'solicitation' }),
      ),
      ...[neighbourSolicitation, neighbourAdvertisement].map((icmpv6_type) =>
        pipeline.flow('toInterface', { ...head, match: { icmpv6_type }, goto: 'output' }),
      ),
    ],
  }
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
      pipeline.flow('fromInterface', {
        cookie,
        priority: priorities.dhcpv6,
        match: { eth_type, ip_proto: ipProtocol.udp, udp_dst: dhcpv6ServerPort },
        goto: 'solicitation',
      }),
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
