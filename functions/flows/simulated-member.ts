/**
 * A simulated interface has no port: flows answer for it, on every datapath that has the network, with the same
 * addresses everywhere. It answers ARP and echo requests, and clients of DHCP and DNS by way of their functions.
 */
import { dhcpClientPort, dhcpServerPort, type Flow, type State } from 'openvnet'
import { dnsPortsOf } from '../state/dns.ts'
import { isPhysical } from '../state/networks.ts'
import { serversIn } from '../state/services.ts'
import { answerArp } from './arp.ts'
import type { MemberContext } from './member-context.ts'
import { pipeline } from './pipeline.ts'

const echoReply = 0
const echoRequest = 8
const ttl = 64

function answerEcho(cookie: bigint, network: number, ip: number, mac: number): Flow {
  return pipeline.flow('service', {
    cookie,
    priority: 100,
    match: { network, eth_dst: mac, ipv4_dst: ip, icmpv4_type: echoRequest },
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

/** In a physical network only the datapath that owns the interface answers the wire, else all would. */
function answers(
  { state, datapathId, network, iface, cookie }: MemberContext,
  ip: number,
  mac: number,
): Flow[] {
  const key = network.tunnel_key_id
  const arp = isPhysical(network)
    ? [answerArp(cookie, { network: key, origin: 'local' }, ip, mac)]
    : [answerArp(cookie, { network: key }, ip, mac)]
  if (
    isPhysical(network) &&
    state.interfacePorts.one('interfaceDatapath', iface.id, datapathId) !== undefined
  )
    arp.push(answerArp(cookie, { network: key, origin: 'wire' }, ip, mac))
  return [...arp, answerEcho(cookie, key, ip, mac)]
}

/** What is asked of a DNS server at its address, on the ports of its services. */
const dnsFlows = ({ state, network, iface, cookie }: MemberContext, ip: number, mac: number): Flow[] =>
  dnsPortsOf(state, iface.id).flatMap((port) =>
    [{ udp_dst: port }, { tcp_dst: port }].map((match) =>
      pipeline.flow('service', {
        cookie,
        priority: 90,
        match: { network: network.tunnel_key_id, eth_dst: mac, ipv4_dst: ip, ...match },
        goto: 'dns',
      }),
    ),
  )

export function simulatedMember(context: MemberContext): Flow[] {
  const { state, network, iface, cookie } = context
  const flows = context
    .addresses()
    .flatMap(({ mac, ips }) =>
      ips.flatMap((ip) => [
        ...answers(context, ip, mac.mac_address),
        ...dnsFlows(context, ip, mac.mac_address),
      ]),
    )
  if (hasDhcpFlow(state, iface.id, network.id))
    flows.push(
      pipeline.flow('service', {
        cookie,
        priority: 100,
        match: { network: network.tunnel_key_id, udp_src: dhcpClientPort, udp_dst: dhcpServerPort },
        goto: 'dhcp',
      }),
    )
  return flows
}
