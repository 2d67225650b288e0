/**
 * A router interface that several datapaths could speak for to a physical network. The one that does goes on as long as a host
 * says so, and after that until it hears another do it: so it outlives every host, and a switch that is cut off from them
 * and was replaced falls silent.
 */
import { cookieOf, etherType, type Flow, icmpv6Type, type Row, type State } from 'openvnet'
import { hostAddressIn } from '../../state/host-interfaces.ts'
import { isPhysical } from '../../state/networks.ts'
import { type IpAddress, isIpv4 } from '../../state/prefixes.ts'
import { isSpeakerLeased } from '../../state/speakers.ts'
import { remembersConnections } from '../../state/translation.ts'
import type { MemberContext } from '../networks/member-context.ts'
import { features, pipeline } from '../pipeline.ts'
import type { Address } from '../places.ts'
import { speakerOf } from './exits.ts'

/** What was heard counts for so long, in seconds: a datapath that speaks is announced several times in that. */
const heardSeconds = 10

interface Membership {
  readonly id: number
  readonly interface_id: number
  readonly network_id: number
}

/** Whether a datapath speaks for a router interface, and others could. */
export function isSharedSpeaker(state: State, datapathId: number, member: Membership): boolean {
  const { interface_id, network_id } = member
  const network = state.networks.get(network_id)
  return (
    network !== undefined &&
    isPhysical(network) &&
    isSpeakerLeased(state, interface_id, network_id) &&
    speakerOf(state, interface_id, network_id) === datapathId
  )
}

/** What is said of an address: by ARP, or by an advertisement. */
const sayingOf = (mac: number, ip: IpAddress) =>
  isIpv4(ip)
    ? { arp_sha: mac, arp_spa: ip }
    : { eth_src: mac, icmpv6_type: icmpv6Type.neighbourAdvertisement, ipv6_nd_target: ip }

/** Who asks for an address. */
const askingFor = (ip: IpAddress) =>
  isIpv4(ip)
    ? { eth_type: etherType.arp, arp_tpa: ip }
    : { icmpv6_type: icmpv6Type.neighbourSolicitation, ipv6_nd_target: ip }

/** The address and the MAC of the router are said to be somewhere: somebody else speaks for it. */
const hear = ({ cookie, network }: MemberContext, memberId: number, mac: number, ip: IpAddress) =>
  pipeline.flow('fromPhysical', {
    cookie,
    priority: 120,
    match: { network: network.tunnel_key_id, ...sayingOf(mac, ip) },
    steps: [
      { set: 'outRouter', to: memberId },
      {
        learn: 'speakers',
        flow: {
          ...{ cookie: cookieOf(features.speaker, memberId), limit: 1, priority: 50, result: 'hushed' },
          ...{ hardSeconds: heardSeconds, idleSeconds: heardSeconds },
          match: [{ field: 'outRouter', from: 'outRouter' }],
          set: [{ field: 'hushed', to: 'yes' }],
        },
      },
    ],
  })

/** What comes for a router interface from the wire: only while nobody else was heard. */
export function whileUnheard(context: MemberContext, memberId: number, { mac, ips, ipv6s }: Address): Flow[] {
  const { cookie, network } = context
  const ask = (match: { readonly eth_dst: number } | ReturnType<typeof askingFor>) =>
    pipeline.flow('fromPhysical', {
      cookie,
      priority: 90,
      match: { network: network.tunnel_key_id, ...match },
      steps: [{ set: 'outRouter', to: memberId }, { resubmit: 'speakers' }],
      goto: 'arp',
    })
  return [
    ask({ eth_dst: mac.mac_address }),
    ...[...ips, ...ipv6s].flatMap((ip) => [ask(askingFor(ip)), hear(context, memberId, mac.mac_address, ip)]),
  ]
}

/** What has come for a router interface that another speaks for ends there. */
export const hushed = (cookie: bigint, memberId: number): Flow =>
  pipeline.flow('arp', {
    cookie,
    priority: 200,
    match: { outRouter: memberId, hushed: 'yes' },
    drop: true,
  })

/**
 * Out of a router interface. Where another was heard to speak for it, machines here go on under the MAC of their host, as they do
 * wherever nobody speaks; but not where their connections were remembered.
 */
export function speech(
  state: State,
  datapathId: number,
  { id, interface_id, network_id }: Membership,
  eth_type: number,
  next: 'translateOutward' | 'destination',
): Flow[] {
  const cookie = cookieOf(features.routerPort, id)
  const goOn = (hushed: 'yes' | 'no', eth_src?: number) =>
    pipeline.flow('speech', {
      cookie,
      priority: 100,
      match: { outRouter: id, hushed, eth_type },
      steps: eth_src === undefined ? [] : [{ set: 'eth_src', to: eth_src }],
      goto: next,
    })
  const host = hostAddressIn(state, datapathId, network_id)
  const isQuiet = remembersConnections(state, interface_id) || host === undefined
  return [goOn('no'), ...(isQuiet ? [] : [goOn('yes', host.mac)])]
}

/** What says that a datapath speaks, for as long as a switch has it, where others could; in a table of the switch's own. */
export function speakerLeaseOf(state: State, row: Row<'activeRouters'>): Flow[] {
  const member = state.interfaceNetworks.one('pair', row.interface_id, row.network_id)
  if (member === undefined || row.datapath_id === null || !isSharedSpeaker(state, row.datapath_id, member))
    return []
  return [
    pipeline.flow('speakers', {
      cookie: cookieOf(features.speaker, member.id),
      priority: 100,
      match: { outRouter: member.id },
      steps: [{ set: 'hushed', to: 'no' }],
    }),
  ]
}
