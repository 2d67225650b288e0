/** The upper 16 bits of cookies: who made a flow, and where packets are punted. */
import { declareCodes } from 'openvnet'

/** Who made a flow. Codes are never used again for another meaning: a switch may still hold flows with them. */
export const features = declareCodes({
  base: { code: 1, note: 'What every datapath has' },
  host: { code: 2, note: 'A physical port and the host behind it; the object is its interface' },
  port: { code: 3, note: 'An interface at a port of this datapath' },
  network: { code: 4, note: 'A network' },
  member: { code: 5, note: 'An interface in a network: here, on another datapath, or simulated' },
  peer: { code: 6, note: 'Another datapath that has a network; the object is that datapath' },
  tunnel: { code: 7, note: 'A tunnel port; 1 is gre, 2 vxlan, 3 geneve' },
  flood: { code: 8, note: 'The broadcast of a network' },
  uplink: {
    code: 9,
    note: 'The physical port and a host that the state does not know; the object is the port',
  },
  router: { code: 16, note: 'The router interfaces of a network; the object is the network' },
  routeLink: { code: 17, note: 'Where a route link leads to' },
  routeLinks: {
    code: 18,
    note: 'Where an ingress route leads to by several route links; the object is the oldest such route',
  },
  routerPort: { code: 19, note: 'A router interface that packets leave by; the object is its membership' },
  neighbour: { code: 20, note: 'An interface in a network that is routed to; the object is the membership' },
  routing: { code: 21, note: 'What every datapath has that routes' },
  zone: {
    code: 32,
    note: 'Who has a zone of connection tracking; the object is the row of `conntrack_zones` that says so',
  },
  guard: {
    code: 33,
    note: 'An interface of a network where something decides what passes; the object is that membership',
  },
  securityGroup: { code: 34, note: 'The rules of a security group that an interface here is in' },
  groupMember: {
    code: 35,
    note: 'An interface of a security group that rules here are about; the object is the row of `security_group_interfaces`',
  },
  dhcpServer: { code: 39, note: 'An interface that may answer DHCP clients' },
  filters: { code: 36, note: 'The filters of an interface' },
  filtering: { code: 37, note: 'What every datapath has where something decides what passes' },
  ownServices: { code: 38, note: 'What interfaces of a network may ask of it in any case' },
  balancing: { code: 57, note: 'The load balancers of a network; the object is the network' },
  translation: {
    code: 56,
    note: 'A router interface that translates addresses; the object is its membership',
  },
  wayOut: { code: 48, note: 'A physical network that is routed into from here; the object is the network' },
  exit: {
    code: 49,
    note: 'What other datapaths send here to be routed into a physical network; the object is the route link',
  },
  toExit: {
    code: 50,
    note: 'The way to a datapath that leads into a physical network; the object is the route link',
  },
  gateway: { code: 53, note: 'The gateways of routes into a network; the object is the network' },
  learnedNeighbour: {
    code: 51,
    note: 'A neighbour in a physical network, as the switch has learned it; the object is the network',
  },
  allowed: {
    code: 54,
    note: 'An interface in a network that may have more addresses; the object is the membership',
  },
  ipv6: { code: 64, note: 'What every datapath has that has a network with IPv6' },
  ipv6Router: { code: 65, note: 'The router interfaces of a network, for IPv6; the object is the network' },
  ipv6RouteLink: { code: 66, note: 'Where a route link leads to, for IPv6' },
  ipv6RouteLinks: {
    code: 67,
    note: 'Where an ingress route of IPv6 leads to by several route links; the object is the oldest such route',
  },
  ipv6RouterPort: {
    code: 68,
    note: 'A router interface that IPv6 packets leave by; the object is its membership',
  },
  ipv6Neighbour: {
    code: 69,
    note: 'An interface in a network that IPv6 is routed to; the object is the membership',
  },
  ipv6Routing: { code: 70, note: 'What every datapath has that routes IPv6' },
  ipv6WayOut: {
    code: 0x85,
    note: 'A physical network that IPv6 is routed into from here; the object is the network',
  },
  ipv6Gateway: { code: 0x84, note: 'The gateways of IPv6 routes into a network; the object is the network' },
  segment: { code: 40, note: 'A segment' },
  station: { code: 41, note: 'An interface in a segment: here, or on another datapath' },
  stranger: {
    code: 42,
    note: 'Machines that the state does not know, behind an interface here; what the switch has learned of them, too',
  },
  strangersElsewhere: {
    code: 43,
    note: 'The same behind interfaces of another datapath; the object is the network or segment, and that datapath',
  },
  trunk: { code: 44, note: 'A port to a legacy switch; the object is its interface' },
  trunks: { code: 45, note: 'What every datapath has whose ports serve VLANs' },
  seeking: {
    code: 80,
    note: 'Machines of a network that nobody has leased an address to, as routers find them; the object is the network',
  },
  speaker: {
    code: 76,
    note: 'Who speaks for a router interface, as a host has said or the switch has heard; the object is the membership',
  },
  vlanLease: {
    code: 46,
    note: 'A VLAN that a port still serves, as a host has said; the object is its interface',
  },
})

/** Where packets are handed to packet functions: the code is in the cookie of the flow that punts. */
export const puntPoints = declareCodes(
  {
    dhcp: {
      code: 0x8001,
      note: 'From a DHCP client, in a network with a DHCP service; the object is its interface',
    },
    icmp: {
      code: 0x8010,
      note: 'A packet that a router could not send on; the object is the interface that sent it',
    },
    denied: {
      code: 0x8030,
      note: 'A packet that nothing lets pass at an interface; the object is that interface',
    },
    health: {
      code: 0x8059,
      note: 'What members of load balancers answer to checks; the object is their network',
    },
    endedConnection: {
      code: 0x8068,
      note: 'Of a connection that was made by a translation or a member of a load balancer that is no more',
    },
    translation: {
      code: 0x8058,
      note: 'An ICMP error that quotes a packet whose addresses are translated; the object is the interface that sent it, 0: nobody here',
    },
    dns: {
      code: 0x8020,
      note: 'From a DNS client to a simulated interface with a DNS service; the object is its interface',
    },
    nextHop: {
      code: 0x8050,
      note: 'A packet to a next hop in a physical network that is not known; the object is the interface that sent it',
    },
    nextHopReply: {
      code: 0x8051,
      note: 'An ARP reply from a physical network to who asks there; the object is the network',
    },
    addressClaim: {
      code: 0x8053,
      note: 'ARP of a machine that says that it has an address that it may have; the object is its interface',
    },
    nextHopRefresh: {
      code: 0x8052,
      note: 'A copy of a packet to a next hop that was asked for a while ago; the object is the datapath',
    },
    neighbourProbe: {
      code: 0x8060,
      note: 'A neighbour solicitation that no flow can answer; the object is the interface that sent it',
    },
    routerSolicitation: {
      code: 0x8061,
      note: 'From a machine that looks for IPv6 routers; the object is its interface',
    },
    dhcpv6: {
      code: 0x8062,
      note: 'From a DHCPv6 client, in a network with a DHCP service; the object is its interface',
    },
  },
  features,
)
