/**
 * Where packets leave for a physical network: on the datapath where they are if it has a host interface in that network,
 * else on another that has. A router interface that has an owner is on that datapath alone.
 */
import type { State } from 'openvnet'
import { carrierOf } from '../../state/host-interfaces.ts'
import { hasPeers, isActiveOn, isPhysical, type Network } from '../../state/networks.ts'
import { networksInto } from '../../state/route-links.ts'
import { seekerOf } from '../../state/seekers.ts'
import { ownersOf, speakerIn } from '../../state/speakers.ts'
import { remembersConnections } from '../../state/translation.ts'
import { translationPlace } from '../../state/translation-place.ts'
import { type Link, linkTo } from '../underlay.ts'

/**
 * The datapath that is the router for the machines of a physical network: it alone answers for the router's address and
 * sends under its MAC, which physical switches would else see move.
 */
export const speakerOf = (state: State, routerId: number, networkId: number): number | undefined =>
  remembersConnections(state, routerId)
    ? translationPlace(state, routerId)?.datapath_id
    : speakerIn(state, routerId, networkId)

/** The datapath by which packets of this one leave for a physical network by a router interface; undefined: there is none. */
function exitOf(state: State, datapathId: number, routerId: number, networkId: number): number | undefined {
  if (remembersConnections(state, routerId)) return translationPlace(state, routerId)?.datapath_id
  const owners = ownersOf(state, routerId)
  const mayBeHere = owners.length === 0 || owners.includes(datapathId)
  if (mayBeHere && carrierOf(state, datapathId, networkId) !== undefined) return datapathId
  return speakerOf(state, routerId, networkId)
}

/** A route of either family, as to where it leads. */
export interface Leading {
  readonly network: Network
  readonly router: { readonly interfaceId: number }
}

/** Whether packets may have to leave by another datapath. */
export const mayLeaveElsewhere = (state: State, { network, router }: Leading) =>
  isPhysical(network) || remembersConnections(state, router.interfaceId)

/** The same of a route; of one that leads into a virtual network it is the datapath itself, unless connections are translated. */
export const exitOfRoute = (state: State, datapathId: number, route: Leading) =>
  mayLeaveElsewhere(state, route)
    ? exitOf(state, datapathId, route.router.interfaceId, route.network.id)
    : datapathId

/** Another datapath that packets of a route go to where nobody has leased their address; undefined: there is none. */
export function seekerOfRoute(state: State, datapathId: number, { network, router }: Leading) {
  const seekerId = seekerOf(state, datapathId, network)
  return seekerId === datapathId || remembersConnections(state, router.interfaceId) ? undefined : seekerId
}

/** How packets of a route link get to the datapath where they leave: in the encapsulation of a network that both have. */
export interface LinkToExit {
  readonly link: Link
  readonly network: Network
}

/** By the first of the route link's networks that the datapath has and that links the two. */
export function linkToExit(
  state: State,
  datapathId: number,
  exitId: number,
  routeLinkId: number,
): LinkToExit | undefined {
  for (const network of networksInto(state, routeLinkId)) {
    if (!hasPeers(network) || !isActiveOn(state, network.id, datapathId)) continue
    const link = linkTo(state, datapathId, exitId, network.id)
    if (link !== undefined) return { link, network }
  }
  return undefined
}
