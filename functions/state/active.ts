/**
 * Which interface is plugged in where: `active_interfaces`, `active_networks`, `active_segments` and what filtering needs there follow from the
 * ports that switches have, the ports that interfaces ask for, and the networks that interfaces are in. Whatever
 * changes one of those calls `deriveActive` in the same draft.
 */
import type { Draft, Row } from 'openvnet'
import { deriveActiveNetworks } from './active-networks.ts'
import { networksLedToBy, settleBehindPorts } from './behind-ports.ts'
import { isTunnelPort } from './encapsulation.ts'
import { unknown } from './fence.ts'
import { settleFiltering } from './filtering.ts'
import { settleTranslations } from './translation-place.ts'
import { deriveActiveVlans, networksOfEdge } from './vlans.ts'

type ActivePort = Row<'activePorts'>
type InterfacePort = Row<'interfacePorts'>

export interface Touched {
  readonly interfaceIds?: Iterable<number>
  /** Names of ports (or iface-ids) that came, went or changed. */
  readonly portNames?: Iterable<string>
  /** Networks and segments that interfaces may have left. */
  readonly networkIds?: Iterable<number>
  readonly segmentIds?: Iterable<number>
}

/** By age. Rows of this very draft are the newest; their ids are placeholders, which count downwards below zero. */
const byAge = (a: { readonly id: number }, b: { readonly id: number }) =>
  Number(a.id < 0) - Number(b.id < 0) || Math.abs(a.id) - Math.abs(b.id)

const fits = (claim: InterfacePort, port: ActivePort) =>
  claim.port_name !== null &&
  (claim.port_name === port.port_name || claim.port_name === port.iface_id) &&
  (claim.datapath_id === null || claim.datapath_id === port.datapath_id)

/** Who asks for this port, best first: by name on this datapath before by name on any, then the older request. */
function claimsOn(draft: Draft, port: ActivePort): InterfacePort[] {
  if (isTunnelPort(port.port_name)) return []
  const names =
    port.iface_id === null || port.iface_id === port.port_name
      ? [port.port_name]
      : [port.iface_id, port.port_name]
  const claims = names
    .flatMap((name) => draft.interfacePorts.many('portName', name))
    .filter((claim) => fits(claim, port) && claim.interface_mode !== 'remote')
  return claims.sort((a, b) => Number(a.datapath_id === null) - Number(b.datapath_id === null) || byAge(a, b))
}

/** Where an interface is: at a port, or at none of those that are known. */
interface Place {
  readonly port: Pick<ActivePort, 'port_name' | 'port_number'> | typeof noPort
  readonly singular: boolean | null
}
const noPort = { port_name: null, port_number: null } as const

function portsNamed(draft: Draft, name: string): ActivePort[] {
  return [...draft.activePorts.many('anyName', name), ...draft.activePorts.many('ifaceId', name)]
}

/** The ports that an interface holds: one a datapath, the newest; a singular interface holds the newest of all. */
function portsOf(draft: Draft, interfaceId: number): ReadonlyMap<number, Place> {
  const held = new Map<number, { port: ActivePort; singular: boolean | null }>()
  let newest: ActivePort | undefined
  for (const claim of draft.interfacePorts.many('interface', interfaceId)) {
    if (claim.port_name === null) continue
    for (const port of portsNamed(draft, claim.port_name)) {
      if (!fits(claim, port) || claimsOn(draft, port)[0]?.interface_id !== interfaceId) continue
      const other = held.get(port.datapath_id)
      if (other === undefined || byAge(other.port, port) < 0)
        held.set(port.datapath_id, { port, singular: claim.singular })
      if (claim.singular && (newest === undefined || byAge(newest, port) < 0)) newest = port
    }
  }
  if (newest !== undefined)
    for (const [datapathId, { port, singular }] of held)
      if (singular && port.id !== newest.id) held.delete(datapathId)
  return held
}

function interfacesTouched(draft: Draft, touched: Touched): Set<number> {
  const names = new Set(touched.portNames)
  const interfaceIds = new Set(touched.interfaceIds)
  for (const id of interfaceIds)
    for (const claim of draft.interfacePorts.many('interface', id))
      if (claim.port_name !== null) names.add(claim.port_name)
  for (const name of names) {
    for (const claim of draft.interfacePorts.many('portName', name)) interfaceIds.add(claim.interface_id)
    for (const port of portsNamed(draft, name))
      for (const claim of claimsOn(draft, port)) interfaceIds.add(claim.interface_id)
  }
  return interfaceIds
}

/**
 * A remote interface is where its owner is said to be, with no port: at a datapath whose switch is another system's, which
 * takes part by its tunnels.
 */
function placesOf(draft: Draft, { id, mode }: Row<'interfaces'>): ReadonlyMap<number, Place> {
  if (mode !== 'remote') return portsOf(draft, id)
  const claims = draft.interfacePorts.many('interface', id)
  return new Map(
    claims.flatMap(({ datapath_id, singular }) =>
      datapath_id === null ? [] : [[datapath_id, { port: noPort, singular }] as const],
    ),
  )
}

const same = (row: Row<'activeInterfaces'>, { port, singular }: Place) =>
  row.port_name === port.port_name &&
  row.port_number === port.port_number &&
  row.singular === (singular || null)

/** Brings the active rows of what was touched in line; everything else is left as it is. */
export function deriveActive(draft: Draft, touched: Touched): void {
  const interfaceIds = interfacesTouched(draft, touched)
  settleBehindPorts(draft, [
    ...(touched.networkIds ?? []),
    ...[...interfaceIds].flatMap((id) => networksLedToBy(draft, id)),
  ])
  const left = new Set<number>()
  const wanted = [...interfaceIds].map((id) => {
    const row = draft.interfaces.get(id)
    return { id, held: row === undefined ? new Map<number, Place>() : placesOf(draft, row) }
  })
  // What goes, goes first: a port changes hands without ever belonging to two.
  for (const { id, held } of wanted)
    for (const row of [...draft.activeInterfaces.many('interface', id)]) {
      const place = held.get(row.datapath_id)
      if (place !== undefined && same(row, place)) continue
      draft.activeInterfaces.delete(row.id)
      if (place === undefined) left.add(row.datapath_id)
    }
  for (const { id, held } of wanted)
    for (const [datapathId, { port, singular }] of held) {
      if (draft.activeInterfaces.one('pair', id, datapathId) !== undefined) continue
      draft.activeInterfaces.insert({
        interface_id: id,
        datapath_id: datapathId,
        port_name: port.port_name,
        port_number: port.port_number,
        singular: singular || null,
      })
    }
  deriveActiveNetworks(draft, {
    interfaceIds,
    left,
    networkIds: touched.networkIds,
    segmentIds: touched.segmentIds,
  })
  deriveActiveVlans(draft, [
    ...(touched.networkIds ?? []),
    ...[...interfaceIds].flatMap((id) => networksOfEdge(draft, id)),
  ])
  for (const id of interfaceIds) settleFiltering(draft, id)
  for (const id of interfaceIds) settleTranslations(draft, id)
}

/** Deletes an interface and lets go of what it held. */
export function deleteInterface(draft: Draft, interfaceId: number): void {
  // One that is plugged in nowhere leaves nothing behind, and must not collide with whoever joins its networks.
  const isActive = draft.activeInterfaces.many('interface', interfaceId).length > 0
  const networks = isActive ? draft.interfaceNetworks.many('interface', interfaceId) : []
  const segments = isActive ? draft.interfaceSegments.many('interface', interfaceId) : []
  const networkIds = [...networks.map((row) => row.network_id), ...networksLedToBy(draft, interfaceId)]
  const segmentIds = segments.map((row) => row.segment_id)
  const portNames = draft.interfacePorts.many('interface', interfaceId).flatMap((row) => row.port_name ?? [])
  draft.interfaces.delete(interfaceId)
  deriveActive(draft, { portNames, networkIds, segmentIds })
}

/** Where a host is behind a datapath: by its interface, else by what its bridge remembers. */
function uplinkPortName(draft: Draft, datapathId: number): string | null {
  const host = draft.activeInterfaces
    .many('datapath', datapathId)
    .find(({ interface_id }) => draft.interfaces.get(interface_id)?.mode === 'host')
  return host?.port_name ?? draft.activePorts.one('uplink', datapathId, true)?.port_name ?? null
}

/**
 * Deletes a datapath with its ports; interfaces that were plugged in there may have another place. That it was there is
 * kept, until a datapath with its id is registered again.
 */
export function deleteDatapath(draft: Draft, datapathId: number): void {
  const { dpid } = draft.datapaths.get(datapathId)!
  const uplink_port_name = uplinkPortName(draft, datapathId)
  const before = draft.deletedDatapaths.one('dpid', dpid)
  if (before === undefined) draft.deletedDatapaths.insert({ dpid, uplink_port_name })
  else draft.deletedDatapaths.update(before.id, { uplink_port_name })
  const interfaceIds = draft.activeInterfaces.many('datapath', datapathId).map((row) => row.interface_id)
  // Nobody can hear from it any more: what it served waits from now on.
  for (const { id } of [...draft.activeVlans.many('datapath', datapathId)])
    draft.activeVlans.update(id, { interface_id: null, datapath_id: null, ...unknown })
  for (const { id } of [...draft.activeRouters.many('datapath', datapathId)])
    draft.activeRouters.update(id, { speaks: false, datapath_id: null, ...unknown })
  draft.datapaths.delete(datapathId)
  deriveActive(draft, { interfaceIds })
}
