/** What a simulated interface does for IPv6: it is a neighbour, answers echo requests, advertises, and serves DHCPv6. */
import { dhcpv6ServerPort, dnsPort, etherType, type Flow, ipProtocol, linkLocalOf } from 'openvnet'
import { isDnsServer } from '../../state/dns.ts'
import { advertiserOf, isIpv6Router } from '../../state/ipv6.ts'
import { serversIn } from '../../state/services.ts'
import type { Askers } from '../networks/arp.ts'
import type { MemberContext } from '../networks/member-context.ts'
import { pipeline } from '../pipeline.ts'
import type { Address } from '../places.ts'
import { simulatedNeighbourFlows } from './solicitation.ts'

const echoRequest = 128
const echoReply = 129
const routerSolicitation = 133
const hopLimit = 64

export const answerEcho = (cookie: bigint, askers: Askers, ip: string, mac: number): Flow =>
  pipeline.flow('service', {
    cookie,
    priority: 100,
    match: { ...askers, eth_dst: mac, ipv6_dst: ip, icmpv6_type: echoRequest },
    steps: [
      { move: 'eth_src', to: 'eth_dst' },
      { set: 'eth_src', to: mac },
      { move: 'ipv6_src', to: 'ipv6_dst' },
      { set: 'ipv6_src', to: ip },
      { set: 'nw_ttl', to: hopLimit },
      { set: 'icmpv6_type', to: echoReply },
      { output: 'in_port' },
    ],
  })

/** What is asked of a DNS server at its address. */
const dnsFlows = (cookie: bigint, network: number, ipv6_dst: string, eth_dst: number): Flow[] =>
  [
    { ip_proto: ipProtocol.udp, udp_dst: dnsPort },
    { ip_proto: ipProtocol.tcp, tcp_dst: dnsPort },
  ].map((match) =>
    pipeline.flow('service', {
      cookie,
      priority: 100,
      match: { network, eth_dst, ipv6_dst, ...match },
      goto: 'dns',
    }),
  )

/** What it has under one MAC. */
export function simulatedIpv6({ state, cookie, network, iface }: MemberContext, address: Address): Flow[] {
  const mac = address.mac.mac_address
  const owner = { cookie, network: network.tunnel_key_id }
  return [
    ...simulatedNeighbourFlows(owner, address, isIpv6Router(state, iface.id, network.id)),
    ...[...address.ipv6s, linkLocalOf(mac)].map((ip) =>
      answerEcho(cookie, { network: owner.network }, ip, mac),
    ),
    ...(isDnsServer(state, iface.id)
      ? address.ipv6s.flatMap((ip) => dnsFlows(cookie, owner.network, ip, mac))
      : []),
  ]
}

/** Of several interfaces that could serve a network, one has the flow. */
export function ipv6Services({ state, cookie, network, iface }: MemberContext): Flow[] {
  const isServer = serversIn(state, network.id, 'dhcp')[0] === iface.id
  const isAdvertiser = advertiserOf(state, network)?.interfaceId === iface.id
  const asks = {
    advertiser: { icmpv6_type: routerSolicitation },
    server: { eth_type: etherType.ipv6, ip_proto: ipProtocol.udp, udp_dst: dhcpv6ServerPort },
  }
  return [...(isAdvertiser ? [asks.advertiser] : []), ...(isServer ? [asks.server] : [])].map((match) =>
    pipeline.flow('solicitation', {
      cookie,
      priority: 100,
      match: { network: network.tunnel_key_id, ...match },
      goto: 'discovery',
    }),
  )
}
