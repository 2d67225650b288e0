/** What is known under a name: records of the service first, then interfaces of the network. */
import { canonicalDnsName, type DnsData, type DnsRecord, dnsLabels, parseIpv6 } from 'openvnet'
import { type DnsRecordRow, recordTypeOf } from '../../state/dns.ts'
import { addressesOf, hostLabel, namesOf, recordsMax, type Scope } from './hosts.ts'
import { domainOf } from './zone.ts'

const recordTtlS = 300

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

const contentOf = (record: DnsData) => JSON.stringify({ ...record, ttlS: 0 })

/** Records under any of the names, as records of one. */
function recordsNamed(scope: Scope, names: readonly string[], name: string): DnsRecord[] {
  const { state, services } = scope
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

/** Records under the name, and under its first label where they were given without the network's domain. */
function recordsOf(scope: Scope, name: string): DnsRecord[] {
  const label = hostLabel(scope, name)
  return recordsNamed(scope, label === null || label === name ? [name] : [name, label], name)
}

/** Labels that are taken off a name in search of a wildcard. */
const wildcardDepthMax = 16

/**
 * Records of the wildcard that covers a name which is not there (RFC 4592): `*` in place of its first labels, the nearest
 * that there is, up to a name that has records of its own. `*` by itself is one right under the network's domain.
 */
function wildcardOf(scope: Scope, name: string): DnsRecord[] {
  const labels = dnsLabels(name)
  const domain = domainOf(scope.network)
  for (let taken = 1; taken <= Math.min(labels.length, wildcardDepthMax); taken++) {
    const parent = labels.slice(taken).join('.')
    const isDomain = parent === domain || (parent === '' && labels.length === 1)
    const names = [...(parent === '' ? [] : [`*.${parent}`]), ...(isDomain ? ['*'] : [])]
    const records = recordsNamed(scope, names, name)
    if (records.length > 0) return records
    if (parent === '' || isDomain || recordsOf(scope, parent).length > 0) return []
  }
  return []
}

/** All that is known under a canonical name. */
export function recordsUnder(scope: Scope, name: string): readonly DnsRecord[] {
  for (const known of [recordsOf, addressesOf, namesOf, wildcardOf]) {
    const records = known(scope, name)
    if (records.length > 0) return records
  }
  return []
}
