/**
 * Which addresses stand for the members of a security group, beyond leases: those that interfaces may have besides, and
 * what is behind them. An address of a network stands for the one machine that has it, so of prefixes that networks
 * here have addresses of, only what the interface holds counts, or what nobody else does.
 */
import { linkLocalIpv6, type Row, type State } from 'openvnet'
import { heldAddressOf, heldIn, holderOf, leaseOf } from './allowed-addresses.ts'
import {
  distinctPrefixes,
  firstAddressOf,
  type IpAddress,
  isWithin,
  keyOfPrefix,
  only,
  overlapOf,
  type Prefix,
  prefixOf,
  subnetsOf,
} from './prefixes.ts'
import { joined, scopeOf } from './scope.ts'

export interface MemberPrefix extends Prefix {
  /** Within which the addresses are meant. */
  readonly scope: number
}

/** Anybody's. */
const linkLocal: Prefix = { network: linkLocalIpv6.network, bits: linkLocalIpv6.prefix }

/** Where an interface has what it may have beside its leases: the network of its first address. */
function homeOf(state: State, interfaceId: number) {
  const mac = state.macLeases.many('interface', interfaceId)[0]
  const lease = mac && state.ipLeases.many('macLease', mac.id)[0]
  return mac === undefined || lease === undefined
    ? undefined
    : { networkId: lease.network_id, mac: mac.mac_address }
}

/** Of the networks that routers join, those that have addresses of a prefix. */
const networksWithin = (state: State, networkId: number, prefix: Prefix) =>
  [...joined(state, networkId)].filter((id) =>
    subnetsOf(state.networks.get(id)!).some((subnet) => overlapOf(prefix, subnet).length > 0),
  )

/** Nobody else has the address, by a lease or by having said so. */
function isFree(state: State, interfaceId: number, networkId: number, address: IpAddress) {
  const holder = holderOf(state, networkId, address)
  return (
    leaseOf(state, networkId, address) === undefined &&
    (holder === undefined || holder.interface_id === interfaceId)
  )
}

/** What of an interface's allowed addresses stands for it, whoever may have the same. */
export function allowedPrefixesOf(state: State, interfaceId: number): MemberPrefix[] {
  const allowed = state.allowedAddresses.many('interface', interfaceId)
  const home = allowed.length === 0 ? undefined : homeOf(state, interfaceId)
  if (home === undefined) return []
  const scope = scopeOf(state, home.networkId)!
  return distinctPrefixes(allowed.map(prefixOf)).flatMap((prefix) => {
    if (isWithin(prefix, linkLocal)) return []
    const isOne = prefix.bits === only(prefix.network).bits
    const isMeant = networksWithin(state, home.networkId, prefix).every(
      (id) => isOne && isFree(state, interfaceId, id, firstAddressOf(prefix)),
    )
    return isMeant ? [{ ...prefix, scope }] : []
  })
}

/** What it holds of its network, since it has said so; each address of a network is held by one. */
export function heldAddressesOf(
  state: State,
  interfaceId: number,
): { readonly networkId: number; readonly addresses: readonly IpAddress[] } | undefined {
  const isAllowed = state.allowedAddresses.many('interface', interfaceId).length > 0
  const home = isAllowed ? homeOf(state, interfaceId) : undefined
  if (home === undefined) return undefined
  const held = heldIn(state, interfaceId, home.networkId, home.mac).map(heldAddressOf)
  return {
    networkId: home.networkId,
    addresses: held.filter((address) => !isWithin(only(address), linkLocal)),
  }
}

const isSame = (one: MemberPrefix, other: MemberPrefix) =>
  one.scope === other.scope && keyOfPrefix(one) === keyOfPrefix(other)

/** The rows that allow the same prefix, of whichever interface. */
const allowing = (state: State, { network, bits }: Prefix) =>
  typeof network === 'number'
    ? state.allowedAddresses.many('prefix', network, bits)
    : state.allowedAddresses.many('ipv6Prefix', network, bits)

/** Members may share a prefix, as the machines of a virtual router do: it is the first one's to say so. */
export const isFirstWith = (state: State, row: Row<'securityGroupInterfaces'>, prefix: MemberPrefix) =>
  allowing(state, prefix).every(({ interface_id }) => {
    const other = state.securityGroupInterfaces.one('pair', row.security_group_id, interface_id)
    if (other === undefined || other.id >= row.id) return true
    return !allowedPrefixesOf(state, interface_id).some((one) => isSame(one, prefix))
  })
