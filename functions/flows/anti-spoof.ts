/**
 * Interfaces send with their own addresses only: IPv4 and ARP as leased, and what a client must send before it knows
 * its address. Everything else is dropped, IPv6 too.
 */
import { arpOperation, broadcastIpv4, dhcpClientPort, dhcpServerPort, type Flow } from 'openvnet'
import { pipeline } from './pipeline.ts'
import type { Address } from './places.ts'

const unknownAddress = 0

interface Sender {
  readonly cookie: bigint
  readonly interfaceId: number
  /** The network's key. */
  readonly network: number
  /** Something decides what of it may be sent. */
  readonly isGuarded: boolean
}

/** A DHCP client before it has its address, and the probes of RFC 5227. */
function withoutAddress({ cookie, interfaceId, network }: Sender, eth_src: number): Flow[] {
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
      goto: 'service',
    }),
    pipeline.flow('antiSpoof', {
      cookie,
      priority: 100,
      match: { ...sender, arp_op: arpOperation.request, arp_sha: eth_src, arp_spa: unknownAddress },
      steps,
      goto: 'arp',
    }),
  ]
}

function withAddress(
  { cookie, interfaceId, network, isGuarded }: Sender,
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
      goto: 'arp',
    }),
  ]
}

/** What an interface may send in a network under one of its MACs. */
export const antiSpoof = (sender: Sender, { mac, ips, isPrimary }: Address): Flow[] => [
  ...(isPrimary ? withoutAddress(sender, mac.mac_address) : []),
  ...ips.flatMap((ip) => withAddress(sender, mac.mac_address, ip)),
]
