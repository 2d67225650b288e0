/** Health checks of load balancers: who is asked, from where, and what follows. */
import type { Draft, MemberHealth, Row, State } from 'openvnet'
import { balancersIn, balancesInside, type LoadBalancer, type Member, membersOf } from './balancing.ts'
import type { Network } from './networks.ts'
import { egressRoutes, ingressRoutes, ingressRoutesOf } from './routing.ts'
import { translates } from './translation.ts'

/** Checks come from ports from here on, which load balancers do not have: a port is not used again at once. */
export const firstCheckPort = 0xf000
/** EtherType for local experiments (IEEE 802): the frame by which a host asks itself what became of a check. */
export const tickType = 0x88b5

/** Of a port of checks: the load balancer's, so that those of the same members are told apart, and above it the second. */
const balancerBits = 4
const balancerMask = 2 ** balancerBits - 1
const secondMask = 0xff

/** The port that members are asked from in a second. */
export const checkPortOf = ({ id }: LoadBalancer, second: number) =>
  firstCheckPort + ((second & secondMask) * 2 ** balancerBits + (id & balancerMask))

/** Whether a load balancer's members are asked from a port, and were so recently that an answer counts. */
export function isAskedFrom({ id, health_interval }: LoadBalancer, port: number, second: number): boolean {
  const age = (second - ((port - firstCheckPort) >> balancerBits)) & secondMask
  return ((port ^ id) & balancerMask) === 0 && age <= health_interval
}

/** Where members of a load balancer are asked from. */
export interface Seat {
  readonly balancer: LoadBalancer
  readonly network: Network
  readonly address: number
  readonly mac: number
}

/** A member that can be asked: it is plugged in. */
export interface Asked extends Seat {
  readonly member: Member
  readonly datapathId: number
  readonly memberMac: number
}

/** The network that a load balancer's address is in, with the MAC that it is known by there. */
function homeOf(state: State, balancer: LoadBalancer): Seat | undefined {
  const { interface_id, ipv4_address: address } = balancer
  const lease = state.ipLeases
    .many('interface', interface_id)
    .find((one) => one.ipv4_address === address && one.mac_lease_id !== null)
  const network = lease && state.networks.get(lease.network_id)
  const mac = lease && state.macLeases.get(lease.mac_lease_id!)?.mac_address
  return network === undefined || mac === undefined ? undefined : { balancer, network, address, mac }
}

/** Where it translates, its members are in networks inside, whose router interfaces ask. */
function seatsInside(state: State, balancer: LoadBalancer): Seat[] {
  const seats = new Map<number, Seat>()
  for (const { route_link_id } of state.routes.many('interface', balancer.interface_id))
    for (const { network, router } of ingressRoutesOf(state, route_link_id)) {
      const { ipv4: address, mac } = router.addresses[0]!
      if (router.interfaceId !== balancer.interface_id && !seats.has(network.id))
        seats.set(network.id, { balancer, network, address, mac })
    }
  return [...seats.values()]
}

/** From where the members of a load balancer are asked. */
export function seatsOf(state: State, balancer: LoadBalancer): Seat[] {
  if (balancer.health_check === 'none') return []
  if (!balancesInside(state, balancer.interface_id)) return seatsInside(state, balancer)
  const home = homeOf(state, balancer)
  return home === undefined ? [] : [home]
}

/** The load balancers at the translating interfaces that a network is routed out by. */
function balancersOutside(state: State, networkId: number): LoadBalancer[] {
  const links = new Set(ingressRoutes(state, networkId).map((route) => route.route_link_id))
  const ids = [...links].flatMap((id) => egressRoutes(state, id)).map(({ router }) => router.interfaceId)
  return [...new Set(ids)]
    .filter((id) => translates(state, id))
    .flatMap((id) => state.loadBalancers.many('interface', id))
}

/** From where members are asked in a network. */
export const seatsIn = (state: State, networkId: number): Seat[] =>
  [...balancersIn(state, networkId), ...balancersOutside(state, networkId)]
    .flatMap((balancer) => seatsOf(state, balancer))
    .filter(({ network }) => network.id === networkId)

/** The network that tells which address a member has, where it has several. */
const networkOf = (state: State, { balancer, network }: Seat) =>
  balancesInside(state, balancer.interface_id)
    ? network.id
    : (state.interfaceNetworks.many('interface', balancer.interface_id)[0]?.network_id ?? 0)

/** The members that can be asked from a seat; those with an address, if one is given. */
export const askedAt = (state: State, seat: Seat, address?: number): Asked[] =>
  membersOf(state, seat.balancer, networkOf(state, seat)).flatMap((member): Asked[] => {
    if (address !== undefined && member.address !== address) return []
    const lease = state.ipLeases.one('address', seat.network.id, member.address)
    const memberMac =
      lease?.mac_lease_id == null ? undefined : state.macLeases.get(lease.mac_lease_id)?.mac_address
    const place =
      lease?.interface_id == null
        ? undefined
        : state.activeInterfaces.many('interface', lease.interface_id)[0]
    if (memberMac === undefined || place === undefined) return []
    return [{ ...seat, member, datapathId: place.datapath_id, memberMac }]
  })

/** Those of a load balancer that can be asked. */
export const askedMembers = (state: State, balancer: LoadBalancer): Asked[] =>
  seatsOf(state, balancer).flatMap((seat) => askedAt(state, seat))

/** For so long a member is well after an answer, in ms. */
export const patienceMs = ({ health_interval, health_failures }: Row<'loadBalancers'>) =>
  health_interval * health_failures * 1_000

/** Writes what is known of a member, where that is new. */
export function setHealth(state: State, draft: () => Draft, id: number, health: MemberHealth): void {
  const row = state.loadBalancerMembers.get(id)
  if (row !== undefined && row.health !== health) draft().loadBalancerMembers.update(id, { health })
}
