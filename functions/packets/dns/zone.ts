/**
 * What a network's DNS servers decide alone: the network's domain, and the names of its addresses. What is not there
 * is nowhere; of other names only those that have records are theirs.
 */
import {
  canonicalDnsName,
  contains,
  containsIpv6,
  type DnsRecord,
  dnsLabels,
  formatIpv6,
  isWithin,
  type Row,
  reversedNibbles,
  reversedOctets,
} from 'openvnet'

type Network = Row<'networks'>

/** How many labels a whole address is, and what one is of it. */
const ipv4Octets = 4
const ipv6Nibbles = 32
const nibbleBits = 4

/** How long clients remember what is not there: as short as users would wait for a name that they have just given. */
const negativeTtlS = 30
const soaTimes = { refreshS: 3_600, retryS: 600, expireS: 86_400, negativeS: negativeTtlS }

/** The domain of a network as a name, or null where it has none that can be one. */
export const domainOf = ({ domain_name }: Network): string | null =>
  domain_name === '' ? null : canonicalDnsName(domain_name)

/**
 * The zone that names of the network's addresses are in: its range, cut at whole octets. Of a range of less than 256
 * addresses it is that of the 256 around it, but for those alone: others may have the rest.
 */
function reverseZoneOf({ ipv4_network, ipv4_prefix }: Network, name: string): string | null {
  const octets = reversedOctets(name)
  const inZone = Math.min(Math.ceil(ipv4_prefix / 8), 3)
  if (octets === null || octets.length < inZone) return null
  const address = [0, 1, 2, 3].reduce((value, index) => value * 256 + (octets[index] ?? 0), 0)
  if (!contains(ipv4_network, ipv4_prefix, address)) return null
  return dnsLabels(name)
    .slice(octets.length - inZone)
    .join('.')
}

/** The same of its IPv6 addresses, cut at whole half bytes. */
function reverseIpv6ZoneOf({ ipv6_network, ipv6_prefix }: Network, name: string): string | null {
  const nibbles = reversedNibbles(name)
  if (nibbles === null || ipv6_network === null || ipv6_prefix === null) return null
  const inZone = Math.ceil(ipv6_prefix / nibbleBits)
  if (nibbles.length < inZone) return null
  const address = formatIpv6(Uint8Array.fromHex(nibbles.padEnd(ipv6Nibbles, '0')))
  if (!containsIpv6(ipv6_network, ipv6_prefix, address)) return null
  return dnsLabels(name)
    .slice(nibbles.length - inZone)
    .join('.')
}

/** Whether a name stands for the beginning of addresses: it has no records, and names below it have. */
export const isPartOfAddress = (name: string): boolean =>
  (reversedOctets(name)?.length ?? ipv4Octets) < ipv4Octets ||
  (reversedNibbles(name)?.length ?? ipv6Nibbles) < ipv6Nibbles

/** The zone of the network that a name is in; null: it is of none. */
export function zoneOf(network: Network, name: string): string | null {
  const domain = domainOf(network)
  if (domain !== null && isWithin(name, domain)) return domain
  return reverseZoneOf(network, name) ?? reverseIpv6ZoneOf(network, name)
}

/** The SOA record of a zone. The serial says nothing: nobody copies the zone. */
export const soaOf = (zone: string, server: string): DnsRecord => ({
  name: zone,
  type: 'SOA',
  ttlS: negativeTtlS,
  server,
  mailbox: zone === '' ? 'hostmaster' : `hostmaster.${zone}`,
  serial: 1,
  ...soaTimes,
})
