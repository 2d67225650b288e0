/** Load balancers: who gets their connections, from where they are asked, and where what they remember is. */
import type { Draft, PortProtocol, Row, State } from 'openvnet'
import { isActiveOn } from './networks.ts'
import { egressRoutesInto, ingressRoutesOf } from './routing.ts'
import { translates } from './translation.ts'
import { takeZone, zoneOf } from './zones.ts'

export type LoadBalancer = Row<'loadBalancers'>

/** A member with its address. */
export interface Member extends Row<'loadBalancerMembers'> {
  readonly address: number
}

/** The address that a member has in a network, else its first; none: it has no address yet. */
function addressOf(state: State, row: Row<'loadBalancerMembers'>, networkId: number): number | undefined {
  if (row.interface_id === null) return row.ipv4_address ?? undefined
  const leases = state.ipLeases
    .many('interface', row.interface_id)
    .flatMap((lease) => (lease.ipv4_address === null || lease.ipv4_address === 0 ? [] : [lease]))
  const lease = leases.find(({ network_id }) => network_id === networkId) ?? leases[0]
  return lease?.ipv4_address ?? undefined
}

/** Its members that may have connections, with addresses; each address and port once. */
export function membersOf(state: State, { id }: LoadBalancer, networkId: number): Member[] {
  const found = new Map<string, Member>()
  for (const row of state.loadBalancerMembers.many('loadBalancer', id)) {
    const address = row.enabled ? addressOf(state, row, networkId) : undefined
    const key = `${address} ${row.port_number}`
    if (address !== undefined && !found.has(key)) found.set(key, { ...row, address })
  }
  return [...found.values()]
}

/** Those that get new connections. */
export const takingMembers = (members: readonly Member[]) =>
  members.filter(({ draining, health }) => !draining && health !== 'down')

/** Whether the load balancers of an interface are inside: those of one that translates are part of its translation. */
export const balancesInside = (state: State, interfaceId: number) =>
  state.loadBalancers.many('interface', interfaceId).length > 0 && !translates(state, interfaceId)

/** The load balancers of a network, each address and port once, the older first. */
export function balancersIn(state: State, networkId: number): LoadBalancer[] {
  const found = new Map<string, LoadBalancer>()
  for (const { interface_id } of state.interfaceNetworks.many('networkMode', networkId, 'simulated'))
    if (balancesInside(state, interface_id))
      for (const row of state.loadBalancers.many('interface', interface_id)) {
        const lease = state.ipLeases.one('address', networkId, row.ipv4_address)
        const key = `${row.protocol} ${row.ipv4_address} ${row.port_number}`
        if (lease?.interface_id === interface_id && !found.has(key)) found.set(key, row)
      }
  return [...found.values()].sort((a, b) => a.id - b.id)
}

/** The networks whose machines can ask in a network: it, and those that route to it. */
export function clientNetworks(state: State, networkId: number): number[] {
  const links = new Set(egressRoutesInto(state, networkId).map((route) => route.route_link_id))
  const routed = [...links].flatMap((link) =>
    ingressRoutesOf(state, link).map(({ network_id }) => network_id),
  )
  return [...new Set([networkId, ...routed])]
}

/** In whose name what a datapath remembers of a network's load balancers is kept: the oldest interface that has one. */
const holderOf = (state: State, networkId: number): number | undefined =>
  state.interfaceNetworks
    .many('networkMode', networkId, 'simulated')
    .map(({ interface_id }) => interface_id)
    .filter((id) => balancesInside(state, id))
    .sort((a, b) => a - b)[0]

const owner = (datapathId: number, interfaceId: number, networkId: number) => ({
  ...{ datapathId, purpose: 'balancing' as const, interfaceId, networkId },
})

/** The row that says so. */
export const balancingClaim = (state: State, datapathId: number, networkId: number) => {
  const holder = holderOf(state, networkId)
  return holder === undefined
    ? undefined
    : state.conntrackZones.one('owner', datapathId, 'balancing', holder, networkId)
}

/** The zones of a network's load balancers: on every datapath whose machines can ask them. */
function missing(state: State, networkId: number): { datapathId: number; holder: number }[] {
  const holder = holderOf(state, networkId)
  if (holder === undefined) return []
  const datapaths = new Set(
    clientNetworks(state, networkId).flatMap((id) =>
      state.activeNetworks.many('network', id).map(({ datapath_id }) => datapath_id),
    ),
  )
  return [...datapaths].flatMap((datapathId) =>
    zoneOf(state, owner(datapathId, holder, networkId)) === undefined ? [{ datapathId, holder }] : [],
  )
}

const networksOf = (state: State, interfaceId: number) =>
  state.interfaceNetworks.many('interface', interfaceId).map(({ network_id }) => network_id)

/** Whether every datapath that needs a zone for the load balancers of an interface has one. */
export const isBalancingSettled = (state: State, interfaceId: number): boolean =>
  networksOf(state, interfaceId).every((id) => missing(state, id).length === 0)

/** Gives zones to those who have none; whose network goes, or whose holder, loses its own with it. */
export function settleBalancing(draft: Draft, interfaceId: number): void {
  // A draft is read like the state.
  const state = draft as unknown as State
  for (const networkId of networksOf(state, interfaceId))
    for (const { datapathId, holder } of missing(state, networkId))
      takeZone(draft, owner(datapathId, holder, networkId))
  const stays = balancesInside(state, interfaceId)
  if (stays) return
  for (const row of [...draft.conntrackZones.many('interface', interfaceId)])
    if (row.purpose === 'balancing') draft.conntrackZones.delete(row.id)
}

/** Where a datapath's machines ask load balancers of a network: the keys of those networks. */
export const askingNetworks = (state: State, datapathId: number, networkId: number): number[] =>
  clientNetworks(state, networkId).filter((id) => isActiveOn(state, id, datapathId))

export const portField = (protocol: PortProtocol, end: 'src' | 'dst') => `${protocol}_${end}` as const
