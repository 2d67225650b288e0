/** Networks, segments and route links that span a datapath, and the host interface that carries them there. */
import { type ApiEnvironment, ApiError, argumentError, type Draft, type InputOf, type Row } from 'openvnet'
import { find, findOptional } from '../common/find.ts'
import { checkMac, freeMac } from '../leases/addresses.ts'
import { macOfGroup } from '../leases/mac-ranges.ts'
import type { datapaths } from './operations.ts'

type Operations = typeof datapaths.operations

/** The interface must be the hypervisor's own, and on this datapath: its address is where tunnels end. */
function checkCarrier(draft: Draft, datapath: Row<'datapaths'>, carrier: Row<'interfaces'>) {
  if (carrier.mode !== 'host')
    throw argumentError(`interface_uuid: ${carrier.uuid} is no host interface, its mode is ${carrier.mode}`)
  const here = draft.interfacePorts
    .many('interface', carrier.id)
    .some((port) => port.datapath_id === null || port.datapath_id === datapath.id)
  const elsewhere = [
    ...draft.datapathNetworks.many('interface', carrier.id),
    ...draft.datapathSegments.many('interface', carrier.id),
    ...draft.datapathRouteLinks.many('interface', carrier.id),
  ].find((row) => row.datapath_id !== datapath.id)
  if (elsewhere !== undefined)
    throw argumentError(
      `interface_uuid: ${carrier.uuid} carries networks of ${draft.datapaths.get(elsewhere.datapath_id)?.uuid} already`,
    )
  if (!here) throw argumentError(`interface_uuid: ${carrier.uuid} has no port on ${datapath.uuid}`)
}

interface Request {
  readonly uuid: string
  readonly interface_uuid: string
  readonly mac_address?: number | undefined
  readonly mac_range_group_uuid?: string | undefined
}

/** The given address, one of the given group, or any. */
function macOf({ state, random }: ApiEnvironment, request: Request): number {
  const group = findOptional(state, 'macRangeGroups', request.mac_range_group_uuid, 'mac_range_group_uuid')
  const given = request.mac_address ?? (group && macOfGroup(state, group, () => random()))
  if (given === undefined) return freeMac(state, () => random())
  checkMac(state, given)
  return given
}

/** What rows for a network, a segment and a route link have in common. */
function carrierOf(request: Request, datapath: Row<'datapaths'>, environment: ApiEnvironment) {
  const { state } = environment
  const carrier = find(state, 'interfaces', request.interface_uuid, 'interface_uuid')
  checkCarrier(state, datapath, carrier)
  return {
    datapath_id: datapath.id,
    interface_id: carrier.id,
    mac_address: macOf(environment, request),
    ip_lease_id: state.ipLeases.many('interface', carrier.id)[0]?.id ?? null,
  }
}

const already = (datapath: Row<'datapaths'>, uuid: string) =>
  new ApiError('RelationAlreadyExists', `${datapath.uuid} <=> ${uuid}`)
const missing = (parameters: object) =>
  new ApiError('UnknownResource', `Couldn't find resource with parameters: ${JSON.stringify(parameters)}`)

export function addNetwork(
  input: InputOf<Operations['addNetwork']>,
  environment: ApiEnvironment,
): Row<'datapathNetworks'> {
  const { state } = environment
  const datapath = find(state, 'datapaths', input.uuid)
  const network = find(state, 'networks', input.network_uuid, 'network_uuid')
  if (state.datapathNetworks.one('pair', datapath.id, network.id) !== undefined)
    throw already(datapath, network.uuid)
  const carrier = carrierOf(input, datapath, environment)
  return state.datapathNetworks.insert({ ...carrier, network_id: network.id })
}

export function addSegment(
  input: InputOf<Operations['addSegment']>,
  environment: ApiEnvironment,
): Row<'datapathSegments'> {
  const { state } = environment
  const datapath = find(state, 'datapaths', input.uuid)
  const segment = find(state, 'segments', input.segment_uuid, 'segment_uuid')
  if (state.datapathSegments.one('pair', datapath.id, segment.id) !== undefined)
    throw already(datapath, segment.uuid)
  const carrier = carrierOf(input, datapath, environment)
  return state.datapathSegments.insert({ ...carrier, segment_id: segment.id })
}

export function addRouteLink(
  input: InputOf<Operations['addRouteLink']>,
  environment: ApiEnvironment,
): Row<'datapathRouteLinks'> {
  const { state } = environment
  const datapath = find(state, 'datapaths', input.uuid)
  const routeLink = find(state, 'routeLinks', input.route_link_uuid, 'route_link_uuid')
  if (state.datapathRouteLinks.one('pair', datapath.id, routeLink.id) !== undefined)
    throw already(datapath, routeLink.uuid)
  const carrier = carrierOf(input, datapath, environment)
  return state.datapathRouteLinks.insert({ ...carrier, route_link_id: routeLink.id })
}

export function removeNetwork(input: InputOf<Operations['removeNetwork']>, { state }: ApiEnvironment) {
  const datapath = find(state, 'datapaths', input.uuid)
  const network = find(state, 'networks', input.network_uuid, 'network_uuid')
  const row = state.datapathNetworks.one('pair', datapath.id, network.id)
  if (row === undefined) throw missing(input)
  state.datapathNetworks.delete(row.id)
  return [network.uuid]
}

export function removeSegment(input: InputOf<Operations['removeSegment']>, { state }: ApiEnvironment) {
  const datapath = find(state, 'datapaths', input.uuid)
  const segment = find(state, 'segments', input.segment_uuid, 'segment_uuid')
  const row = state.datapathSegments.one('pair', datapath.id, segment.id)
  if (row === undefined) throw missing(input)
  state.datapathSegments.delete(row.id)
  return [segment.uuid]
}

export function removeRouteLink(input: InputOf<Operations['removeRouteLink']>, { state }: ApiEnvironment) {
  const datapath = find(state, 'datapaths', input.uuid)
  const routeLink = find(state, 'routeLinks', input.route_link_uuid, 'route_link_uuid')
  const row = state.datapathRouteLinks.one('pair', datapath.id, routeLink.id)
  if (row === undefined) throw missing(input)
  state.datapathRouteLinks.delete(row.id)
  return [routeLink.uuid]
}
