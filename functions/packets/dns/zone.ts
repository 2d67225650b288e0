/**
 * What a network's DNS servers decide alone: the network's domain, and the names of its addresses. What is not there
 * is nowhere; of other names only those that have records are theirs.
 */
import {
  canonicalDnsName,
  contains,
  type DnsRecord,
  dnsLabels,
  isWithin,
  type Row,
  reversedOctets,
} from 'openvnet'

type Network = Row<'networks'>

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

/** The zone of the network that a name is in; null: it is of none. */
export function zoneOf(network: Network, name: string): string | null {
  const domain = domainOf(network)
  if (domain !== null && isWithin(name, domain)) return domain
  return reverseZoneOf(network, name)
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
