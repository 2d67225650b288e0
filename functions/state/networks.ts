/** What the mode of a network means. */
import { contains, type Row, type State } from 'openvnet'

export type Network = Row<'networks'>

/** As cabled, behind host interfaces. One that only promiscuous interfaces lead to stretches over datapaths as virtual ones do. */
export const isPhysical = (network: Network) => network.mode === 'physical' && !network.behind_port
/** Its interfaces speak IPv6, too. */
export const hasIpv6 = (network: Network) => network.ipv6_network !== null && !isPhysical(network)
/** IPv6 is routed to it; in a physical network machines see to everything else among themselves. */
export const carriesIpv6 = (network: Network) => network.ipv6_network !== null
/** Stretches over datapaths; a network without a mode is a virtual one. */
export const hasPeers = (network: Network) =>
  network.mode === 'virtual' || network.mode === null || network.behind_port
/** Whether an interface of the network is plugged in at the datapath. */
export const isActiveOn = (state: State, networkId: number, datapathId: number) =>
  state.activeNetworks.one('pair', networkId, datapathId) !== undefined

/** Whether its packets are delivered by the segment that it lies on. A physical network is as cabled. */
export const liesOn = (network: Network): network is Network & { segment_id: number } =>
  network.segment_id !== null && !isPhysical(network)

/** Whether two subnets have addresses in common. */
export const overlaps = (a: Network, b: Network) =>
  contains(a.ipv4_network, a.ipv4_prefix, b.ipv4_network) ||
  contains(b.ipv4_network, b.ipv4_prefix, a.ipv4_network)
