/**
 * Physical networks that another datapath leads to. A packet gets there encapsulated, under the key of its route link, and
 * is routed there; so it is on the wire, too, where its MAC addresses would say nothing.
 */
import { cookieOf, type Flow, type FlowFunction, type State } from 'openvnet'
import { egressIpv6Routes, egressIpv6RoutesInto } from '../../state/ipv6-routing.ts'
import { egressRoutes, egressRoutesInto, type WorkingRoute } from '../../state/routing.ts'
import { translates } from '../../state/translation.ts'
import { simulatedIpv6Far } from '../ipv6/ipv6-far.ts'
import { features, pipeline } from '../pipeline.ts'
import { tunnelPortOf, tunnelUnit } from '../tunnel.ts'
import { exitOfRoute, linkToExit, seekerOfRoute } from './exits.ts'
import { simulated } from './neighbour.ts'

/**
 * The routes of a route link that another datapath leads on, by the datapath that leads there. What is for addresses that
 * nobody has leased goes to who asks for those.
 */
function routesByExit(state: State, datapathId: number, routeLinkId: number) {
  const found = new Map<number, { readonly network_id: number }[]>()
  for (const route of [...egressIpv6Routes(state, routeLinkId), ...egressRoutes(state, routeLinkId)]) {
    const exitId = exitOfRoute(state, datapathId, route)
    const isHere = exitId === datapathId
    const ledBy = isHere ? seekerOfRoute(state, datapathId, route) : exitId
    if (ledBy !== undefined) found.set(ledBy, [...(found.get(ledBy) ?? []), ...(isHere ? [] : [route])])
  }
  return found
}

/** The object is the route link. */
export const toExit: FlowFunction = ({ datapathId, objectId: routeLinkId }, state) => {
  const key = state.routeLinks.get(routeLinkId)?.tunnel_key_id
  if (key === undefined) return { flows: [] }
  const cookie = cookieOf(features.toExit, routeLinkId)
  const exits = [...routesByExit(state, datapathId, routeLinkId)].flatMap(([exitId, routes]) => {
    const found = linkToExit(state, datapathId, exitId, routeLinkId)
    return found === undefined ? [] : [{ exitId, routes, ...found }]
  })
  const flows = exits.flatMap(({ exitId, network, link }): Flow[] => {
    const port = tunnelPortOf(state, datapathId, network)
    const match = { peer: exitId, tunnel_id: key }
    return [
      pipeline.flow('toExit', {
        cookie,
        priority: 150,
        match: { ...match, tooLarge: 'yes' },
        steps: [{ set: 'icmpError', to: 'fragmentationNeeded' }],
        goto: 'icmp',
      }),
      ...(port === undefined
        ? []
        : [
            pipeline.flow('toExit', {
              cookie,
              priority: 100,
              match,
              steps: [
                { set: 'tun_src', to: link.localAddress },
                { set: 'tun_dst', to: link.peerAddress },
                { output: port },
              ],
            }),
          ]),
    ]
  })
  const farNetworks = new Set(exits.flatMap(({ routes }) => routes.map(({ network_id }) => network_id)))
  return {
    flows,
    children: [
      ...exits.map(({ network }) => tunnelUnit(datapathId, network)),
      ...[...farNetworks].map((objectId) => ({ feature: 'farNetwork', datapathId, objectId })),
    ],
  }
}

/** Whether an address of a router interface that translates is its own for echo requests. */
const answersItself = (state: State, { network_id }: WorkingRoute, address: number) =>
  state.ipLeases.one('address', network_id, address)?.enable_routing === false

/** The routers of a physical network that others lead to have their addresses here as well. The object is the network. */
export const farNetwork: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const cookie = cookieOf(features.network, networkId)
  const addresses = new Map<number, Flow[]>()
  for (const route of egressRoutesInto(state, networkId))
    if (exitOfRoute(state, datapathId, route) !== datapathId)
      for (const { ipv4 } of route.router.addresses) {
        const [echo, unreachable] = simulated('toExit', cookie, route.network.tunnel_key_id, ipv4)
        const own = answersItself(state, route, ipv4) ? [echo!] : []
        // Where it translates, what its addresses stand for is known there.
        addresses.set(ipv4, translates(state, route.interface_id) ? own : [echo!, unreachable!])
      }
  const far = egressIpv6RoutesInto(state, networkId).filter(
    (route) => exitOfRoute(state, datapathId, route) !== datapathId,
  )
  const all = new Map(
    far.flatMap(({ network, router }) => router.addresses.map(({ ipv6 }) => [ipv6, network] as const)),
  )
  const ipv6 = [...all].flatMap(([ip, network]) =>
    simulatedIpv6Far('toExit', cookie, network.tunnel_key_id, ip),
  )
  return { flows: [...[...addresses.values()].flat(), ...ipv6] }
}
