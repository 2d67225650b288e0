/**
 * The pipeline: the way of a packet through the tables of a datapath. Tables are named here, registers in `registers.ts`,
 * punt points and features in `codes.ts`, and nowhere else; the charts in docs/PIPELINE.md are made from these.
 */
import { declarePipeline } from 'openvnet'
import { registers } from './registers.ts'
import { routingTables } from './routers/routing-tables.ts'
import { fromGuarded, toGuarded } from './security/guard-tables.ts'
import { senderTables, stationTables } from './segments/segment-tables.ts'

export { features, puntPoints } from './codes.ts'

export const pipeline = declarePipeline(registers, {
  // Where it comes from.
  classifier: {
    id: 0,
    purpose: 'What is this port: an interface, the host, the wire, a tunnel',
    match: ['in_port', 'vlan_vid', 'eth_src'],
    set: ['network', 'origin', 'inInterface', 'vlan'],
    next: ['tunnel', 'wire', 'trunkLeases', 'trunk', 'antiSpoof', 'sender', 'arp'],
    miss: 'drop',
  },
  tunnel: {
    id: 4,
    purpose: 'Out of a tunnel: only under the address of a known peer, and only networks that it has',
    match: ['in_port', 'vlan_vid', 'tunnel_id', 'tun_src', 'tun_dst'],
    set: ['network', 'origin', 'peer', 'routing'],
    next: ['sender', 'route', 'destination', 'segment'],
    miss: 'drop',
    missMeans: 'no known peer sends from this outer address, or it does not have the network',
  },
  wire: {
    id: 6,
    purpose:
      'From the physical network: MAC addresses of interfaces at peers are in the networks of those, the rest is in the physical network',
    match: ['inInterface', 'vlan_vid', 'eth_src', 'ipv4_src', 'ipv6_src', 'arp_spa'],
    set: ['network', 'origin', 'eth_src'],
    next: ['fromPhysical', 'destination', 'segment'],
    miss: 'drop',
  },
  fromPhysical: {
    id: 8,
    purpose: 'Nobody in a physical network may pose as an interface of it that is here, or is simulated',
    match: [
      ...(['network', 'eth_src', 'eth_dst', 'ipv4_src', 'arp_sha', 'arp_spa', 'arp_tpa'] as const),
      ...(['ipv6_src', 'icmpv6_type', 'ipv6_nd_target'] as const),
    ],
    set: ['outRouter'],
    next: ['speakers', 'arp'],
    miss: 'arp',
  },
  // From legacy switches. Where several ports reach a VLAN, the host says again and again that one still serves it.
  trunkLeases: {
    id: 10,
    purpose: 'Ports to legacy switches that still serve a VLAN, as a host has said a moment ago',
    match: ['network', 'inInterface'],
    set: ['serves'],
    miss: 'drop',
    learned: true,
  },
  trunk: {
    id: 11,
    purpose: 'From a VLAN: what its network carries, if its port still serves it',
    match: ['network', 'inInterface', 'serves'],
    next: ['sender'],
    miss: 'drop',
  },
  // What an interface may send.
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
      'ipv6_src',
      'icmpv6_type',
      'udp_src',
      'udp_dst',
    ],
    set: ['eth_src', 'network', 'probe', 'linkLocal', 'admitted'],
    next: ['admission', 'segment', 'fromInterface', 'arp', 'solicitation', 'service'],
    miss: 'drop',
    missMeans: 'interfaces send with their own addresses only',
  },
  ...senderTables,
  ...fromGuarded,
  // What the network itself answers. 33 to 35 are for neighbour discovery.
  arp: {
    id: 32,
    purpose: 'ARP requests for addresses that the state knows are answered here',
    match: [
      ...(['network', 'origin', 'admitted', 'inInterface', 'outRouter', 'hushed'] as const),
      ...(['arp_op', 'arp_spa', 'arp_tpa'] as const),
      ...(['icmpv6_type', 'icmpv6_code', 'ipv6_dst', 'ipv6_nd_target', 'ipv6_nd_tll'] as const),
    ],
    set: [
      ...(['vlan_vid', 'eth_src', 'eth_dst', 'arp_op', 'arp_sha', 'arp_tha', 'arp_spa', 'arp_tpa'] as const),
      'ipv6_dst',
    ],
    next: ['solicitation', 'service', 'watchedNeighbour', 'heard', 'learnedNeighbour', 'destination'],
    miss: 'service',
  },
  solicitation: {
    id: 33,
    purpose: 'IPv6: neighbour solicitations for addresses that the state knows are answered from here on',
    match: [
      ...(['network', 'origin', 'admitted', 'inInterface', 'probe', 'linkLocal'] as const),
      ...(['ipv6_src', 'ipv6_dst', 'udp_dst', 'icmpv6_type', 'icmpv6_code'] as const),
      ...(['ipv6_nd_target', 'ipv6_nd_tll'] as const),
    ],
    set: ['advertisesRouter', 'eth_src', 'eth_dst', 'ipv6_nd_target', 'ipv6_nd_sll', 'ipv6_nd_tll'],
    next: ['advertisement', 'discovery', 'service', 'learnedNeighbour'],
    miss: 'service',
  },
  advertisement: {
    id: 34,
    purpose: 'The solicitation becomes an advertisement',
    match: ['probe', 'icmpv6_type', 'icmpv6_code', 'ipv6_nd_sll'],
    set: ['ipv6_src', 'ipv6_dst', 'nw_ttl', 'icmpv6_type'],
    next: ['discovery'],
    miss: 'discovery',
  },
  discovery: {
    id: 35,
    purpose:
      'Advertisements get what only they have and go back; what no flow can answer goes to its function, each interface at its own rate',
    match: ['inInterface', 'advertisesRouter', 'udp_dst', 'icmpv6_type', 'icmpv6_code'],
    set: ['nd_reserved', 'nd_options_type', 'ipv6_nd_tll'],
    next: [],
    miss: 'drop',
  },
  service: {
    id: 36,
    purpose: 'Services of the network: DHCP, DNS, and the echo of simulated interfaces',
    match: [
      'network',
      'origin',
      'balanced',
      'eth_dst',
      'ipv4_src',
      'ipv4_dst',
      'ipv6_dst',
      'udp_src',
      'udp_dst',
      'tcp_src',
      'tcp_dst',
      'icmpv4_type',
      'icmpv6_type',
    ],
    set: [
      'balanced',
      'asked',
      'eth_src',
      'eth_dst',
      'ipv4_src',
      'ipv4_dst',
      'ipv6_src',
      'ipv6_dst',
      'nw_ttl',
      'icmpv4_type',
      'icmpv6_type',
    ],
    next: ['dhcp', 'dns', 'translateInward', 'balance', 'hairpin', 'router', 'health', 'destination'],
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
  // From one network to another.
  ...routingTables,
  // Where it goes to.
  destination: {
    id: 64,
    purpose:
      'To the interface or the datapath that has the MAC address, to everyone in the network, or nowhere',
    match: [
      ...(['network', 'origin', 'routed', 'vlan_vid', 'eth_dst', 'arp_op', 'ipv4_dst', 'ipv6_dst'] as const),
      ...(['balanced', 'ipv4_src', 'tcp_src', 'udp_src', 'icmpv6_type'] as const),
    ],
    set: ['network', 'outInterface', 'outPort', 'peer', 'eth_dst', 'encapsulate', 'balanced'],
    next: ['segment', 'learned', 'station', 'flood', 'toPeer', 'toInterface', 'output'],
    again: ['arp', 'solicitation', 'translateInward', 'destination'],
    miss: 'drop',
    missMeans: 'nobody in the network has this MAC address',
  },
  ...stationTables,
  flood: {
    id: 70,
    purpose: 'A copy to every interface of the network here, page by page',
    match: ['network'],
    set: ['vlan_vid', 'floodPage', 'outInterface', 'outPort'],
    next: ['floodPorts', 'floodPeers', 'toInterface', 'vlanLeases'],
    miss: 'drop',
  },
  floodPorts: {
    id: 72,
    purpose: 'The ports of one page; Open vSwitch leaves out the one that the packet came from',
    match: ['network', 'floodPage'],
    set: ['outInterface', 'outPort'],
    next: ['toInterface'],
    miss: 'drop',
  },
  floodPeers: {
    id: 74,
    purpose: 'A copy to every other datapath that has the network, unless one of those sent it',
    match: ['network', 'origin', 'vlan_vid', 'encapsulate', 'announce'],
    set: ['vlan_vid', 'eth_dst', 'tunnel_id', 'tun_src', 'tun_dst', 'floodPage'],
    next: ['floodPeerPages'],
    again: ['floodPeers'],
    miss: 'drop',
  },
  floodPeerPages: {
    id: 76,
    purpose: 'The peers of one page, where they are too many for one flow',
    match: ['network', 'floodPage', 'encapsulate'],
    set: ['eth_dst', 'tunnel_id', 'tun_src', 'tun_dst'],
    next: [],
    miss: 'drop',
  },
  toPeer: {
    id: 78,
    purpose: 'To another datapath: as it is over the wire, or encapsulated. What a peer sent goes to no peer',
    match: ['network', 'inInterface', 'origin', 'peer', 'routed', 'encapsulate', 'announce', 'tooLarge'],
    set: ['eth_src', 'tunnel_id', 'tun_src', 'tun_dst', 'icmpError'],
    next: [],
    again: ['icmp'],
    miss: 'drop',
  },
  // What an interface may receive.
  ...toGuarded,
  output: {
    id: 96,
    purpose: 'Out of the port that was found, with the tag of its VLAN where it has one',
    match: ['network', 'inInterface', 'outPort', 'tooLarge'],
    set: ['vlan_vid', 'icmpError'],
    next: ['vlanLeases'],
    again: ['icmp'],
    miss: 'drop',
  },
  vlanLeases: {
    id: 98,
    purpose: 'Out of a port to a legacy switch, as long as it still serves the VLAN of the network',
    match: ['network', 'outPort'],
    miss: 'drop',
    learned: true,
  },
} as const)
