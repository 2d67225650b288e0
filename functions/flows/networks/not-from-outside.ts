/** A physical network is not known to its end: frames from the wire are believed, but for those that pose as somebody here. */
import type { Flow } from 'openvnet'
import { pipeline } from '../pipeline.ts'
import type { Address } from '../places.ts'
import type { MemberContext } from './member-context.ts'

/** Nobody on the wire may pose as an interface that is here. */
export function notFromOutside({ cookie, network }: MemberContext, { mac, ips, ipv6s }: Address): Flow[] {
  const drop = (
    match: { eth_src: number } | { ipv4_src: number } | { arp_spa: number } | { ipv6_src: string },
  ) =>
    pipeline.flow('fromPhysical', {
      cookie,
      priority: 100,
      match: { network: network.tunnel_key_id, ...match },
      drop: true,
    })
  return [
    drop({ eth_src: mac.mac_address }),
    ...ips.flatMap((ip) => [drop({ ipv4_src: ip }), drop({ arp_spa: ip })]),
    ...ipv6s.map((ip) => drop({ ipv6_src: ip })),
  ]
}
