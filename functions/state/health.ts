/** Health checks of load balancers: who is asked, from where, and what follows. */
import type { Draft, MemberHealth, Row, State } from 'openvnet'
import { balancesInside, type LoadBalancer, type Member, membersOf } from './balancing.ts'

/** Checks come from ports from here on, which load balancers do not have: a port is not used again at once. */
export const firstCheckPort = 0xf000
/** EtherType for local experiments (IEEE 802): the frame by which a host asks itself what became of a check. */
export const tickType = 0x88b5

/** A member that can be asked: it is plugged in. */
export interface Asked {
  readonly balancer: LoadBalancer
  readonly member: Member
  readonly networkKey: number
  readonly datapathId: number
  /** Of the load balancer's interface, and of the member. */
  readonly sourceMac: number
  readonly mac: number
}

/** The network that a load balancer's address is in, with the MAC that it is known by there. */
function homeOf(state: State, { interface_id, ipv4_address }: LoadBalancer) {
  const lease = state.ipLeases
    .many('interface', interface_id)
    .find((one) => one.ipv4_address === ipv4_address && one.mac_lease_id !== null)
  const network = lease && state.networks.get(lease.network_id)
  const mac = lease && state.macLeases.get(lease.mac_lease_id!)?.mac_address
  return network === undefined || mac === undefined ? undefined : { network, mac }
}

/** Those of a load balancer that can be asked. */
export function askedMembers(state: State, balancer: LoadBalancer): Asked[] {
  if (balancer.health_check === 'none' || !balancesInside(state, balancer.interface_id)) return []
  const home = homeOf(state, balancer)
  if (home === undefined) return []
  const { network, mac: sourceMac } = home
  return membersOf(state, balancer, network.id).flatMap((member): Asked[] => {
    const lease = state.ipLeases.one('address', network.id, member.address)
    const mac = lease?.mac_lease_id == null ? undefined : state.macLeases.get(lease.mac_lease_id)?.mac_address
    const place =
      lease?.interface_id == null
        ? undefined
        : state.activeInterfaces.many('interface', lease.interface_id)[0]
    if (mac === undefined || place === undefined) return []
    return [
      { balancer, member, networkKey: network.tunnel_key_id, datapathId: place.datapath_id, sourceMac, mac },
    ]
  })
}

/** For so long a member is well after an answer, in ms. */
export const patienceMs = ({ health_interval, health_failures }: Row<'loadBalancers'>) =>
  health_interval * health_failures * 1_000

/** Writes what is known of a member, where that is new. */
export function setHealth(state: State, draft: () => Draft, id: number, health: MemberHealth): void {
  const row = state.loadBalancerMembers.get(id)
  if (row !== undefined && row.health !== health) draft().loadBalancerMembers.update(id, { health })
}
