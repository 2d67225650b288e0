/** How the packets of a network cross from one physical network to another, and what that leaves for them. */
import type { Encapsulation } from 'openvnet'
import { hasPeers, type Network } from './networks.ts'

/** What an encapsulation adds to an inner IP packet, in bytes: outer IPv4, its own headers with a key, inner Ethernet. */
const overhead = {
  /** 20 + 8 (RFC 2890, with key) + 14 */
  gre: 42,
  /** 20 + 8 (UDP) + 8 (RFC 7348) + 14 */
  vxlan: 50,
  /** 20 + 8 (UDP) + 8 (RFC 8926, without options) + 14 */
  geneve: 50,
} as const satisfies Record<Encapsulation, number>

/** What the physical networks carry, in bytes. */
const physicalMtu = 1500

/** The encapsulation of a virtual network; GRE where it says nothing. */
export const encapsulationOf = (network: Network): Encapsulation => network.encapsulation ?? 'gre'

/**
 * The largest IP packet that reaches every place of a network, in bytes. A virtual network always leaves room for its
 * encapsulation: a machine keeps what it was told when another hypervisor joins across a router.
 */
export const mtuOf = (network: Network) =>
  hasPeers(network) ? physicalMtu - overhead[encapsulationOf(network)] : physicalMtu
