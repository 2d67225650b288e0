/** An interface of the network that is plugged in at another datapath: as few flows as can be. */
import { type Flow, ipv6MaskOf, linkLocalIpv6, unspecifiedIpv6 } from 'openvnet'
import { liesOn } from '../../state/networks.ts'
import { neighbourFlows } from '../ipv6/solicitation.ts'
import { pipeline } from '../pipeline.ts'
import { type Address, vlanNone } from '../places.ts'
import { linkTo } from '../underlay.ts'
import { answerArp } from './arp.ts'
import type { MemberContext } from './member-context.ts'

const toPeer = ({ cookie, network }: MemberContext, mac: number, peerId: number): Flow =>
  pipeline.flow('destination', {
    cookie,
    priority: 100,
    match: { network: network.tunnel_key_id, eth_dst: mac },
    steps: [{ set: 'peer', to: peerId }],
    goto: 'toPeer',
  })

interface FromAddress {
  readonly ipv4_src?: number
  readonly arp_spa?: number
  readonly ipv6_src?: string | { readonly value: string; readonly mask: string }
}

/** What a machine makes by itself, and what it has before that. */
const ownIpv6 = [
  unspecifiedIpv6,
  { value: linkLocalIpv6.network, mask: ipv6MaskOf(linkLocalIpv6.prefix) },
] as const

/**
 * Frames come over the wire as the interface sent them: its MAC says which network they are in, since MACs are unique.
 * Where it is in several networks, its address says it.
 */
function fromWire(
  { cookie, network }: MemberContext,
  { mac, ips, ipv6s, hasLinkLocal, isPrimary }: Address,
  host: number,
): Flow[] {
  const sender = { inInterface: host, vlan_vid: vlanNone, eth_src: mac.mac_address }
  const accept = (priority: number, match: typeof sender & FromAddress) =>
    pipeline.flow('wire', {
      cookie,
      priority,
      match,
      steps: [
        { set: 'network', to: network.tunnel_key_id },
        { set: 'origin', to: 'peerByWire' },
      ],
      goto: 'destination',
    })
  // What else one in a segment sends is in that.
  if (isPrimary && mac.segment_id === null) return [accept(100, sender)]
  return [
    ...ips.flatMap((ip) => [
      accept(110, { ...sender, ipv4_src: ip }),
      accept(110, { ...sender, arp_spa: ip }),
    ]),
    ...[...ipv6s, ...(hasLinkLocal ? ownIpv6 : [])].map((ip) => accept(110, { ...sender, ipv6_src: ip })),
  ]
}

/** Who asks for it is answered here. */
const answers = ({ network, cookie, addresses }: MemberContext): Flow[] =>
  addresses().flatMap((address) => [
    ...address.ips.map((ip) =>
      answerArp(cookie, { network: network.tunnel_key_id }, ip, address.mac.mac_address),
    ),
    ...neighbourFlows({ cookie, network: network.tunnel_key_id }, address),
  ])

/** One that is here and at another datapath, too: what comes from there over the wire is in the network as well. */
export function alsoElsewhere(context: MemberContext, peerId: number): Flow[] {
  const { state, datapathId, network } = context
  const link = linkTo(state, datapathId, peerId, network.id)
  if (link?.kind !== 'wire' || !context.isAsked || liesOn(network)) return []
  return context.addresses().flatMap((address) => fromWire(context, address, link.interfaceId))
}

export function remoteMember(context: MemberContext, peerId: number): Flow[] {
  const { state, datapathId, network } = context
  // Where it is here, the segment that it lies on has the way.
  if (context.isAsked && liesOn(network)) return answers(context)
  const link = linkTo(state, datapathId, peerId, network.id)
  if (link === undefined) return []
  if (!context.isAsked) return context.addresses().map(({ mac }) => toPeer(context, mac.mac_address, peerId))
  return context
    .addresses()
    .flatMap((address) => [
      toPeer(context, address.mac.mac_address, peerId),
      ...(link.kind === 'wire' ? fromWire(context, address, link.interfaceId) : []),
    ])
    .concat(answers(context))
}
