/** Interfaces that get their address when they ask for it: those of lease policies whose timing is DHCP. */
import type { Row, State } from 'openvnet'

export interface Waiting {
  readonly policy: Row<'leasePolicies'>
  /** The first of the policy's networks: where the address will be. */
  readonly from: Row<'leasePolicyNetworks'>
  /** The first of the interface's: what will have the address. */
  readonly macLease: Row<'macLeases'>
  readonly label: string | null
}

/** The network that a policy gives addresses of: the first that it was given. */
export const networkOfPolicy = (state: State, policyId: number): Row<'leasePolicyNetworks'> | undefined =>
  state.leasePolicyNetworks.many('policy', policyId)[0]

/** An IPv6 address alone is no reason to go without one of IPv4. */
export const isOfIpv4 = ({ ipv4_address, ipv6_address }: Row<'ipLeases'>): boolean =>
  ipv4_address !== 0 || ipv6_address === null

/** What an interface waits for, if its first MAC has no IPv4 address yet. It is a member of that network meanwhile. */
export function waitingFor(state: State, interfaceId: number): Waiting | undefined {
  const memberships = state.leasePolicyInterfaces.many('interface', interfaceId)
  if (memberships.length === 0) return undefined
  const macLease = state.macLeases.many('interface', interfaceId)[0]
  if (macLease === undefined || state.ipLeases.many('macLease', macLease.id).some(isOfIpv4)) return undefined
  for (const { lease_policy_id, label } of memberships) {
    const policy = state.leasePolicies.get(lease_policy_id)
    const from = policy?.timing === 'dhcp' ? networkOfPolicy(state, policy.id) : undefined
    if (policy !== undefined && from !== undefined) return { policy, from, macLease, label }
  }
  return undefined
}

/** The policy network that an interface has its address in a network from, if it asked for it by DHCP: that lasts while it renews it. */
export const dhcpSourceOf = (
  state: State,
  interfaceId: number,
  networkId: number,
): Row<'leasePolicyNetworks'> | undefined =>
  state.leasePolicyInterfaces
    .many('interface', interfaceId)
    .filter((row) => state.leasePolicies.get(row.lease_policy_id)?.timing === 'dhcp')
    .map((row) => networkOfPolicy(state, row.lease_policy_id))
    .find((from) => from?.network_id === networkId)

/** The interfaces of a policy, which settle when its networks or timing change. */
export const interfacesOfPolicy = (state: State, policyId: number): number[] =>
  state.leasePolicyInterfaces.many('policy', policyId).map((row) => row.interface_id)
