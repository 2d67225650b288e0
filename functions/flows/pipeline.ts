/**
 * The pipeline: the way of a packet through the tables of a datapath. Tables are named here, registers in `registers.ts`,
 * punt points and features in `codes.ts`, and nowhere else; the charts in docs/ARCHITECTURE.md are made from these.
 */
import { declarePipeline } from 'openvnet'
import { registers } from './registers.ts'

export { features, puntPoints } from './codes.ts'

export const pipeline = declarePipeline(registers, {
  // Where it comes from. 9 to 11 are for trunk ports of VLANs.
  classifier: {
    id: 0,
    purpose: 'What is this port: an interface, the host, the wire, a tunnel',
    match: ['in_port', 'vlan_vid', 'eth_src'],
    set: ['network', 'origin', 'inInterface'],
    next: ['tunnel', 'wire', 'antiSpoof', 'arp'],
    miss: 'drop',
  },
  tunnel: {
    id: 4,
    purpose: 'Out of a tunnel: only under the address of a known peer, and only networks that it has',
    match: ['in_port', 'vlan_vid', 'tunnel_id', 'tun_src', 'tun_dst'],
    set: ['network', 'origin'],
    next: ['destination'],
    miss: 'drop',
  },
  wire: {
    id: 6,
    purpose:
      'From the physical network: MAC addresses of interfaces at peers are in the networks of those, the rest is in the physical network',
    match: ['inInterface', 'vlan_vid', 'eth_src', 'ipv4_src', 'arp_spa'],
    set: ['network', 'origin', 'eth_src'],
    next: ['fromPhysical', 'destination'],
    miss: 'drop',
  },
  fromPhysical: {
    id: 8,
    purpose: 'Nobody in a physical network may pose as an interface of it that is here, or is simulated',
    match: ['network', 'eth_src', 'ipv4_src', 'arp_spa'],
    next: [],
    miss: 'arp',
  },
  // What an interface may send. 16 to 30 are for functions of operators, filters and connection tracking.
  antiSpoof: {
    id: 12,
    purpose: 'Interfaces send with their own addresses only, and what they send is in the network of those',
    match: [
      'inInterface',
      'eth_src',
      'ipv4_src',
      'ipv4_dst',
      'arp_op',
      'arp_sha',
      'arp_spa',
      'arp_tpa',
      'udp_src',
      'udp_dst',
    ],
    set: ['network'],
    next: ['arp', 'service'],
    // Guests' IPv6 ends here until leases have IPv6 addresses; it will be bound like IPv4.
    miss: 'drop',
  },
  zones: {
    id: 30,
    purpose:
      'Who has which zone of connection tracking. No packet comes here: before a flow is put, its zone is emptied',
    match: ['ct_zone'],
    next: [],
    miss: 'drop',
  },
  // What the network itself answers. 33 to 35 are for neighbour discovery.
  arp: {
    id: 32,
    purpose: 'ARP requests for addresses that the state knows are answered here',
    match: ['network', 'origin', 'inInterface', 'arp_op', 'arp_tpa'],
    set: ['eth_src', 'eth_dst', 'arp_op', 'arp_sha', 'arp_tha', 'arp_spa', 'arp_tpa'],
    next: ['service', 'destination'],
    miss: 'service',
  },
  service: {
    id: 36,
    purpose: 'Services of the network: DHCP, DNS, and the echo of simulated interfaces',
    match: ['network', 'origin', 'eth_dst', 'ipv4_dst', 'udp_src', 'udp_dst', 'tcp_dst', 'icmpv4_type'],
    set: ['eth_src', 'eth_dst', 'ipv4_src', 'ipv4_dst', 'nw_ttl', 'icmpv4_type'],
    next: ['dhcp', 'dns', 'translateInward', 'router', 'destination'],
    miss: 'destination',
  },
  dhcp: {
    id: 38,
    purpose: 'What DHCP clients say goes to the DHCP function, each interface at its own rate',
    match: ['inInterface'],
    next: ['destination'],
    miss: 'destination',
  },
  dns: {
    id: 40,
    purpose: 'What DNS clients ask goes to the DNS function, each interface at its own rate',
    match: ['inInterface'],
    next: ['destination'],
    miss: 'destination',
  },
  // From one network to another, on the datapath where the sender is.
  translateInward: {
    id: 41,
    purpose: 'From outside to a router interface that translates: what the address stands for inside',
    match: ['network', 'eth_dst', 'ipv4_dst', 'tcp_dst', 'udp_dst', 'icmpv4_type'],
    set: ['ipv4_dst', 'tcp_dst', 'udp_dst', 'routing', 'translation'],
    next: ['router', 'route', 'translateQuoted'],
    miss: 'drop',
  },
  router: {
    id: 44,
    purpose: 'To a router interface: whom it lets in, and to which route links that leads',
    match: ['network', 'eth_dst', 'ipv4_src', 'ipv4_dst'],
    set: ['routing'],
    next: ['route'],
    miss: 'drop',
  },
  route: {
    id: 48,
    purpose: 'The longest prefix that the destination is in: the network that the packet is in from here on',
    match: ['routing', 'ipv4_dst'],
    set: ['network', 'outRouter', 'routeLink', 'icmpError', 'tooLarge'],
    next: ['neighbour', 'icmp'],
    miss: 'drop',
  },
  neighbour: {
    id: 52,
    purpose: 'Who has the destination address in that network, and what cannot be delivered',
    match: ['network', 'tooLarge', 'nw_ttl', 'ipv4_dst', 'tcp_dst', 'udp_dst', 'icmpv4_type'],
    set: ['eth_src', 'eth_dst', 'ipv4_src', 'ipv4_dst', 'nw_ttl', 'icmpv4_type', 'icmpError', 'outRouter'],
    next: ['departure', 'icmp', 'translateOutward'],
    miss: 'drop',
  },
  departure: {
    id: 54,
    purpose: 'Out of the router interface: under its MAC address, one hop older',
    match: ['outRouter'],
    set: ['eth_src', 'routed'],
    next: ['translateOutward', 'destination'],
    miss: 'drop',
  },
  icmp: {
    id: 56,
    purpose: 'What could not be routed goes to the ICMP function, each interface at its own rate',
    match: ['inInterface'],
    next: [],
    miss: 'drop',
  },
  translateOutward: {
    id: 58,
    purpose: 'Out of a router interface that translates: what the address inside stands for outside',
    match: ['outRouter', 'routeLink', 'ipv4_src', 'tcp_src', 'udp_src', 'icmpv4_type'],
    set: ['ipv4_src', 'tcp_src', 'udp_src', 'translation'],
    next: ['translateQuoted', 'destination'],
    miss: 'drop',
  },
  translateQuoted: {
    id: 60,
    purpose:
      'ICMP errors quote addresses, too: they go to the translation function, each interface at its own rate',
    match: ['inInterface'],
    next: [],
    miss: 'drop',
  },
  // Where it goes to. 66 and 67 are for addresses that are learned.
  destination: {
    id: 64,
    purpose:
      'To the interface or the datapath that has the MAC address, to everyone in the network, or nowhere',
    match: ['network', 'origin', 'eth_dst', 'ipv4_dst'],
    set: ['outInterface', 'outPort', 'peer', 'eth_dst'],
    next: ['flood', 'toPeer', 'output'],
    again: ['translateInward'],
    miss: 'drop',
  },
  flood: {
    id: 70,
    purpose: 'A copy to every interface of the network here, page by page',
    match: ['network'],
    set: ['floodPage'],
    next: ['floodPorts', 'floodPeers'],
    miss: 'drop',
  },
  floodPorts: {
    id: 72,
    purpose: 'The ports of one page; Open vSwitch leaves out the one that the packet came from',
    match: ['network', 'floodPage'],
    next: [],
    miss: 'drop',
  },
  floodPeers: {
    id: 74,
    purpose: 'A copy to every other datapath that has the network, unless one of those sent it',
    match: ['network', 'origin'],
    set: ['eth_dst', 'tunnel_id', 'tun_src', 'tun_dst', 'floodPage'],
    next: ['floodPeerPages'],
    miss: 'drop',
  },
  floodPeerPages: {
    id: 76,
    purpose: 'The peers of one page, where they are too many for one flow',
    match: ['network', 'floodPage'],
    set: ['eth_dst', 'tunnel_id', 'tun_src', 'tun_dst'],
    next: [],
    miss: 'drop',
  },
  toPeer: {
    id: 78,
    purpose: 'To another datapath: as it is over the wire, or encapsulated. What a peer sent goes to no peer',
    match: ['network', 'origin', 'peer', 'routed'],
    set: ['eth_src', 'tunnel_id', 'tun_src', 'tun_dst'],
    next: [],
    miss: 'drop',
  },
  // What an interface may receive. 82 to 94 are for filters, connection tracking and functions of operators.
  output: {
    id: 96,
    purpose: 'Out of the port that was found',
    match: ['outPort'],
    next: [],
    miss: 'drop',
  },
} as const)
