/** How the packets of a network cross from one physical network to another, and what that leaves for them. */
import { type Encapsulation, encapsulations } from 'openvnet'
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
export const encapsulationOf = (network: Pick<Network, 'encapsulation'>): Encapsulation =>
  network.encapsulation ?? 'gre'

/** The port of a switch that packets of networks with this encapsulation leave and come by. */
export const tunnelPortName = (encapsulation: Encapsulation) => `t-${encapsulation}`

const tunnelPortNames: ReadonlySet<string> = new Set(encapsulations.map(tunnelPortName))

/** Whether a name is a tunnel port's: no interface can be plugged in there. */
export const isTunnelPort = (portName: string) => tunnelPortNames.has(portName)

/**
 * The largest IP packet that reaches every place of a network, in bytes. A virtual network always leaves room for its
 * encapsulation: a machine keeps what it was told when another hypervisor joins across a router.
 */
export const mtuOf = (network: Network) =>
  hasPeers(network) ? physicalMtu - overhead[encapsulationOf(network)] : physicalMtu
