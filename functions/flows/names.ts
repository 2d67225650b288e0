/** Names for people: which objects registers and cookies speak of, by the uuids that the API has for them. */
import { formatIpv4, type NamedCode, type ObjectName, type PipelineNames, type State } from 'openvnet'
import { ownerOfRule } from '../state/translation.ts'
import { features, puntPoints } from './codes.ts'
import { pipeline } from './pipeline.ts'
import { balancerOfGroup } from './translations/balancing.ts'

type TableWithUuid = { get(id: number): { readonly uuid: string } | undefined }

const of =
  (table: (state: State) => TableWithUuid): ObjectName =>
  (id, state) =>
    table(state).get(id)?.uuid

const keyed: ObjectName = (key, state) =>
  state.networks.one('tunnelKey', key)?.uuid ?? state.segments.one('tunnelKey', key)?.uuid
const datapath = of((state) => state.datapaths)
const network = of((state) => state.networks)
const segment = of((state) => state.segments)
const iface = of((state) => state.interfaces)
const route = of((state) => state.routes)
const routeLink = of((state) => state.routeLinks)
const securityGroup = of((state) => state.securityGroups)
const routeLinkKeyed: ObjectName = (key, state) => state.routeLinks.one('tunnelKey', key)?.uuid
/** A membership is known by its interface. */
const member: ObjectName = (id, state) => {
  const row = state.interfaceNetworks.get(id)
  return row && state.interfaces.get(row.interface_id)?.uuid
}
const station: ObjectName = (id, state) => {
  const row = state.interfaceSegments.get(id)
  return row && state.interfaces.get(row.interface_id)?.uuid
}
/** Cookies of what the switch learns begin with the key of the network or segment. */
const learnedIn: ObjectName = (id, state) => keyed(Math.floor(id / 2 ** 24), state)
const groupMember: ObjectName = (id, state) => {
  const row = state.securityGroupInterfaces.get(id)
  return row && state.interfaces.get(row.interface_id)?.uuid
}
const zone: ObjectName = (id, state) => {
  const row = state.conntrackZones.get(id)
  return row && state.interfaces.get(row.interface_id)?.uuid
}
const routesBySeveralLinks = 2 ** 31
const routing: ObjectName = (value, state) =>
  value >= routesBySeveralLinks ? route(value - routesBySeveralLinks, state) : routeLinkKeyed(value, state)

const address: ObjectName = (value) => formatIpv4(value)
/** In 0.0.0.0/8 no next hop is (RFC 1122, 3.2.1.3): these are routes that name an IPv6 gateway. */
const firstNextHop = 2 ** 24
const nextHop: ObjectName = (value, state) =>
  value >= firstNextHop ? address(value, state) : route(value, state)
const balancerOfGroupId: ObjectName = (id, state) => state.loadBalancers.get(balancerOfGroup(id))?.uuid
const filterOfRule: ObjectName = (id, state) => {
  const row = state.filterStatics.get(id)
  return row && state.filters.get(row.filter_id)?.uuid
}

/** Of what is no register; in some tables something else, by `table.field`. */
const fields = {
  group: balancerOfGroupId,
  ct_label: ownerOfRule,
  ct_mark: routeLinkKeyed,
  ...{ 'fromFilter.ct_mark': filterOfRule, 'toFilter.ct_mark': filterOfRule },
} as const satisfies Readonly<Record<string, ObjectName>>

const registers: Partial<Record<keyof typeof pipeline.registers, ObjectName>> = {
  network: keyed,
  inInterface: iface,
  outInterface: iface,
  peer: datapath,
  securityGroup,
  scope: keyed,
  routing,
  outRouter: member,
  routeLink: routeLinkKeyed,
  ...{ nextHop, otherSide: address, asked: address },
}

const ofFeatures: Partial<Record<keyof typeof features, ObjectName>> = {
  ...{ base: datapath, host: iface, port: iface, network, member, peer: datapath, flood: network },
  ...{ router: network, routeLink, routeLinks: route, routerPort: member, neighbour: member },
  ...{
    routing: datapath,
    zone,
    guard: member,
    securityGroup,
    groupMember,
    filters: iface,
    dhcpServer: iface,
  },
  ...{ filtering: datapath, translation: member, wayOut: network, exit: routeLink, toExit: routeLink },
  ...{ gateway: network, learnedNeighbour: network, failedNeighbour: network, ipv6: datapath },
  ...{ ipv6Router: network, ipv6RouteLink: routeLink, ipv6RouteLinks: route, ipv6RouterPort: member },
  ...{ ipv6Neighbour: member, ipv6Routing: datapath, segment, trunk: iface, trunks: datapath },
  ...{ vlanLease: datapath, speaker: member, ownServices: network, balancing: network, allowed: member },
  ...{ station, stranger: learnedIn, strangersElsewhere: learnedIn },
}

const ofPunts: Partial<Record<keyof typeof puntPoints, ObjectName>> = {
  ...{ dhcp: iface, icmp: iface, translation: iface, denied: iface, dns: iface, nextHop: iface },
  ...{ health: network, addressClaim: iface },
  ...{ nextHopReply: network, nextHopRefresh: datapath },
  ...{ neighbourProbe: iface, routerSolicitation: iface, dhcpv6: iface },
}

const coded = (
  codes: Readonly<Record<string, { readonly name: string; readonly code: number }>>,
  isPunt: boolean,
  objects: Readonly<Record<string, ObjectName | undefined>>,
): NamedCode[] =>
  Object.values(codes).map(({ name, code }) => ({ name, code, isPunt, objectOf: objects[name] }))

export const names: PipelineNames = {
  registers: pipeline.registers,
  tables: pipeline.tables,
  codes: [...coded(features, false, ofFeatures), ...coded(puntPoints, true, ofPunts)],
  objects: { ...registers, ...fields },
}
