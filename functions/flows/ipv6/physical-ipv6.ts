/** What a simulated interface does for IPv6 in a physical network: it is a neighbour that answers echo requests, and a router. */
import { type Flow, icmpv6Type } from 'openvnet'
import { isIpv6Router } from '../../state/ipv6.ts'
import type { Askers } from '../networks/arp.ts'
import type { MemberContext } from '../networks/member-context.ts'
import { pipeline } from '../pipeline.ts'
import type { Address } from '../places.ts'
import { answerEcho } from './simulated-ipv6.ts'
import { answerSolicitation } from './solicitation.ts'

/** Of what machines there ask each other only questions for its own addresses come to tables of the network. */
export const physicalIpv6 = (
  { state, cookie, network, iface }: MemberContext,
  askers: readonly Askers[],
  { mac, ipv6s }: Address,
): Flow[] => {
  const isRouter = isIpv6Router(state, iface.id, network.id) ? 'yes' : 'no'
  return ipv6s.flatMap((ip) => [
    answerSolicitation({ cookie, network: network.tunnel_key_id }, ip, mac.mac_address, isRouter),
    ...askers.flatMap((who) => [
      answerEcho(cookie, who, ip, mac.mac_address),
      pipeline.flow('arp', {
        cookie,
        priority: 100,
        match: { ...who, icmpv6_type: icmpv6Type.neighbourSolicitation, ipv6_nd_target: ip },
        goto: 'solicitation',
      }),
    ]),
  ])
}
