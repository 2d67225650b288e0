/**
 * Interfaces send with their own addresses only: IPv4 and ARP as leased, and what a client must send before it knows
 * its address. Everything else is dropped, IPv6 too.
 */
import {
  arpOperation,
  broadcastIpv4,
  dhcpClientPort,
  dhcpServerPort,
  etherType,
  type Flow,
  type State,
} from 'openvnet'
import { hasIpv6 } from '../../state/networks.ts'
import { waitingFor } from '../../state/waiting.ts'
import { pipeline } from '../pipeline.ts'
import type { Address, MacLease } from '../places.ts'

const unknownAddress = 0

interface Sender {
  readonly cookie: bigint
  readonly interfaceId: number
  /** The network's key. */
  readonly network: number
  /** Something decides what of its IPv4 may be sent; */
  readonly isGuarded: boolean
  /** and of everything else. */
  readonly hasFilters: boolean
}

/** A DHCP client before it has its address, and the probes of RFC 5227. */
function withoutAddress({ cookie, interfaceId, network, hasFilters }: Sender, eth_src: number): Flow[] {
  const steps = [{ set: 'network', to: network } as const]
  const sender = { inInterface: interfaceId, eth_src }
  return [
    pipeline.flow('antiSpoof', {
      cookie,
      priority: 100,
      match: {
        ...sender,
        ipv4_src: unknownAddress,
        ipv4_dst: broadcastIpv4,
        udp_src: dhcpClientPort,
        udp_dst: dhcpServerPort,
      },
      steps,
      goto: hasFilters ? 'fromInterface' : 'service',
    }),
    pipeline.flow('antiSpoof', {
      cookie,
      priority: 100,
      match: { ...sender, arp_op: arpOperation.request, arp_sha: eth_src, arp_spa: unknownAddress },
      steps,
      goto: hasFilters ? 'fromInterface' : 'arp',
    }),
  ]
}

function withAddress(
  { cookie, interfaceId, network, isGuarded, hasFilters }: Sender,
  eth_src: number,
  ip: number,
): Flow[] {
  const steps = [{ set: 'network', to: network } as const]
  const sender = { inInterface: interfaceId, eth_src }
  return [
    pipeline.flow('antiSpoof', {
      cookie,
      priority: 100,
      match: { ...sender, ipv4_src: ip },
      steps,
      goto: isGuarded ? 'fromInterface' : 'service',
    }),
    pipeline.flow('antiSpoof', {
      cookie,
      priority: 100,
      match: { ...sender, arp_sha: eth_src, arp_spa: ip },
      steps,
      goto: hasFilters ? 'fromInterface' : 'arp',
    }),
  ]
}

/** What an interface may send in a network under one of its MACs. */
export const antiSpoof = (sender: Sender, { mac, ips, isPrimary }: Address): Flow[] => [
  ...(isPrimary ? withoutAddress(sender, mac.mac_address) : []),
  ...ips.flatMap((ip) => withAddress(sender, mac.mac_address, ip)),
]

/** Of which protocols a MAC has addresses in networks, or waits for one: then it has no others. IPv6, where the networks have it. */
function boundTypes(state: State, mac: MacLease): number[] {
  const networkIds = new Set(state.ipLeases.many('macLease', mac.id).map((lease) => lease.network_id))
  const waiting = mac.interface_id === null ? undefined : waitingFor(state, mac.interface_id)
  if (waiting?.macLease.id === mac.id) networkIds.add(waiting.from.network_id)
  if (networkIds.size === 0) return []
  const knowsIpv6 = [...networkIds].some((id) => hasIpv6(state.networks.get(id)!))
  return [etherType.ipv4, etherType.arp, ...(knowsIpv6 ? [etherType.ipv6] : [])]
}

/**
 * What an interface may send in a segment: anything under its MAC. One with addresses in a network has these and no
 * others, here, too; one without chooses its own, and may serve others by DHCP.
 */
export function segmentAntiSpoof(
  state: State,
  sender: Omit<Sender, 'isGuarded' | 'hasFilters'>,
  mac: MacLease,
  goto: 'admission' | 'arp' = 'admission',
): Flow[] {
  const { cookie, interfaceId, network } = sender
  const match = { inInterface: interfaceId, eth_src: mac.mac_address }
  const bound = boundTypes(state, mac)
  const into = {
    cookie,
    steps: [
      { set: 'network', to: network },
      { set: 'admitted', to: 'yes' },
    ] as const,
    goto,
  } as const
  return [
    pipeline.flow('antiSpoof', { ...into, priority: 50, match }),
    ...bound.map((eth_type) =>
      pipeline.flow('antiSpoof', { cookie, priority: 60, match: { ...match, eth_type }, drop: true }),
    ),
    ...(bound.length > 0
      ? []
      : [
          pipeline.flow('antiSpoof', {
            ...into,
            priority: 210,
            match: { ...match, udp_dst: dhcpClientPort },
          }),
        ]),
  ]
}
