/** The tables of the pipeline by which packets get from one network to another, on the datapath where the sender is. */

export const routingTables = {
  translateInward: {
    id: 41,
    purpose: 'From outside to a router interface that translates: what the address stands for inside',
    match: ['network', 'eth_dst', 'ipv4_dst', 'tcp_dst', 'udp_dst', 'icmpv4_type'],
    set: ['ipv4_dst', 'tcp_dst', 'udp_dst', 'routing', 'translation', 'origin', 'peer'],
    next: ['translateConnection', 'router', 'route', 'translateQuoted', 'toPeer'],
    miss: 'drop',
  },
  translateConnection: {
    id: 42,
    purpose: 'From outside, of a connection that is known or is new: where it goes to',
    match: ['network', 'eth_dst', 'ct_state', 'ipv4_dst', 'tcp_dst', 'udp_dst'],
    next: ['leaveConnection', 'router'],
    miss: 'drop',
  },
  leaveConnection: {
    id: 43,
    purpose:
      'Translated: by the route link that the connection is marked with, or by those that let its sender in',
    match: ['ct_mark'],
    set: ['routing', 'translation'],
    next: ['router', 'route'],
    miss: 'drop',
  },
  router: {
    id: 44,
    purpose: 'To a router interface: whom it lets in, and to which route links that leads',
    match: ['network', 'eth_dst', 'ipv4_src', 'ipv4_dst', 'ipv6_src', 'ipv6_dst'],
    set: ['origin', 'routing'],
    next: ['route'],
    miss: 'drop',
  },
  route: {
    id: 48,
    purpose: 'The longest prefix that the destination is in: the network that the packet is in from here on',
    match: ['routing', 'ipv4_dst', 'ipv6_dst'],
    set: [
      ...(['network', 'outRouter', 'routeLink', 'icmpError', 'tooLarge'] as const),
      ...(['viaGateway', 'nextHop', 'peer', 'tunnel_id'] as const),
    ],
    next: ['toExit', 'neighbour', 'icmp'],
    miss: 'drop',
  },
  toExit: {
    id: 49,
    purpose: 'Into a physical network by way of another datapath: to that, encapsulated, to be routed there',
    match: ['network', 'peer', 'tunnel_id', 'tooLarge', 'ipv4_dst', 'icmpv4_type'],
    set: [
      ...(['eth_src', 'eth_dst', 'ipv4_src', 'ipv4_dst', 'nw_ttl', 'icmpv4_type'] as const),
      ...(['icmpError', 'tun_src', 'tun_dst'] as const),
    ],
    next: ['icmp'],
    miss: 'drop',
  },
  neighbour: {
    id: 52,
    purpose: 'Who has the destination address in that network, and what cannot be delivered',
    match: [
      ...(['network', 'tooLarge', 'nw_ttl', 'ipv4_dst', 'tcp_dst', 'udp_dst', 'icmpv4_type'] as const),
      ...(['viaGateway', 'nextHop', 'ipv6_dst', 'icmpv6_type'] as const),
    ],
    set: [
      ...(['eth_src', 'eth_dst', 'ipv4_src', 'ipv4_dst', 'nw_ttl', 'icmpv4_type'] as const),
      ...(['icmpError', 'nextHop', 'outRouter', 'ipv6_src', 'ipv6_dst', 'icmpv6_type'] as const),
    ],
    next: ['learnedNeighbour', 'resolved', 'departure', 'icmp', 'translateOutward'],
    miss: 'drop',
  },
  learnedNeighbour: {
    id: 53,
    purpose:
      'Who answered in a physical network, and who did not: the neighbour functions make the switch learn it',
    match: ['network', 'nextHop'],
    set: ['eth_dst', 'resolution'],
    miss: 'drop',
    learned: true,
  },
  resolved: {
    id: 54,
    purpose: 'Whether it is known who has the next hop in a physical network',
    match: ['resolution'],
    set: ['icmpError'],
    next: ['departure', 'icmp'],
    miss: 'drop',
  },
  departure: {
    id: 55,
    purpose: 'Out of the router interface: under its MAC address, one hop older',
    match: ['outRouter'],
    set: ['eth_src', 'routed'],
    next: ['translateOutward', 'destination'],
    miss: 'drop',
  },
  icmp: {
    id: 56,
    purpose:
      'What could not be routed goes to the ICMP function, what has no neighbour yet to the one that asks; each interface at its own rate',
    match: ['inInterface', 'icmpError'],
    miss: 'drop',
  },
  translateOutward: {
    id: 58,
    purpose: 'Out of a router interface that translates: what the address inside stands for outside',
    match: ['outRouter', 'routeLink', 'ipv4_src', 'tcp_src', 'udp_src', 'icmpv4_type'],
    set: ['ipv4_src', 'tcp_src', 'udp_src', 'translation', 'origin'],
    next: ['translateSource', 'translateQuoted', 'destination'],
    miss: 'drop',
  },
  translateSource: {
    id: 59,
    purpose: 'From inside, of a connection that is known or is new: the address outside that it has',
    match: ['outRouter', 'routeLink', 'ct_state', 'ipv4_src', 'icmpv4_type'],
    set: ['translation'],
    next: ['translateQuoted', 'destination'],
    miss: 'drop',
  },
  translateQuoted: {
    id: 60,
    purpose:
      'ICMP errors quote addresses, too: they go to the translation function, each interface at its own rate',
    match: ['inInterface'],
    miss: 'drop',
  },
} as const
