/** Names for people: which objects registers and cookies speak of, by the uuids that the API has for them. */
import type { ObjectName, PipelineNames, State } from 'openvnet'
import { features, puntPoints } from './codes.ts'
import { pipeline } from './pipeline.ts'

type TableWithUuid = { get(id: number): { readonly uuid: string } | undefined }

const of =
  (table: (state: State) => TableWithUuid): ObjectName =>
  (id, state) =>
    table(state).get(id)?.uuid

const network: ObjectName = (key, state) =>
  state.networks.one('tunnelKey', key)?.uuid ?? state.segments.one('tunnelKey', key)?.uuid
const datapath = of((state) => state.datapaths)
const networkById = of((state) => state.networks)
const iface = of((state) => state.interfaces)
const route = of((state) => state.routes)
/** A membership is known by its interface. */
const member: ObjectName = (id, state) => {
  const row = state.interfaceNetworks.get(id)
  return row && state.interfaces.get(row.interface_id)?.uuid
}
const securityGroup = of((state) => state.securityGroups)
/** Of a row that makes an interface a member of a group, the interface. */
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
  value >= routesBySeveralLinks
    ? route(value - routesBySeveralLinks, state)
    : state.routeLinks.one('tunnelKey', value)?.uuid

const registers: Partial<Record<keyof typeof pipeline.registers, ObjectName>> = {
  network,
  inInterface: iface,
  outInterface: iface,
  peer: datapath,
  routing,
  outRouter: member,
  securityGroup,
}

const codes: Partial<Record<keyof typeof features | keyof typeof puntPoints, ObjectName>> = {
  base: datapath,
  host: iface,
  port: iface,
  network: networkById,
  member,
  peer: datapath,
  flood: networkById,
  router: networkById,
  routeLink: of((state) => state.routeLinks),
  routeLinks: route,
  routerPort: member,
  neighbour: member,
  routing: datapath,
  zone,
  guard: member,
  securityGroup,
  groupMember,
  filters: iface,
  filtering: datapath,
  ownServices: networkById,
  dhcp: iface,
  icmp: iface,
  dns: iface,
}

export const names: PipelineNames = {
  registers: pipeline.registers,
  tables: pipeline.tables,
  codes: { ...features, ...puntPoints },
  objects: { registers, codes },
}
