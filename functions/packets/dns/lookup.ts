/** What is known under a name: records of the service first, then interfaces of the network. */
import {
  canonicalDnsName,
  type DnsData,
  type DnsRecord,
  dnsLabels,
  parseIpv6,
  type Row,
  reversedOctets,
  type State,
} from 'openvnet'
import { type DnsRecordRow, recordTypeOf } from '../../state/dns.ts'
import { domainOf } from './zone.ts'

/** Where names are looked up: one network, and the DNS services of the interface that was asked. */
export interface Scope {
  readonly state: State
  readonly network: Row<'networks'>
  readonly services: readonly Row<'dnsServices'>[]
}

const recordTtlS = 300
/** Of what follows from interfaces and leases, which come and go. */
const interfaceTtlS = 60
/** Addresses or names under one name, of more the first. */
const recordsMax = 64

/** A name without a dot is one in the network's domain. */
function targetOf({ network }: Scope, target: string): string {
  const name = canonicalDnsName(target) ?? ''
  const domain = domainOf(network)
  return name.includes('.') || domain === null ? name : `${name}.${domain}`
}

function dataOf(scope: Scope, row: DnsRecordRow): DnsData {
  switch (recordTypeOf(row)) {
    case 'A':
      return { type: 'A', address: row.ipv4_address! }
    case 'AAAA':
      return { type: 'AAAA', address: parseIpv6(row.ipv6_address!)! }
    case 'PTR':
      return { type: 'PTR', target: targetOf(scope, row.target!) }
    case 'CNAME':
      return { type: 'CNAME', target: targetOf(scope, row.target!) }
  }
}

/** The label of a name right under the network's domain, or of a name of one label. */
function hostLabel({ network }: Scope, name: string): string | null {
  const labels = dnsLabels(name)
  if (labels.length === 1) return name
  const domain = domainOf(network)
  return domain !== null && labels.slice(1).join('.') === domain ? labels[0]! : null
}

const contentOf = (record: DnsData) => JSON.stringify({ ...record, ttlS: 0 })

/** Records under the name, and under its first label where they were given without the network's domain. */
function recordsOf(scope: Scope, name: string): DnsRecord[] {
  const { state, services } = scope
  const label = hostLabel(scope, name)
  const names = label === null || label === name ? [name] : [name, label]
  const rows = services.flatMap(({ id }) => names.flatMap((text) => state.dnsRecords.many('name', id, text)))
  const all = rows
    .slice(0, recordsMax)
    .map((row): DnsRecord => ({ ...dataOf(scope, row), name, ttlS: row.ttl ?? recordTtlS }))
  const seen = new Set<string>()
  // The same twice is once; a TTL is that of all of a type (RFC 2181, 5).
  return all.flatMap((record) => {
    const content = contentOf(record)
    if (seen.has(content)) return []
    seen.add(content)
    const ttlS = Math.min(...all.filter(({ type }) => type === record.type).map((other) => other.ttlS))
    return [{ ...record, ttlS }]
  })
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

function addressesOf(scope: Scope, name: string): DnsRecord[] {
  const label = hostLabel(scope, name)
  if (label === null) return []
  const { state, network } = scope
  return interfacesNamed(scope, label)
    .slice(0, recordsMax)
    .flatMap((id) => state.ipLeases.many('interface', id))
    .filter((lease) => lease.network_id === network.id && lease.ipv4_address !== 0)
    .slice(0, recordsMax)
    .map((lease) => ({ type: 'A', name, ttlS: interfaceTtlS, address: lease.ipv4_address }))
}

/** What an interface is called in a network, as a whole name. */
export function interfaceName({ state, network }: Scope, interfaceId: number): string | null {
  const iface = state.interfaces.get(interfaceId)
  if (iface === undefined) return null
  const given = state.interfaceNetworks.one('pair', interfaceId, network.id)?.host_name ?? null
  const label = given ?? iface.uuid.slice(iface.uuid.indexOf('-') + 1)
  const domain = domainOf(network)
  return domain === null ? label : `${label}.${domain}`
}

function namesOf(scope: Scope, name: string): DnsRecord[] {
  const octets = reversedOctets(name)
  if (octets?.length !== 4) return []
  const { state, network } = scope
  const address = octets.reduce((value, octet) => value * 256 + octet, 0)
  const owner = state.ipLeases.one('address', network.id, address)?.interface_id ?? null
  const target = owner === null ? null : interfaceName(scope, owner)
  return target === null ? [] : [{ type: 'PTR', name, ttlS: interfaceTtlS, target }]
}

/** All that is known under a canonical name. */
export function recordsUnder(scope: Scope, name: string): readonly DnsRecord[] {
  const records = recordsOf(scope, name)
  if (records.length > 0) return records
  const addresses = addressesOf(scope, name)
  return addresses.length > 0 ? addresses : namesOf(scope, name)
}
