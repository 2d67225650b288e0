/**
 * A simulated interface has no port: flows answer for it, on every datapath that has the network, with the same
 * addresses everywhere. It answers ARP and echo requests, and clients of DHCP and DNS by way of their functions. So nobody
 * else has these addresses, on the wire of a physical network neither.
 */
import { dhcpClientPort, dhcpServerPort, dnsPort, type Flow, type State } from 'openvnet'
import { isDnsServer } from '../../state/dns.ts'
import { hasIpv6, isPhysical, liesOn } from '../../state/networks.ts'
import { serversIn } from '../../state/services.ts'
import { translates } from '../../state/translation.ts'
import { echoReply, echoRequest } from '../icmp-types.ts'
import { physicalIpv6 } from '../ipv6/physical-ipv6.ts'
import { ipv6Services, simulatedIpv6 } from '../ipv6/simulated-ipv6.ts'
import { pipeline } from '../pipeline.ts'
import { type Address, isFirstOnSegment } from '../places.ts'
import { speakerOf } from '../routers/exits.ts'
import { hushed, isSharedSpeaker, whileUnheard } from '../routers/speakers.ts'
import { type Askers, answerArp } from './arp.ts'
import type { MemberContext } from './member-context.ts'
import { notFromOutside } from './not-from-outside.ts'

const ttl = 64

function answerEcho(cookie: bigint, askers: Askers, ip: number, mac: number): Flow {
  return pipeline.flow('service', {
    cookie,
    priority: 100,
    match: { ...askers, eth_dst: mac, ipv4_dst: ip, icmpv4_type: echoRequest },
    steps: [
      { move: 'eth_src', to: 'eth_dst' },
      { set: 'eth_src', to: mac },
      { move: 'ipv4_src', to: 'ipv4_dst' },
      { set: 'ipv4_src', to: ip },
      { set: 'nw_ttl', to: ttl },
      { set: 'icmpv4_type', to: echoReply },
      { output: 'in_port' },
    ],
  })
}

/** Of several interfaces that serve DHCP in a network, the first has the flow: what clients say goes to all alike. */
const hasDhcpFlow = (state: State, interfaceId: number, networkId: number) =>
  serversIn(state, networkId, 'dhcp')[0] === interfaceId

/** In a physical network only the datapath that owns the interface answers the wire, else all would; a router has one that speaks for it. */
const answersWire = ({ state, datapathId, network, iface }: MemberContext) =>
  iface.enable_routing
    ? speakerOf(state, iface.id, network.id) === datapathId
    : state.interfacePorts.one('interfaceDatapath', iface.id, datapathId) !== undefined

/** Whom this datapath answers. */
function askersOf(context: MemberContext): Askers[] {
  const { network } = context
  const key = network.tunnel_key_id
  if (!isPhysical(network)) return [{ network: key }]
  const wire = answersWire(context) ? [{ network: key, origin: 'wire' } as const] : []
  return [{ network: key, origin: 'local' }, ...wire]
}

/** A router sends under its addresses from one datapath, and the others hear it on the wire. */
const isNeverOnWire = (context: MemberContext) =>
  isPhysical(context.network) && (!context.iface.enable_routing || answersWire(context))

/** What is asked of a DNS server at its address. */
const dnsFlows = ({ cookie, network }: MemberContext, ip: number, mac: number): Flow[] =>
  [{ udp_dst: dnsPort }, { tcp_dst: dnsPort }].map((match) =>
    pipeline.flow('service', {
      cookie,
      priority: 100,
      match: { network: network.tunnel_key_id, eth_dst: mac, ipv4_dst: ip, ...match },
      goto: 'dns',
    }),
  )

/** Addresses that stand for others have no echo of their own. */
const goesToRouter = ({ state, network, iface }: MemberContext, ip: number) =>
  translates(state, iface.id) &&
  state.ipLeases.many('address', network.id, ip).some((lease) => lease.enable_routing)

/** What it has under one MAC. */
function flowsOf(context: MemberContext, askers: readonly Askers[], address: Address): Flow[] {
  const { cookie, network } = context
  const mac = address.mac.mac_address
  return [
    ...address.ips.flatMap((ip) =>
      askers.flatMap((who) => [
        answerArp(cookie, who, ip, mac),
        ...(goesToRouter(context, ip) ? [] : [answerEcho(cookie, who, ip, mac)]),
      ]),
    ),
    ...(isDnsServer(context.state, context.iface.id)
      ? address.ips.flatMap((ip) => dnsFlows(context, ip, mac))
      : []),
    ...(isNeverOnWire(context) ? notFromOutside(context, address) : []),
    ...(hasIpv6(network) ? simulatedIpv6(context, address) : physicalIpv6(context, askers, address)),
  ]
}

/** To the wire it speaks only while nobody else does, where others could. */
function speaking(context: MemberContext): Flow[] {
  const { state, datapathId, network, iface, cookie } = context
  const member = state.interfaceNetworks.one('pair', iface.id, network.id)
  if (member === undefined || !isSharedSpeaker(state, datapathId, member)) return []
  return [
    ...context.addresses().flatMap((address) => whileUnheard(context, member.id, address)),
    hushed(cookie, member.id),
  ]
}

/** Of a network on a segment: whoever is in the segment may send to it, whatever address that one has chosen. */
function fromSegment({ state, network, cookie }: MemberContext, { mac }: Address): Flow[] {
  if (!liesOn(network) || !isFirstOnSegment(state, mac, network)) return []
  const key = state.segments.get(network.segment_id)!.tunnel_key_id
  return [
    pipeline.flow('admission', {
      cookie,
      priority: 40,
      match: { network: key, origin: 'local', admitted: 'yes', eth_dst: mac.mac_address },
      steps: [{ set: 'network', to: network.tunnel_key_id }],
      goto: 'service',
    }),
  ]
}

export function simulatedMember(context: MemberContext): Flow[] {
  const { state, network, iface, cookie } = context
  const askers = askersOf(context)
  const flows = context
    .addresses()
    .flatMap((address) => [...flowsOf(context, askers, address), ...fromSegment(context, address)])
  flows.push(...speaking(context))
  if (hasDhcpFlow(state, iface.id, network.id))
    flows.push(
      pipeline.flow('service', {
        cookie,
        priority: 100,
        match: { network: network.tunnel_key_id, udp_src: dhcpClientPort, udp_dst: dhcpServerPort },
        goto: 'dhcp',
      }),
    )
  if (hasIpv6(network)) flows.push(...ipv6Services(context))
  return flows
}
