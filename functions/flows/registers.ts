/** The registers of the pipeline: what a packet carries with it through the tables. */

export const registers = {
  network: {
    bits: [0, 0, 23],
    note: 'The network or segment that the packet is in: its tunnel key. Set once the sender is known to belong to it.',
  },
  origin: {
    bits: [0, 24, 25],
    values: { local: 0, wire: 1, peerByWire: 2, peerByTunnel: 3 },
    note: 'Who sent it: an interface here or the host; a physical network; another datapath, as it is or encapsulated.',
  },
  inInterface: {
    bits: [1, 0, 31],
    note: 'The interface that it came from, by id. 0: another datapath, or the host.',
  },
  outInterface: { bits: [2, 0, 31], note: 'The interface that it goes to, by id.' },
  outPort: { bits: [3, 0, 15], note: 'The port that it leaves by.' },
  floodPage: {
    bits: [3, 16, 23],
    note: 'Which ports, or which peers, of the network a broadcast is being copied to.',
  },
  peer: {
    bits: [4, 0, 31],
    note: 'The datapath that it goes to, by id; of what came out of a tunnel and may be learned from, that which sent it.',
  },
  securityGroup: {
    bits: [5, 0, 31],
    note: 'The security group whose rules it is held against, or among whose members the other side is looked for, by id.',
  },
  otherSide: {
    bits: [6, 0, 31],
    note: 'The IPv4 address of who is at the other end of its connection: seen from the interface that is guarded, or from a load balancer.',
  },
  scope: {
    bits: [7, 0, 23],
    note: 'Within which an address is one machine: the key of the network, or of the first of those that routers join it to.',
  },
  routing: {
    bits: [8, 0, 31],
    note: 'The routes that it may take: those of a route link, by its key, or of the several that an ingress route leads to, by 2^31 and its id.',
  },
  outRouter: {
    bits: [9, 0, 31],
    note: 'The router interface that it leaves by, in its network: the id of that membership.',
  },
  routed: { bits: [10, 0, 0], values: { no: 0, yes: 1 }, note: 'A router here has sent it on.' },
  tooLarge: {
    bits: [10, 1, 1],
    values: { no: 0, yes: 1 },
    note: 'The network that it is routed to does not carry packets of its size.',
  },
  permitted: {
    bits: [10, 8, 8],
    values: { no: 0, yes: 1 },
    note: 'A rule of a security group lets it pass.',
  },
  restricted: {
    bits: [10, 9, 9],
    values: { no: 0, yes: 1 },
    note: 'It needs a rule to pass: all that comes, and what is sent where some group of the sender has rules for that.',
  },
  translation: {
    bits: [10, 12, 13],
    values: { none: 0, inward: 1, outward: 2 },
    note: 'Its address was translated, or is to be in what it quotes: from outside to inside, or the other way.',
  },
  balanced: {
    bits: [10, 14, 14],
    values: { no: 0, yes: 1 },
    note: 'What a member of a load balancer may have answered was looked up.',
  },
  asked: {
    bits: [12, 0, 31],
    note: 'The address that its sender sent it to, where what is remembered of its connection may have given it another.',
  },
  askedPort: { bits: [15, 0, 15], note: 'The same of its port.' },
  routeLink: {
    bits: [11, 0, 23],
    note: 'Where the router interface that it leaves by translates: the key of the route link that it took.',
  },
  icmpError: {
    bits: [10, 4, 7],
    values: {
      none: 0,
      networkUnreachable: 1,
      hostUnreachable: 2,
      portUnreachable: 3,
      timeExceeded: 4,
      fragmentationNeeded: 5,
      unresolved: 15,
    },
    note: 'What its sender is to be told instead; unresolved: nothing yet, the next hop is asked for first.',
  },
  probe: {
    bits: [10, 16, 16],
    values: { no: 0, yes: 1 },
    note: 'It has no IPv6 source address: its sender asks whether one is free.',
  },
  linkLocal: {
    bits: [10, 17, 17],
    values: { other: 0, own: 1 },
    note: "own: its IPv6 source address is the link-local one that follows from its sender's MAC.",
  },
  otherEnd: {
    bits: [10, 19, 19],
    values: { source: 0, destination: 1 },
    note: 'Of an IPv6 connection: whether a rule is about the side that began it, or about the one that was asked.',
  },
  advertisesRouter: {
    bits: [10, 18, 18],
    values: { no: 0, yes: 1 },
    note: 'The neighbour that a solicitation asks for is a router interface.',
  },
  viaGateway: {
    bits: [10, 20, 20],
    values: { no: 0, yes: 1 },
    note: 'It goes to the next hop that its route names, not to its destination.',
  },
  resolution: {
    bits: [10, 21, 22],
    values: { unknown: 0, fresh: 1, stale: 2 },
    note: 'What the switch has learned of the next hop: nothing; where it is; where it was a while ago.',
  },
  watched: {
    bits: [10, 23, 23],
    values: { no: 0, yes: 1 },
    note: 'It is ARP of a next hop that is known.',
  },
  nextHop: {
    bits: [14, 0, 31],
    note: 'The address that it goes to in the network that it is routed to; of IPv6, the route that names its gateway, by id.',
  },
  encapsulate: {
    bits: [13, 0, 0],
    values: { no: 0, yes: 1 },
    note: 'To other datapaths it goes encapsulated, where they are on the same wire, too: physical switches must not see its addresses, or a copy would lose them.',
  },
  admitted: {
    bits: [13, 1, 1],
    values: { no: 0, yes: 1 },
    note: 'Who sent it may: an interface of a segment, or somebody whom the switch has learned.',
  },
  found: {
    bits: [13, 2, 3],
    values: { nothing: 0, here: 1, elsewhere: 2 },
    note: 'Where the switch has learned an address to be: behind an interface here, or a datapath.',
  },
  announce: {
    bits: [13, 4, 5],
    values: { no: 0, due: 1, done: 2 },
    note: 'Its sender was not known to be there: a copy is due to every other datapath that has the network or segment, or has gone there.',
  },
  vlan: { bits: [13, 17, 28], note: 'The VLAN that it came from by a port here; 0: from none.' },
  hushed: {
    bits: [13, 15, 15],
    values: { no: 0, yes: 1 },
    note: 'Another datapath was heard to speak for the router interface, and no host says that this one does.',
  },
  serves: {
    bits: [13, 16, 16],
    values: { no: 0, yes: 1 },
    note: 'The trunk port that it came from still serves its VLAN: a host has said so a moment ago.',
  },
} as const
