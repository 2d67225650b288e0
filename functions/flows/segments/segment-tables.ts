/** The tables of the pipeline for segments, and for machines that the state does not know. */

/** Who sends: behind promiscuous interfaces, and in segments. */
export const senderTables = {
  sender: {
    id: 13,
    purpose: 'Who sends: nobody poses as an interface; is the rest where the switch has learned it to be?',
    match: ['network', 'origin', 'eth_src', 'ipv4_src', 'ipv6_src', 'arp_spa', 'udp_dst', 'icmpv6_type'],
    set: ['eth_dst'],
    next: ['learn', 'admission', 'learned'],
    miss: 'drop',
  },
  learn: {
    id: 14,
    purpose: 'The switch learns where the sender is, as many of each interface and datapath as may be',
    match: ['network', 'inInterface', 'origin', 'peer', 'found', 'outPort'],
    set: ['outPort', 'found', 'announce', 'encapsulate'],
    next: ['admission', 'learned'],
    miss: 'drop',
  },
  admission: {
    id: 15,
    purpose: 'Announces who is new; from a segment, what is for a network on it goes there',
    match: [
      ...(['network', 'origin', 'admitted', 'announce', 'eth_dst'] as const),
      ...(['ipv4_src', 'ipv4_dst', 'ipv6_src', 'arp_spa', 'arp_tpa'] as const),
    ],
    set: ['network', 'announce', 'probe'],
    next: ['arp', 'solicitation', 'service', 'destination', 'segment', 'floodPeers'],
    miss: 'drop',
  },
} as const

/** Where frames go to in a segment, and to whom the switch has learned. */
export const stationTables = {
  segment: {
    id: 66,
    purpose: 'The same in a segment, and in the networks on it: whatever the frame carries',
    match: ['network', 'origin', 'eth_dst', 'arp_op'],
    set: ['network', 'outInterface', 'outPort', 'peer', 'eth_dst', 'encapsulate'],
    next: ['learned', 'station', 'unknown', 'flood', 'toPeer', 'toInterface', 'output'],
    again: ['arp'],
    miss: 'drop',
  },
  learned: {
    id: 67,
    purpose: 'Where addresses are that the switch has learned by itself; looked up, and gone back from',
    match: ['network', 'eth_dst'],
    set: ['found', 'outInterface', 'outPort', 'peer', 'encapsulate'],
    miss: 'drop',
    learned: true,
  },
  station: {
    id: 68,
    purpose: 'To where the switch has learned the address to be; else to all',
    match: ['network', 'found'],
    set: ['encapsulate'],
    next: ['unknown', 'toPeer', 'output'],
    miss: 'drop',
  },
  unknown: {
    id: 69,
    purpose: 'To an address that nobody knows: a copy to everyone, of each sender so many a second',
    match: ['inInterface'],
    next: ['flood'],
    miss: 'drop',
  },
} as const
