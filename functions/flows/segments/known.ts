/** Who is known in a network or segment: strangers pose neither as an interface nor with its addresses. */
import type { Flow } from 'openvnet'
import { hasStrangers, networkDomain, segmentDomain, strangerPortsOf } from '../../state/domains.ts'
import { hasIpv6, isPhysical, liesOn, type Network, overlaps } from '../../state/networks.ts'
import { isLegacyMachine } from '../../state/vlans.ts'
import type { MemberContext } from '../networks/member-context.ts'
import { type Address, isFirstOnSegment } from '../places.ts'
import { legacyAddresses } from '../vlans/legacy-member.ts'
import { knownSender, ownAddress, ownAddressOnSegment } from './learning.ts'

function knownInNetwork({ state, datapathId, network, iface, cookie, addresses }: MemberContext): Flow[] {
  const ports = strangerPortsOf(state, networkDomain(network))
  if (ports.length === 0) return []
  const isHere = ports.some((port) => port.datapathId === datapathId)
  const key = network.tunnel_key_id
  if (isLegacyMachine(state, iface.id))
    return isHere ? addresses().flatMap((address) => legacyAddresses(cookie, key, address)) : []
  return addresses().flatMap(({ mac, ...own }) => [
    knownSender(cookie, key, mac.mac_address),
    ...(isHere ? ownAddress(cookie, key, own) : []),
  ])
}

/** In a segment nobody who chooses an address chooses one of these. Who has a port is known there as a station. */
function knownInSegment(
  context: MemberContext & { readonly network: Network & { segment_id: number } },
): Flow[] {
  const { state, network, iface, cookie, addresses } = context
  const domain = segmentDomain(state.segments.get(network.segment_id)!)
  const isStranger = iface.mode === 'simulated' && hasStrangers(state, domain)
  // Where networks of a segment have addresses in common, these are of the oldest.
  const older = state.networks
    .many('segment', network.segment_id)
    .filter((other) => liesOn(other) && other.id < network.id)
  const has = {
    ipv4: !older.some((other) => overlaps(other, network)),
    ipv6: !older.some(hasIpv6),
  }
  const ownOf = ({ ips, ipv6s }: Address) => ({ ips: has.ipv4 ? ips : [], ipv6s: has.ipv6 ? ipv6s : [] })
  return addresses().flatMap((address) => [
    ...(isStranger && isFirstOnSegment(state, address.mac, network)
      ? [knownSender(cookie, domain.key, address.mac.mac_address)]
      : []),
    ...ownAddressOnSegment(cookie, domain.key, ownOf(address)),
  ])
}

/** Nobody whom the state does not know poses as an interface, or with its addresses. */
export function known(context: MemberContext): Flow[] {
  const { network, iface, isAsked } = context
  if (!isAsked || isPhysical(network) || iface.mode === 'promiscuous') return []
  return liesOn(network) ? knownInSegment({ ...context, network }) : knownInNetwork(context)
}
