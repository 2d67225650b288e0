/** The IPv6 side of a network: which addresses it may have, and that its leases stay within. */
import { argumentError, containsIpv6, type Draft, ipv6NetworkOf, type Row } from 'openvnet'

const usualPrefix = 64

/** No networks of hosts (RFC 4291, 2.4): unspecified, loopback and IPv4 in IPv6, link-local, groups. */
const notForHosts = [
  ['::', 8],
  ['fe80::', 10],
  ['ff00::', 8],
] as const

interface Given {
  readonly ipv6_network?: { readonly address: string; readonly prefix: number | undefined } | undefined
  readonly ipv6_prefix?: number | undefined
}
interface Prefix {
  readonly ipv6_network: string
  readonly ipv6_prefix: number
}

/** Address and prefix of an IPv6 network; undefined where none is given. `least`: as few bits as it may have. */
export function prefixOf({ ipv6_network: given, ipv6_prefix }: Given, least = 1): Prefix | undefined {
  if (given === undefined) {
    if (ipv6_prefix === undefined) return undefined
    throw argumentError('ipv6_prefix: needs ipv6_network')
  }
  const { address, prefix } = given
  if (prefix !== undefined && ipv6_prefix !== undefined && prefix !== ipv6_prefix)
    throw argumentError(`ipv6_prefix: ${ipv6_prefix} is not the /${prefix} of ipv6_network`)
  const bits = ipv6_prefix ?? prefix ?? usualPrefix
  if (bits < least) throw argumentError(`ipv6_network: the prefix must be ${least} to 128 bits long`)
  const masked = ipv6NetworkOf(address, bits)
  if (masked !== address)
    throw argumentError(`ipv6_network: ${address} is no network address of a /${bits}, ${masked} is`)
  return { ipv6_network: address, ipv6_prefix: bits }
}

/** The IPv6 subnet that a network is given. Throws where it could be none. */
export function ipv6SubnetOf(given: Given): Prefix | undefined {
  const subnet = prefixOf(given)
  if (subnet === undefined) return undefined
  if (notForHosts.some(([network, prefix]) => containsIpv6(network, prefix, subnet.ipv6_network)))
    throw argumentError(`ipv6_network: ${subnet.ipv6_network} is not for hosts`)
  return subnet
}

/** Refuses a change that leaves leases outside. */
export function checkLeasesWithin(draft: Draft, network: Row<'networks'>, to: Prefix): void {
  for (const { ipv6_address, uuid } of draft.ipLeases.many('network', network.id))
    if (ipv6_address !== null && !containsIpv6(to.ipv6_network, to.ipv6_prefix, ipv6_address))
      throw argumentError(
        `ipv6_network: ${ipv6_address} of ${uuid} would not be in ${to.ipv6_network}/${to.ipv6_prefix}; delete that lease first`,
      )
}

/** Refuses to take IPv6 from a network that is in use. */
export function checkWithoutIpv6(draft: Draft, network: Row<'networks'>): void {
  const lease = draft.ipLeases.many('network', network.id).find(({ ipv6_address }) => ipv6_address !== null)
  const route = draft.routes.many('network', network.id).find(({ ipv6_network }) => ipv6_network !== null)
  const user = lease ?? route
  if (user !== undefined)
    throw argumentError(
      `ipv6_network: ${network.uuid} cannot be without: ${user.uuid} needs it; delete that first`,
    )
}
