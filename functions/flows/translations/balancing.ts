/**
 * The load balancers of a network, on every datapath whose machines can ask them: a new connection is given to a member by
 * weight, and stays with it; what the member answers comes from the load balancer's address, as it is let out to who asked.
 */
import {
  type Bucket,
  conntrackState,
  cookieOf,
  etherType,
  type Flow,
  type FlowFunction,
  type Group,
  type Nat,
  type State,
} from 'openvnet'
import {
  askingNetworks,
  balancersIn,
  balancingClaim,
  type LoadBalancer,
  type Member,
  membersOf,
  portField,
  takingMembers,
} from '../../state/balancing.ts'
import type { Network } from '../../state/networks.ts'
import { ruleOf } from '../../state/translation.ts'
import { features, pipeline } from '../pipeline.ts'
import { claimOf } from '../zones.ts'
import { asksHere, hairpins } from './hairpin.ts'
import { established, repeated, valid } from './remembered.ts'

const unknown = conntrackState({ trk: true, new: true })

/** Above the numbers of other groups. */
const firstGroup = 0x5800_0000
const groupIdOf = ({ id }: LoadBalancer) => firstGroup + id
export const balancerOfGroup = (groupId: number) => groupId - firstGroup

/** Who gets a connection, by weight, with what is done with it. */
export const groupOf = (
  row: LoadBalancer,
  members: readonly Member[],
  actionsOf: (nat: Nat, label: number, member: Member) => Bucket['actions'],
): Group => ({
  group_id: groupIdOf(row),
  type: 'OFPGT_SELECT',
  buckets: takingMembers(members).map((member) => {
    const { weight, address, port_number: port } = member
    return {
      weight,
      actions: actionsOf({ end: 'destination', address, port }, ruleOf('member', member), member),
    }
  }),
})

/**
 * A new connection to its group. What Open vSwitch hashes is the addresses, and the ports of TCP alone: for UDP the port of who
 * asks is part of the address meanwhile, so that not all of its flows go to one member.
 */
export const toGroup = (row: LoadBalancer) => [
  ...(row.protocol === 'udp'
    ? ([
        { move: 'ipv4_src', to: 'otherSide' },
        { move: 'udp_src', to: 'ipv4_src', bits: 16 },
      ] as const)
    : []),
  { group: groupIdOf(row) },
]
/** The first that its members do; of the actions of a group Open vSwitch has no stack. */
export const fromGroup = (row: LoadBalancer) =>
  row.protocol === 'udp' ? ([{ move: 'otherSide', to: 'ipv4_src' }] as const) : []

interface Balancing {
  readonly cookie: bigint
  readonly network: Network
  readonly zone: number
  /** Of a member that is here, who asks may be itself. */
  readonly isHere: (member: Member) => boolean
}

const towards = ({ isHere }: Balancing, member: Member) => (isHere(member) ? 'hairpin' : 'neighbour')

/** It is remembered, and goes on to its member. */
const toMember = (context: Balancing, row: LoadBalancer) => (nat: Nat, label: number, member: Member) =>
  pipeline.actions('balanceConnection', [
    ...fromGroup(row),
    { conntrack: { zone: context.zone, commit: true, label, nat, next: towards(context, member) } },
  ])

/** What is sent to the address, by a machine of the network or from afar. */
function entry({ cookie, network, zone }: Balancing, row: LoadBalancer): Flow[] {
  const match = {
    ...{ network: network.tunnel_key_id, ipv4_dst: row.ipv4_address },
    [portField(row.protocol, 'dst')]: row.port_number,
  }
  return [
    pipeline.flow('service', { cookie, priority: 120, match, goto: 'balance' }),
    pipeline.flow('neighbour', {
      cookie,
      priority: 340,
      match,
      steps: [{ resubmit: 'balance' }],
    }),
    pipeline.flow('balance', {
      cookie,
      priority: 100,
      match,
      steps: [
        { set: 'asked', to: row.ipv4_address },
        { set: 'askedPort', to: row.port_number },
        { conntrack: { zone, nat: 'known', next: 'balanceConnection' } },
      ],
    }),
    pipeline.flow('balanceConnection', {
      cookie,
      priority: 100,
      match: { ...match, ct_state: unknown },
      steps: toGroup(row),
    }),
  ]
}

/** What members answer, in the networks of those who may have asked: their address becomes the load balancer's again. */
const answers = (
  { cookie, zone }: Balancing,
  networks: readonly number[],
  row: LoadBalancer,
  members: readonly Member[],
): [string, Flow][] =>
  networks.flatMap((network) =>
    members.map(({ address, port_number }): [string, Flow] => [
      `${network} ${row.protocol} ${address} ${port_number}`,
      pipeline.flow('destination', {
        cookie,
        priority: 130,
        match: {
          ...{ network, balanced: 'no', ipv4_src: address },
          [portField(row.protocol, 'src')]: port_number,
        },
        steps: [{ set: 'balanced', to: 'yes' }, { conntrack: { zone, nat: 'known', next: 'destination' } }],
      }),
    ]),
  )

/** Connections that are known go on as long as their members are there; those of the network itself are routed by nobody. */
const goingOn = (context: Balancing, members: readonly Member[]): Flow[] => [
  ...members.map((member) =>
    pipeline.flow('balanceConnection', {
      cookie: context.cookie,
      priority: 210,
      match: {
        ct_zone: context.zone,
        ct_state: valid,
        ct_label: ruleOf('member', member),
        eth_type: etherType.ipv4,
      },
      goto: towards(context, member),
    }),
  ),
  ...[established, repeated.inward].map((ct_state) =>
    pipeline.flow('balanceConnection', {
      cookie: context.cookie,
      priority: 200,
      match: { ct_zone: context.zone, ct_state, eth_type: etherType.ipv4 },
      goto: 'endedConnection',
    }),
  ),
]

function memberUnits(state: State, datapathId: number, networkId: number, members: readonly Member[]) {
  const ids = members.flatMap(({ address, interface_id }) => {
    const holder = interface_id ?? state.ipLeases.one('address', networkId, address)?.interface_id ?? null
    return holder === null ? [] : (state.interfaceNetworks.one('pair', holder, networkId)?.id ?? [])
  })
  return [...new Set(ids)].map((objectId) => ({ feature: 'neighbour', datapathId, objectId }))
}

/** The object is the network. */
export const balancing: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const network = state.networks.get(networkId)
  const claim = balancingClaim(state, datapathId, networkId)
  if (network === undefined || claim === undefined) return { flows: [] }
  const isHere = (member: Member) => asksHere(state, datapathId, networkId, member)
  const context = { cookie: cookieOf(features.balancing, networkId), network, zone: claim.zone, isHere }
  const asking = askingNetworks(state, datapathId, networkId).map(
    (id) => state.networks.get(id)!.tunnel_key_id,
  )
  const rows = balancersIn(state, networkId).map((row) => ({
    row,
    members: membersOf(state, row, networkId),
  }))
  const back = new Map(rows.flatMap(({ row, members }) => answers(context, asking, row, members)))
  return {
    groups: rows.map(({ row, members }) => groupOf(row, members, toMember(context, row))),
    flows: [
      claimOf(claim),
      ...goingOn(
        context,
        rows.flatMap(({ members }) => members),
      ),
      ...rows.flatMap(({ row }) => entry(context, row)),
      ...back.values(),
      ...hairpins(
        { ...context, network: network.tunnel_key_id },
        rows.map(({ row, members }) => ({ row, here: members.filter(isHere) })),
      ),
    ],
    children: [
      ...['balancingAll', 'routing', 'endedConnections'].map((feature) => ({
        feature,
        datapathId,
        objectId: datapathId,
      })),
      { feature: 'checking', datapathId, objectId: networkId },
      ...memberUnits(
        state,
        datapathId,
        networkId,
        rows.flatMap(({ members }) => members),
      ),
    ],
  }
}

/** Within a network nobody routes. The object is the datapath. */
export const balancingAll: FlowFunction = ({ datapathId }) => ({
  flows: [
    pipeline.flow('departure', {
      cookie: cookieOf(features.routing, datapathId),
      priority: 50,
      match: { outRouter: 0, eth_type: etherType.ipv4 },
      steps: [{ forgetPort: true }],
      goto: 'destination',
    }),
  ],
})
