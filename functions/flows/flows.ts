/** Flows as a function of the state. */
import { flows, learnedTables } from 'openvnet'
import { allowed, claims } from './allowed.ts'
import { balancing, balancingAll, healthPunts } from './balancing.ts'
import { base } from './base.ts'
import { datapath } from './datapath.ts'
import { denied } from './denied.ts'
import { dhcpServer } from './dhcp-server.ts'
import { exitHere, exitsHere } from './exit-here.ts'
import { filtering } from './filtering.ts'
import { filters } from './filters.ts'
import { flood, segmentFlood } from './flood.ts'
import { groupMember, groupMembers } from './group-members.ts'
import { guard } from './guard.ts'
import { host } from './host.ts'
import { allIcmpPunts, icmp, icmpOfPeers, resolve, resolveOfPeers } from './icmp.ts'
import { ipv6 } from './ipv6.ts'
import { ipv6Filtering, ipv6Guard } from './ipv6-guard.ts'
import { ipv6Neighbour, ipv6RoutedNetwork, ipv6RouterPort } from './ipv6-routed-network.ts'
import { ipv6RouteLink, ipv6RouteLinks, ipv6Router } from './ipv6-router.ts'
import { ipv6Routing } from './ipv6-routing.ts'
import { ipv6GroupMember, ipv6GroupMembers, ipv6SecurityGroup } from './ipv6-security-group.ts'
import { member } from './member.ts'
import { names } from './names.ts'
import { neighbour } from './neighbour.ts'
import { network } from './network.ts'
import { ownServices } from './own-services.ts'
import { peers } from './peers.ts'
import { pipeline, puntPoints } from './pipeline.ts'
import { port } from './port.ts'
import { allDnsPunts, allPunts, dnsPunts, punts } from './punts.ts'
import { routeLink, routeLinks, senders } from './route-link.ts'
import { routedNetwork, routerPort } from './routed-network.ts'
import { router } from './router.ts'
import { routing } from './routing.ts'
import { securityGroup } from './security-group.ts'
import { segment } from './segment.ts'
import { segmentPeers } from './segment-peers.ts'
import { station } from './station.ts'
import { networkStrangers, segmentStrangers } from './strangers.ts'
import { farNetwork, toExit } from './to-exit.ts'
import { translationZone } from './translated-connections.ts'
import { translatedLinks } from './translated-links.ts'
import { leaving, translation } from './translation.ts'
import { allTranslationPunts, translationPunts } from './translation-punts.ts'
import { trunks } from './trunk.ts'
import { tunnel } from './tunnel.ts'
import { unknown, unknownFromPeers } from './unknown.ts'
import { neighbourMeter, neighbourReplies, refresh, resolved, wayOut } from './way-out.ts'
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
      healthPunts,
      translation,
      translatedLinks,
      translationZone,
      leaving,
      translationPunts,
      allTranslationPunts,
    },
    ...{ wayOut, resolved, refresh, neighbourReplies, neighbourMeter, resolve, toExit, farNetwork },
    ...{ allowed, claims, senders },
    ...{ exitsHere, exitHere, icmpOfPeers, resolveOfPeers },
    ...{
      guard,
      denied,
      dhcpServer,
      filters,
      filtering,
      ownServices,
      securityGroup,
      groupMembers,
      groupMember,
    },
    ...{ ipv6, ipv6Router, ipv6Routing, ipv6RouteLink, ipv6RouteLinks },
    ...{ ipv6Guard, ipv6Filtering, ipv6SecurityGroup, ipv6GroupMembers, ipv6GroupMember },
    ...{ ipv6RoutedNetwork, ipv6RouterPort, ipv6Neighbour },
    ...{ segment, station, segmentPeers, segmentFlood, segmentStrangers, networkStrangers },
    ...{ unknown, unknownFromPeers, trunks },
  },
  puntPoints,
  learnedTables: learnedTables(pipeline.tables),
  names,
  wiring,
})
