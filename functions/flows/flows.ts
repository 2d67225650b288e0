/** Flows as a function of the state. */
import { flows } from 'openvnet'
import { base } from './base.ts'
import { datapath } from './datapath.ts'
import { flood } from './flood.ts'
import { host } from './host.ts'
import { member } from './member.ts'
import { network } from './network.ts'
import { peers } from './peers.ts'
import { puntPoints } from './pipeline.ts'
import { port } from './port.ts'
import { allDnsPunts, allPunts, dnsPunts, punts } from './punts.ts'
import { tunnel } from './tunnel.ts'

export default flows({
  features: {
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
  puntPoints,
})
