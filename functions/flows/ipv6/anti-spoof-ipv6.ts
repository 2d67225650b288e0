/**
 * Interfaces send IPv6 with their own addresses only: as leased, link-local ones, which machines make by themselves, and
 * none at all while they look whether an address is free.
 */
import { type Flow, ipv6MaskOf, linkLocalIpv6, linkLocalOf, unspecifiedIpv6 } from 'openvnet'
import { pipeline } from '../pipeline.ts'
import type { Address } from '../places.ts'

interface Sender {
  readonly cookie: bigint
  readonly interfaceId: number
  /** The network's key. */
  readonly network: number
  /** Something decides what of it may be sent. */
  readonly isGuarded: boolean
}

const anyLinkLocal = { value: linkLocalIpv6.network, mask: ipv6MaskOf(linkLocalIpv6.prefix) }

type Step =
  | { readonly set: 'network'; readonly to: number }
  | { readonly set: 'eth_src'; readonly to: number }

/** Who asks whether an address is free has none yet. Before all prefixes that are allowed. */
export const unspecifiedFlow = (
  { cookie, iface }: { readonly cookie: bigint; readonly iface: { readonly id: number } },
  eth_src: number,
  steps: readonly Step[],
  goto: 'fromInterface' | 'solicitation',
): Flow =>
  pipeline.flow('antiSpoof', {
    cookie,
    priority: 97,
    match: { inInterface: iface.id, eth_src, ipv6_src: unspecifiedIpv6 },
    steps: [...steps, { set: 'probe', to: 'yes' }],
    goto,
  })

/** The link-local address that follows from its MAC is its own; any other is, as far as nobody else's MAC makes it. */
function linkLocalFlows({ cookie, interfaceId, network, isGuarded }: Sender, eth_src: number): Flow[] {
  const to = { set: 'network', to: network } as const
  const sender = { inInterface: interfaceId, eth_src }
  return [
    pipeline.flow('antiSpoof', {
      cookie,
      priority: 100,
      match: { ...sender, ipv6_src: linkLocalOf(eth_src) },
      steps: [to, { set: 'linkLocal', to: 'own' }],
      goto: isGuarded ? 'fromInterface' : 'solicitation',
    }),
    pipeline.flow('antiSpoof', {
      cookie,
      priority: 97,
      match: { ...sender, ipv6_src: anyLinkLocal },
      steps: [to],
      goto: isGuarded ? 'fromInterface' : 'solicitation',
    }),
    unspecifiedFlow(
      { cookie, iface: { id: interfaceId } },
      eth_src,
      [to],
      isGuarded ? 'fromInterface' : 'solicitation',
    ),
  ]
}

/** What an interface may send in a network under one of its MACs. */
export const antiSpoofIpv6 = (sender: Sender, { mac, ipv6s, hasLinkLocal }: Address): Flow[] => [
  ...(hasLinkLocal ? linkLocalFlows(sender, mac.mac_address) : []),
  ...ipv6s.map((ipv6_src) =>
    pipeline.flow('antiSpoof', {
      cookie: sender.cookie,
      priority: 100,
      match: { inInterface: sender.interfaceId, eth_src: mac.mac_address, ipv6_src },
      steps: [{ set: 'network', to: sender.network }],
      goto: sender.isGuarded ? 'fromInterface' : 'solicitation',
    }),
  ),
]
