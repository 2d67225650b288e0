/** Flows as a function of the state. */
import { flows, learnedTables } from 'openvnet'
import { base } from './base.ts'
import { datapath } from './datapath.ts'
import { host } from './host.ts'
import { ipv6 } from './ipv6/ipv6.ts'
import { ipv6Discovery, ipv6Filtering, ipv6Guard } from './ipv6/ipv6-guard.ts'
import { ipv6Neighbour, ipv6RoutedNetwork, ipv6RouterPort } from './ipv6/ipv6-routed-network.ts'
import { ipv6RouteLink, ipv6RouteLinks, ipv6Router } from './ipv6/ipv6-router.ts'
import { ipv6Routing } from './ipv6/ipv6-routing.ts'
import { ipv6GroupMember, ipv6GroupMembers, ipv6SecurityGroup } from './ipv6/ipv6-security-group.ts'
import { ipv6SeekerReplies, ipv6Seeking } from './ipv6/ipv6-seeking.ts'
import { ipv6NeighbourReplies, ipv6WayOut } from './ipv6/ipv6-way-out.ts'
import { names } from './names.ts'
import { allowed } from './networks/allowed.ts'
import { claims } from './networks/allowed-claims.ts'
import { dhcpServer } from './networks/dhcp-server.ts'
import { flood, segmentFlood } from './networks/flood.ts'
import { member } from './networks/member.ts'
import { network } from './networks/network.ts'
import { peers } from './networks/peers.ts'
import { pipeline, puntPoints } from './pipeline.ts'
import { port } from './port.ts'
import { allDnsPunts, allPunts, dnsPunts, punts } from './punts.ts'
import { exitHere, exitsHere } from './routers/exit-here.ts'
import { allIcmpPunts, icmp, icmpOfPeers, resolve, resolveOfPeers } from './routers/icmp.ts'
import { neighbour } from './routers/neighbour.ts'
import { routeLink, routeLinks, senders } from './routers/route-link.ts'
import { routedNetwork, routerPort } from './routers/routed-network.ts'
import { router } from './routers/router.ts'
import { routing } from './routers/routing.ts'
import { seekerReplies, seeking } from './routers/seeking.ts'
import { farNetwork, toExit } from './routers/to-exit.ts'
import { neighbourMeter, neighbourReplies, refresh, resolved, toWire, wayOut } from './routers/way-out.ts'
import { allDenied, denied } from './security/denied.ts'
import { filtering } from './security/filtering.ts'
import { filters } from './security/filters.ts'
import { groupMember, groupMembers } from './security/group-members.ts'
import { guard } from './security/guard.ts'
import { ownServices } from './security/own-services.ts'
import { securityGroup } from './security/security-group.ts'
import { segment } from './segments/segment.ts'
import { segmentPeers } from './segments/segment-peers.ts'
import { station } from './segments/station.ts'
import { networkStrangers, segmentStrangers } from './segments/strangers.ts'
import { unknown, unknownFromPeers } from './segments/unknown.ts'
import { balancing, balancingAll } from './translations/balancing.ts'
import { checking, healthPunts } from './translations/checking.ts'
import { endedConnections } from './translations/remembered.ts'
import { translationZone } from './translations/translated-connections.ts'
import { translatedLinks } from './translations/translated-links.ts'
import { leaving, translation } from './translations/translation.ts'
import { allTranslationPunts, translationPunts } from './translations/translation-punts.ts'
import { tunnel } from './tunnel.ts'
import { trunks } from './vlans/trunk.ts'
import { wiring } from './wiring.ts'

export default flows({
  features: {
    ...{
      datapath,
      base,
      allPunts,
      allDnsPunts,
      host,
      port,
      punts,
      dnsPunts,
      network,
      member,
      peers,
      tunnel,
      flood,
    },
    ...{ router, routing, routeLink, routeLinks, routedNetwork, routerPort, neighbour, icmp, allIcmpPunts },
    ...{
      balancing,
      balancingAll,
      checking,
      endedConnections,
      healthPunts,
      translation,
      translatedLinks,
      translationZone,
      leaving,
      translationPunts,
      allTranslationPunts,
    },
    ...{
      seeking,
      seekerReplies,
      ipv6Seeking,
      ipv6SeekerReplies,
      wayOut,
      resolved,
      refresh,
      neighbourReplies,
      neighbourMeter,
      resolve,
      toExit,
      farNetwork,
    },
    ...{ allowed, claims, senders },
    ...{ exitsHere, exitHere, icmpOfPeers, resolveOfPeers },
    ...{
      guard,
      denied,
      allDenied,
      dhcpServer,
      filters,
      filtering,
      ownServices,
      securityGroup,
      groupMembers,
      groupMember,
    },
    ...{ ipv6, ipv6Router, ipv6Routing, ipv6RouteLink, ipv6RouteLinks },
    ...{ ipv6Guard, ipv6Discovery, ipv6Filtering, ipv6SecurityGroup, ipv6GroupMembers, ipv6GroupMember },
    ...{ ipv6RoutedNetwork, ipv6RouterPort, ipv6Neighbour, ipv6WayOut, ipv6NeighbourReplies, toWire },
    ...{ segment, station, segmentPeers, segmentFlood, segmentStrangers, networkStrangers },
    ...{ unknown, unknownFromPeers, trunks },
  },
  puntPoints,
  learnedTables: learnedTables(pipeline.tables),
  names,
  wiring,
})
