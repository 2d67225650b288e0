/**
 * Which addresses stand for the members of a security group, beyond leases: those that interfaces may have besides, and
 * what is behind them. An address of a network stands for the one machine that has it, so of prefixes that networks
 * here have addresses of, only what the interface holds counts, or what nobody else does. So far of IPv4.
 */
import { maskOf, type Row, type State } from 'openvnet'
import { heldIn } from './allowed-addresses.ts'
import { joined, scopeOf } from './scope.ts'

export interface MemberPrefix {
  /** Within which the addresses are meant. */
  readonly scope: number
  readonly ipv4_network: number
  readonly ipv4_prefix: number
}

const addressBits = 32

/** Where an interface has what it may have beside its leases: the network of its first address. */
function homeOf(state: State, interfaceId: number) {
  const mac = state.macLeases.many('interface', interfaceId)[0]
  const lease = mac && state.ipLeases.many('macLease', mac.id)[0]
  return mac === undefined || lease === undefined
    ? undefined
    : { networkId: lease.network_id, mac: mac.mac_address }
}

const overlap = (one: Omit<MemberPrefix, 'scope'>, other: Omit<MemberPrefix, 'scope'>) => {
  const mask = maskOf(Math.min(one.ipv4_prefix, other.ipv4_prefix))
  return (one.ipv4_network & mask) === (other.ipv4_network & mask)
}

/** Of the networks that routers join, those that have addresses of a prefix. */
const networksWithin = (state: State, networkId: number, prefix: Omit<MemberPrefix, 'scope'>) =>
  [...joined(state, networkId)].filter((id) => overlap(prefix, state.networks.get(id)!))

/** Nobody else has the address, by a lease or by having said so. */
const isFree = (state: State, interfaceId: number, networkId: number, address: number) => {
  const holder = state.addressHolders.one('address', networkId, address)
  return (
    state.ipLeases.one('address', networkId, address) === undefined &&
    (holder === undefined || holder.interface_id === interfaceId)
  )
}

/** What of an interface's allowed addresses stands for it, whoever may have the same. */
export function allowedPrefixesOf(state: State, interfaceId: number): MemberPrefix[] {
  const allowed = state.allowedAddresses.many('interface', interfaceId)
  const home = allowed.length === 0 ? undefined : homeOf(state, interfaceId)
  if (home === undefined) return []
  return allowed.flatMap(({ ipv4_network, ipv4_prefix }) => {
    if (ipv4_network === null || ipv4_prefix === null) return []
    const prefix = { ipv4_network, ipv4_prefix }
    const isMeant = networksWithin(state, home.networkId, prefix).every(
      (id) => ipv4_prefix === addressBits && isFree(state, interfaceId, id, ipv4_network),
    )
    return isMeant ? [{ ...prefix, scope: scopeOf(state, home.networkId)! }] : []
  })
}

/** What it holds of its network, since it has said so; each address of a network is held by one. */
export function heldAddressesOf(
  state: State,
  interfaceId: number,
): { readonly networkId: number; readonly addresses: readonly number[] } | undefined {
  const isAllowed = state.allowedAddresses.many('interface', interfaceId).length > 0
  const home = isAllowed ? homeOf(state, interfaceId) : undefined
  if (home === undefined) return undefined
  const held = heldIn(state, interfaceId, home.networkId, home.mac)
  return { networkId: home.networkId, addresses: held.flatMap(({ ipv4_address }) => ipv4_address ?? []) }
}

const isSame = (one: MemberPrefix, other: MemberPrefix) =>
  one.scope === other.scope &&
  one.ipv4_network === other.ipv4_network &&
  one.ipv4_prefix === other.ipv4_prefix

/** Members may share a prefix, as the machines of a virtual router do: it is the first one's to say so. */
export function isFirstWith(state: State, row: Row<'securityGroupInterfaces'>, prefix: MemberPrefix) {
  return state.allowedAddresses
    .many('prefix', prefix.ipv4_network, prefix.ipv4_prefix)
    .every(({ interface_id }) => {
      const other = state.securityGroupInterfaces.one('pair', row.security_group_id, interface_id)
      if (other === undefined || other.id >= row.id) return true
      return !allowedPrefixesOf(state, interface_id).some((one) => isSame(one, prefix))
    })
}
