/** The tables of interfaces where something decides what passes: between anti-spoofing and services, and before the port. */

export const fromGuarded = {
  fromInterface: {
    id: 16,
    purpose: 'From an interface that is guarded: which connection is it of',
    match: ['network', 'inInterface', 'ipv4_dst', 'udp_src', 'udp_dst', 'tcp_dst', 'icmpv6_type'],
    set: ['securityGroup', 'scope'],
    next: ['fromFilter', 'fromTracked', 'solicitation', 'service'],
    miss: 'drop',
  },
  fromFilter: {
    id: 18,
    purpose: 'What its filters let it send, and what is remembered so that answers pass',
    match: [
      ...[
        'inInterface',
        'ipv4_src',
        'ipv4_dst',
        'ipv6_src',
        'ipv6_dst',
        'tcp_src',
        'tcp_dst',
        'udp_src',
        'udp_dst',
        'arp_spa',
        'arp_tpa',
      ],
    ],
    next: ['fromTracked', 'fromDenied', 'arp', 'solicitation', 'service'],
    miss: 'drop',
  },
  fromTracked: {
    id: 20,
    purpose:
      'What it sends is held against the rules by which its connection began: for sending, or for what comes',
    match: ['network', 'inInterface', 'ct_state'],
    set: ['securityGroup', 'restricted'],
    next: ['fromVerdict', 'ingressRules', 'egressRules'],
    miss: 'drop',
  },
  fromVerdict: {
    id: 22,
    purpose: 'What may be sent goes on, and its connection is remembered',
    match: ['permitted', 'restricted', 'ct_state'],
    next: ['fromDenied', 'solicitation', 'service'],
    miss: 'drop',
  },
  fromDenied: {
    id: 24,
    purpose: 'What may not be sent ends: it is told of where that is which may not reach an interface',
    match: [],
    set: ['outInterface'],
    next: ['toDenied'],
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
} as const

export const toGuarded = {
  toInterface: {
    id: 82,
    purpose: 'To an interface that is guarded: which connection is it of',
    match: ['network', 'outInterface', 'icmpv6_type'],
    set: ['securityGroup', 'scope', 'permitted', 'restricted'],
    next: ['toFilter', 'toTracked', 'output'],
    miss: 'drop',
  },
  toFilter: {
    id: 83,
    purpose: 'What its filters let reach it, and answers to what they let it ask',
    match: [
      ...[
        'outInterface',
        'ipv4_src',
        'ipv4_dst',
        'ipv6_src',
        'ipv6_dst',
        'tcp_src',
        'tcp_dst',
        'udp_src',
        'udp_dst',
        'arp_spa',
        'arp_tpa',
      ],
      ...['ct_state', 'ct_mark'],
    ],
    next: ['toTracked', 'toDenied', 'output'],
    miss: 'drop',
  },
  toTracked: {
    id: 85,
    purpose:
      'What comes is held against the rules by which its connection began: for what comes, or for sending',
    match: ['network', 'outInterface', 'ct_state'],
    set: ['securityGroup', 'restricted'],
    next: ['ingressRules', 'egressRules', 'toVerdict'],
    miss: 'drop',
  },
  ingressRules: {
    id: 86,
    purpose:
      'Whom the members of a security group hear. What is matched is the first packet of the connection',
    match: ['securityGroup', 'ct_state', 'ct_nw_proto', 'ct_nw_src', 'ct_ipv6_src', 'ct_tp_dst'],
    set: ['securityGroup', 'otherSide', 'otherEnd', 'permitted', 'restricted'],
    next: ['groupMembers'],
    miss: 'drop',
  },
  egressRules: {
    id: 88,
    purpose: 'What they may say, where the group has rules for that. The same',
    match: ['securityGroup', 'ct_state', 'ct_nw_proto', 'ct_nw_dst', 'ct_ipv6_dst', 'ct_tp_dst'],
    set: ['securityGroup', 'otherSide', 'otherEnd', 'permitted', 'restricted'],
    next: ['groupMembers'],
    miss: 'drop',
  },
  groupMembers: {
    id: 90,
    purpose: 'Whether the other side is a member of the security group',
    match: ['securityGroup', 'scope', 'otherSide', 'otherEnd', 'ct_state', 'ct_ipv6_src', 'ct_ipv6_dst'],
    set: ['permitted'],
    next: [],
    miss: 'drop',
  },
  toVerdict: {
    id: 92,
    purpose: 'What may reach the interface does, and its connection is remembered',
    match: ['permitted', 'restricted', 'ct_state'],
    next: ['toDenied', 'output'],
    miss: 'drop',
  },
  toDenied: {
    id: 94,
    purpose: 'What may not pass at an interface ends here; the host is told of some of it',
    match: ['outInterface', 'eth_dst'],
    next: [],
    miss: 'drop',
  },
} as const
