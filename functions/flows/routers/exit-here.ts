/**
 * What other datapaths send here to be routed into a physical network, or to machines that this one asks for: in a tunnel,
 * under the key of the route link that it came in by, from those that have a network of that route link and no way out of
 * their own.
 */
import { cookieOf, type Flow, type FlowFunction, type State } from 'openvnet'
import { egressIpv6Routes, egressIpv6RoutesInto } from '../../state/ipv6-routing.ts'
import { hasPeers, isPhysical } from '../../state/networks.ts'
import { networksInto } from '../../state/route-links.ts'
import { egressRoutes, egressRoutesInto } from '../../state/routing.ts'
import { features, pipeline } from '../pipeline.ts'
import { vlanNone } from '../places.ts'
import { tunnelPortOf, tunnelUnit } from '../tunnel.ts'
import {
  exitOfRoute,
  type LinkToExit,
  linkToExit,
  mayLeaveElsewhere,
  seekerOfRoute,
  speakerOf,
} from './exits.ts'

/** Who sends here, with how: by the address that it comes from, since two that claim the same cannot be told apart. */
function senders(state: State, datapathId: number, routeLinkId: number): LinkToExit[] {
  const found = new Map<string, LinkToExit>()
  const routes = [...egressRoutes(state, routeLinkId), ...egressIpv6Routes(state, routeLinkId)]
  const out = routes.filter((route) => mayLeaveElsewhere(state, route))
  const sendsHere = (id: number) =>
    out.some((route) => exitOfRoute(state, id, route) === datapathId) ||
    routes.some((route) => seekerOfRoute(state, id, route) === datapathId)
  const seen = new Set<number>([datapathId])
  for (const network of networksInto(state, routeLinkId)) {
    if (!hasPeers(network)) continue
    for (const { datapath_id: id } of state.activeNetworks.many('network', network.id)) {
      if (seen.has(id)) continue
      seen.add(id)
      if (!sendsHere(id)) continue
      const sender = linkToExit(state, id, datapathId, routeLinkId)
      if (sender !== undefined)
        found.set(`${sender.network.encapsulation} ${sender.link.localAddress}`, sender)
    }
  }
  return [...found.values()]
}

const leadsIpv6 = (state: State, routeLinkId: number) => egressIpv6Routes(state, routeLinkId).length > 0

/** What has the routes of a route link. */
const linkUnits = (state: State, routeLinkId: number) =>
  leadsIpv6(state, routeLinkId) ? ['routeLink', 'ipv6RouteLink'] : ['routeLink']

/** The object is the route link. */
export const exitHere: FlowFunction = ({ datapathId, objectId: routeLinkId }, state) => {
  const key = state.routeLinks.get(routeLinkId)?.tunnel_key_id
  if (key === undefined) return { flows: [] }
  const cookie = cookieOf(features.exit, routeLinkId)
  const all = senders(state, datapathId, routeLinkId)
  if (all.length === 0) return { flows: [] }
  return {
    flows: all.flatMap(({ link, network }): Flow[] => {
      const port = tunnelPortOf(state, datapathId, network)
      if (port === undefined) return []
      return [
        pipeline.flow('tunnel', {
          cookie,
          priority: 100,
          match: {
            in_port: port,
            vlan_vid: vlanNone,
            tunnel_id: key,
            tun_src: link.localAddress,
            tun_dst: link.peerAddress,
          },
          steps: [
            { set: 'origin', to: 'peerByTunnel' },
            { set: 'routing', to: key },
          ],
          goto: 'route',
        }),
      ]
    }),
    children: [
      ...all.map(({ network }) => tunnelUnit(datapathId, network)),
      ...linkUnits(state, routeLinkId).map((feature) => ({ feature, datapathId, objectId: routeLinkId })),
      ...[
        'routing',
        ...(leadsIpv6(state, routeLinkId) ? ['ipv6Routing'] : []),
        'icmpOfPeers',
        'resolveOfPeers',
      ].map((feature) => ({
        feature,
        datapathId,
        objectId: datapathId,
      })),
    ],
  }
}

/** The route links by which others may send into a network from here. The object is the network. */
export const exitsHere: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const links = [...egressRoutesInto(state, networkId), ...egressIpv6RoutesInto(state, networkId)]
    .filter(
      ({ router, network }) =>
        !isPhysical(network) || speakerOf(state, router.interfaceId, networkId) === datapathId,
    )
    .map((route) => route.route_link_id)
  return {
    flows: [],
    children: [...new Set(links)].map((objectId) => ({ feature: 'exitHere', datapathId, objectId })),
  }
}
