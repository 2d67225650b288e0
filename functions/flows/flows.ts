/** Flows as a function of the state. */
import { flows } from 'openvnet'
import { base } from './base.ts'
import { datapath } from './datapath.ts'
import { flood } from './flood.ts'
import { host } from './host.ts'
import { allIcmpPunts, icmp } from './icmp.ts'
import { ipv6 } from './ipv6.ts'
import { member } from './member.ts'
import { names } from './names.ts'
import { neighbour } from './neighbour.ts'
import { network } from './network.ts'
import { peers } from './peers.ts'
import { puntPoints } from './pipeline.ts'
import { port } from './port.ts'
import { allDnsPunts, allPunts, dnsPunts, punts } from './punts.ts'
import { routeLink, routeLinks } from './route-link.ts'
import { routedNetwork, routerPort } from './routed-network.ts'
import { router } from './router.ts'
import { routing } from './routing.ts'
import { translatedLinks, translation } from './translation.ts'
import { allTranslationPunts, translationPunts } from './translation-punts.ts'
import { tunnel } from './tunnel.ts'

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
    ...{ translation, translatedLinks, translationPunts, allTranslationPunts },
    ...{ ipv6 },
  },
  puntPoints,
  names,
})
