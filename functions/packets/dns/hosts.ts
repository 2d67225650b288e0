/** What interfaces are called in their network, and what has which address there. */
import {
  type DnsRecord,
  dnsLabels,
  formatIpv6,
  parseIpv6,
  type Row,
  reversedNibbles,
  reversedOctets,
  type State,
} from 'openvnet'
import { hostLabelOf } from '../../state/names.ts'
import { domainOf } from './zone.ts'

/** Where names are looked up: one network, and the DNS services of the interface that was asked. */
export interface Scope {
  readonly state: State
  readonly network: Row<'networks'>
  readonly services: readonly Row<'dnsServices'>[]
}

/** Half bytes of an address. */
const ipv6Nibbles = 32
/** Of what follows from interfaces and leases, which come and go. */
const interfaceTtlS = 60
/** Addresses or names under one name, of more the first. */
export const recordsMax = 64

/** The label of a name right under the network's domain, or of a name of one label. */
export function hostLabel({ network }: Scope, name: string): string | null {
  const labels = dnsLabels(name)
  if (labels.length === 1) return name
  const domain = domainOf(network)
  return domain !== null && labels.slice(1).join('.') === domain ? labels[0]! : null
}

/** Interfaces of the network with this display name, or this uuid without its prefix. */
function interfacesNamed({ state, network }: Scope, label: string): number[] {
  const named = state.interfaceNetworks
    .many('hostName', network.id, label)
    .map(({ interface_id }) => interface_id)
  if (named.length > 0) return named
  const byUuid = state.interfaces.one('uuid', `if-${label}`)
  if (byUuid === undefined) return []
  return state.interfaceNetworks.one('pair', byUuid.id, network.id) === undefined ? [] : [byUuid.id]
}

/** A lease has an address of each family, or of one. */
function recordsOfLease({ ipv4_address, ipv6_address }: Row<'ipLeases'>, name: string): DnsRecord[] {
  const head = { name, ttlS: interfaceTtlS }
  const ipv6 = ipv6_address === null ? null : parseIpv6(ipv6_address)
  return [
    ...(ipv4_address === 0 ? [] : [{ ...head, type: 'A', address: ipv4_address } as const]),
    ...(ipv6 === null ? [] : [{ ...head, type: 'AAAA', address: ipv6 } as const]),
  ]
}

/** The addresses of the interfaces that have this name. */
export function addressesOf(scope: Scope, name: string): DnsRecord[] {
  const label = hostLabel(scope, name)
  if (label === null) return []
  const { state, network } = scope
  return interfacesNamed(scope, label)
    .slice(0, recordsMax)
    .flatMap((id) => state.ipLeases.many('interface', id))
    .filter((lease) => lease.network_id === network.id)
    .slice(0, recordsMax)
    .flatMap((lease) => recordsOfLease(lease, name))
}

/** What an interface is called in a network, as a whole name. */
export function interfaceName({ state, network }: Scope, interfaceId: number): string | null {
  const label = hostLabelOf(state, interfaceId, network.id)
  if (label === undefined) return null
  const domain = domainOf(network)
  return domain === null ? label : `${label}.${domain}`
}

/** The lease of the address that a name under in-addr.arpa or ip6.arpa stands for. */
function leaseNamed({ state, network }: Scope, name: string): Row<'ipLeases'> | undefined {
  const octets = reversedOctets(name)
  if (octets?.length === 4) {
    const address = octets.reduce((value, octet) => value * 256 + octet, 0)
    return state.ipLeases.one('address', network.id, address)
  }
  const nibbles = reversedNibbles(name)
  if (nibbles?.length !== ipv6Nibbles) return undefined
  return state.ipLeases.one('ipv6Address', network.id, formatIpv6(Uint8Array.fromHex(nibbles)))
}

/** Who has the address that a name stands for. */
export function namesOf(scope: Scope, name: string): DnsRecord[] {
  const owner = leaseNamed(scope, name)?.interface_id ?? null
  const target = owner === null ? null : interfaceName(scope, owner)
  return target === null ? [] : [{ type: 'PTR', name, ttlS: interfaceTtlS, target }]
}
