/** An interface of the network that is plugged in here. */
import { type Flow, localPort } from 'openvnet'
import { isFiltered } from '../../state/filtering.ts'
import { isEndpoint } from '../../state/interfaces.ts'
import { isPhysical, liesOn } from '../../state/networks.ts'
import type { IpAddress } from '../../state/prefixes.ts'
import { antiSpoofIpv6 } from '../ipv6/anti-spoof-ipv6.ts'
import { neighbourFlows } from '../ipv6/solicitation.ts'
import { shortPort } from '../meters.ts'
import { pipeline } from '../pipeline.ts'
import type { Address } from '../places.ts'
import { matchOfAddress } from '../prefix-match.ts'
import { antiSpoof } from './anti-spoof.ts'
import { announceArp, answerArp } from './arp.ts'
import type { MemberContext } from './member-context.ts'
import { notFromOutside } from './not-from-outside.ts'

/** To the port, by way of what decides what may reach it where something does. */
export const delivery = (
  { cookie, network, iface }: Pick<MemberContext, 'cookie' | 'network' | 'iface'>,
  mac: number,
  port: number,
  /** An address of another MAC address, which what is for it gets. */
  other?: { readonly ip: IpAddress; readonly eth_dst: number },
): Flow =>
  pipeline.flow('destination', {
    cookie,
    priority: other === undefined ? 100 : 105,
    match: {
      network: network.tunnel_key_id,
      eth_dst: mac,
      ...(other && matchOfAddress('destination', other.ip)),
    },
    steps: [
      ...(other === undefined ? [] : [{ set: 'eth_dst', to: other.eth_dst } as const]),
      { set: 'outInterface', to: iface.id },
      { set: 'outPort', to: shortPort(port) },
    ],
    goto: isFiltered(iface) ? 'toInterface' : 'output',
  })

/** In a physical network everyone answers for themselves, since not everyone there is known. */
function answers({ cookie, network, iface }: MemberContext, { mac, ips }: Address): Flow[] {
  const key = network.tunnel_key_id
  return ips.flatMap((ip) => [
    announceArp(cookie, key, iface.id, ip),
    answerArp(cookie, { network: key }, ip, mac.mac_address),
  ])
}

/** The host is in physical networks only: a tenant's packets never reach it. */
function hostMember(context: MemberContext): Flow[] {
  if (!isPhysical(context.network)) return []
  return context.addresses().map(({ mac }) => delivery(context, mac.mac_address, localPort))
}

export function localMember(context: MemberContext, port: number): Flow[] {
  const { iface, network, cookie } = context
  if (iface.mode === 'host') return hostMember(context)
  if (!isEndpoint(iface.mode)) return []
  const sender = {
    cookie,
    interfaceId: iface.id,
    network: network.tunnel_key_id,
    isGuarded: isFiltered(iface),
    hasFilters: iface.enable_filtering,
  }
  return context
    .addresses()
    .flatMap((address) => [
      ...antiSpoof(sender, address),
      ...(isPhysical(network) ? [] : antiSpoofIpv6(sender, address)),
      ...(liesOn(network) ? [] : [delivery(context, address.mac.mac_address, port)]),
      ...(isPhysical(network) ? notFromOutside(context, address) : answers(context, address)),
      ...(isPhysical(network) ? [] : neighbourFlows(sender, address)),
    ])
}
